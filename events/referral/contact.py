"""How people were reached."""

from typing import Literal

Channel = Literal["phone", "text", "e-mail", "letter", "visit", "in-person", "other"]
Result = Literal["reached", "left-message", "no-answer", "wrong-contact", "appointment-made", "not-safe-to-talk"]
