"""On whose behalf something is said, and through which door."""

from dataclasses import dataclass

from events.authority import PARTNER, SYSTEM
from events.envelope import Door


@dataclass(frozen=True, slots=True)
class Partner:
    """A partner's system, or a person (`actor`, a random id) of that partner."""

    initiative: str
    partner: str
    actor: str | None = None
    door: Door = "cli"
    #: The second person, where the door saw them approve.
    approver: str | None = None
    #: Whether the person acts as a registrar: who holds the role and acts as staff says what staff may say.
    as_registrar: bool = False

    @property
    def source(self) -> str:
        return PARTNER + self.partner


@dataclass(frozen=True, slots=True)
class System:
    """A part of this system, in process: `init`, erasure, timekeeping.  No door makes one from outside."""

    initiative: str
    name: str
    door: Door = "system"

    @property
    def source(self) -> str:
        return SYSTEM + self.name


Caller = Partner | System
