"""What one chunk of rows is judged by, and what comes of a row that passes."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from events.door import Said
from services.admission.caller import Caller
from services.admission.digest import Naming
from services.admission.parse import Parsed
from services.admission.standing import Standing


@dataclass(slots=True)
class Held:
    """A row of the register: the record key of a subject, and who takes part in it."""

    record: str
    opener: str
    participants: set[str] = field(default_factory=set)
    published: bool = False


@dataclass(slots=True)
class Found:
    """What `keep` holds of the things that a chunk names, and what its own earlier rows add to that."""

    #: Client ids by the caller's own names for them.  A name stands for itself until its client id is minted.
    clients: dict[str, str] = field(default_factory=dict)
    #: Register rows by subject.
    held: dict[str, Held] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Context:
    """Everything beside the row that decides about it."""

    caller: Caller
    standing: Standing
    naming: Naming
    now: datetime
    found: Found
    #: The types that a deployed rulebook judges.
    supported: Collection[str]
    #: The window of history that the caller is loading, by the id on the log.
    backfill: str | None = None


@dataclass(slots=True)
class Draft:
    """A row that may be published, but for minting its client and sealing its text."""

    row: int
    parsed: Parsed
    id: str
    subject: str
    #: The record key, or the caller's name for a client that is yet to be minted.
    record: str
    actor: str | None
    admitted: Mapping[str, Any]
    #: The partners that become participants of the subject.
    joins: tuple[str, ...] = ()
    opens: bool = False
    #: The subject was opened by an earlier row of the same chunk.
    leans: bool = False
    registers: bool = False

    @property
    def type(self) -> str:
        return self.parsed.type

    @property
    def said(self) -> Said:
        return self.parsed.said

    @property
    def makes(self) -> str | None:
        """What later rows find because of this one: the client it registers or the subject it opens."""
        if self.registers:
            return self.record
        return self.subject if self.opens else None

    def missing(self, fallen: Collection[str]) -> str | None:
        """Return the pointer of what this row stands on when it is among the fallen."""
        if self.said.client is not None and self.record in fallen and not self.registers:
            return "/client"
        return "/subject" if self.leans and self.subject in fallen else None


def alive(drafts: Iterable[Draft | None]) -> list[Draft]:
    """Return the drafts that are still to be published."""
    return [draft for draft in drafts if draft is not None]
