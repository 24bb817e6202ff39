"""On whose behalf something is said, and through which door."""

from dataclasses import dataclass

from events.authority import CLIENT_LINK, LINK, PARTNER, SYSTEM
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
class Link:
    """Whoever holds the link to one offer, without an account: it speaks of that offer, for its recipient."""

    initiative: str
    #: The partner that the offer was made to when the link was made.
    partner: str
    offer: str
    referral: str
    #: The record key that the referral stands under.
    record: str
    #: Names the link on the log; whoever knows it cannot open anything.
    random: str

    @property
    def door(self) -> Door:
        return "link"

    @property
    def source(self) -> str:
        return LINK + self.random


@dataclass(frozen=True, slots=True)
class ClientLink:
    """A client by their own link: it speaks of what they allow, and of whether their needs were met."""

    initiative: str
    #: The client's record key.
    record: str
    #: Names the link on the log; whoever knows it cannot open anything.
    random: str

    @property
    def door(self) -> Door:
        return "link"

    @property
    def source(self) -> str:
        return CLIENT_LINK + self.random


@dataclass(frozen=True, slots=True)
class System:
    """A part of this system, in process: `init`, erasure, timekeeping.  No door makes one from outside."""

    initiative: str
    name: str
    door: Door = "system"

    @property
    def source(self) -> str:
        return SYSTEM + self.name


Caller = Partner | Link | ClientLink | System
