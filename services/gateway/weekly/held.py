"""Links of weekly mails as `keep` has them: found by their secret, and what was answered through them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from services.gateway.principal import Kind, Principal
from services.gateway.store import Keep, Row
from services.runtime.random import hashed

SQL = Path(__file__).with_name("held.sql")


@dataclass(frozen=True, slots=True)
class Asked:
    """The mail that a link came in: whom it asks, of what, and until when."""

    mail: str
    initiative: str
    partner: str
    #: The services that it asks about, by id.
    services: tuple[str, ...]
    #: What was said of a service since then needs no answer.
    written: datetime
    ends: datetime
    #: The partner still has its mails sent to where this one went.
    addressed: bool

    @property
    def principal(self) -> Principal:
        """Return who looks and speaks through it."""
        return Principal(Kind.LINK, self.initiative, self.partner, credential=f"weekly:{self.mail}")


class Answer(NamedTuple):
    """What was answered, as it was kept first: the data of each event, and when it was said."""

    at: datetime
    said: Sequence[Mapping[str, Any]]
    #: All of it stands on the log and was applied.
    published: bool


class Held:
    """Every link.  Each method raises Away when PostgreSQL does not answer."""

    def __init__(self, keep: Keep) -> None:
        self._keep = keep

    async def find(self, secret: str) -> Asked | None:
        """Return what the link of this secret leads to, whether it is still in force or not."""
        row = await self._keep.one(SQL, "find", hashed(secret))
        return None if row is None else Asked(**{**row, "services": tuple(row["services"])})

    async def answered(self, mail: str, answer: bytes) -> Answer | None:
        """Return what was answered before, if it was."""
        row = await self._keep.one(SQL, "answered", mail, answer)
        return None if row is None else _answer(row)

    async def answer(self, mail: str, answer: bytes, said: Sequence[Mapping[str, Any]], at: datetime) -> Answer:
        """Keep what is answered and return it as it was kept first."""
        [row] = await self._keep.fetch(SQL, "answer", mail, answer, at, orjson.dumps(said).decode())
        return _answer(row)

    async def published(self, mail: str, answer: bytes) -> None:
        """Note that all of it was applied."""
        await self._keep.fetch(SQL, "published", mail, answer)


def _answer(row: Row) -> Answer:
    return Answer(row["at"], orjson.loads(row["said"]), row["published"])
