"""What the system makes of an event: applied, applied in part, refused, or a duplicate."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Applied:
    """The event changed its aggregates' state (or was noted without a change)."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The event breaks a rule and changes nothing; `code` stands in `events.codes`, `detail` says which part."""

    code: str
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Partly:
    """Some of the event's items were applied; `refused` names the others by index."""

    refused: tuple[tuple[int, Refused], ...]


@dataclass(frozen=True, slots=True)
class Duplicate:
    """The same event stood on the log before, at offset `of`; its first ruling holds."""

    of: int


#: What a rule may answer; duplicates are found before any rule is asked.
Judgement = Applied | Partly | Refused
Ruling = Judgement | Duplicate
APPLIED = Applied()
