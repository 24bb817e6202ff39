"""Tokens by which partner systems are known: random, kept as a hash, scoped, expiring, replaced and taken back."""

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from pathlib import Path
from string import ascii_lowercase

from services.gateway.store import Keep, Row, Transaction
from services.runtime.errors import Fault

SQL = Path(__file__).with_name("tokens.sql")
PREFIX = 8
#: 256 random bits.
SECRET_BYTES = 32
_FORM = re.compile(r"mh_([a-z]{8})_([A-Za-z0-9_-]{43})")
#: How long a token lives when nothing else is said, and how long the one before a new one goes on.
LIFE, OVERLAP = timedelta(days=365), timedelta(days=7)


class AlreadyReplaced(Fault):
    """The token has a successor that is valid."""

    code = "already-replaced"
    hint = "Replace the successor, or revoke it first where nobody has its text."


@dataclass(frozen=True, slots=True)
class Holder:
    """Whom a token speaks for, and what it is narrowed to."""

    initiative: str
    partner: str
    person: str | None
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Issued:
    """A token that was just made: its text is shown here and never again."""

    text: str
    expires: datetime

    @property
    def prefix(self) -> str:
        return self.text.split("_", 2)[1]

    def __repr__(self) -> str:
        return f"Issued({self.prefix})"


@dataclass(frozen=True, slots=True)
class Listed:
    """A token as lists show it."""

    prefix: str
    initiative: str
    partner: str
    person: str | None
    scopes: tuple[str, ...]
    issued: datetime
    expires: datetime
    revoked: datetime | None
    replaces: str | None


class Tokens:
    """Every token of the deployment.  Each method raises Away when PostgreSQL does not answer.

    `by` is the person who wants it, and is noted.
    """

    def __init__(self, keep: Keep) -> None:
        self._keep = keep

    async def holder(self, text: str) -> tuple[str, Holder] | None:
        """Return the prefix and the holder of a token that is valid now; None for any other text."""
        form = _FORM.fullmatch(text)
        row = await self._keep.one(SQL, "find", form[1]) if form else None
        if form is None or row is None or not compare_digest(row["sha256"], _hash(text)):
            return None
        return form[1], _holder(row)

    async def issue(self, holder: Holder, life: timedelta = LIFE, *, by: str | None = None) -> Issued:
        """Make a token for the holder."""
        async with self._keep.transaction() as transaction:
            return await _added(transaction, holder, life, None, by)

    async def rotate(
        self, prefix: str, life: timedelta = LIFE, overlap: timedelta = OVERLAP, *, by: str | None = None
    ) -> Issued | None:
        """Make a successor of a valid token, which ends after the overlap, and its own predecessor at once.

        So two of a line are valid at most.  None when there is no such valid token.  Raises AlreadyReplaced when it
        has a valid successor: of those who replace a token at once, one does.
        """
        async with self._keep.transaction() as transaction:
            await transaction.fetch(SQL, "lock", prefix)
            if await transaction.fetch(SQL, "followed", prefix):
                raise AlreadyReplaced(prefix)
            row = await transaction.one(SQL, "retire", prefix, overlap)
            return await _added(transaction, _holder(row), life, prefix, by) if row else None

    async def revoke(self, prefix: str, *, by: str | None = None) -> bool:
        """Take a token back at once; say whether there is one of this prefix."""
        return await self._keep.one(SQL, "revoke", prefix, by) is not None

    async def list(self, initiative: str | None = None, partner: str | None = None) -> list[Listed]:
        """Return the tokens, by initiative and partner, the oldest first."""
        rows = await self._keep.fetch(SQL, "list", initiative, partner)
        return [Listed(**{**row, "scopes": tuple(row["scopes"])}) for row in rows]


def _holder(row: Row) -> Holder:
    return Holder(row["initiative"], row["partner"], row["person"], frozenset(row["scopes"]))


def _hash(text: str) -> bytes:
    return sha256(text.encode()).digest()


async def _added(
    transaction: Transaction, holder: Holder, life: timedelta, replaces: str | None, by: str | None
) -> Issued:
    scopes = _sorted(holder.scopes)
    while True:
        prefix = "".join(secrets.choice(ascii_lowercase) for _ in range(PREFIX))
        text = f"mh_{prefix}_{secrets.token_urlsafe(SECRET_BYTES)}"
        named = (holder.initiative, holder.partner, holder.person)
        row = await transaction.one(SQL, "add", prefix, _hash(text), *named, scopes, life, replaces, by)
        if row is not None:
            return Issued(text, row["expires"])


def _sorted(scopes: Iterable[str]) -> list[str]:
    return sorted(scopes)
