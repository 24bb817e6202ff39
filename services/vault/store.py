"""The vault's tables in PostgreSQL.  Whatever these methods have written is on disk when they return."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg

from projections.sql import statement
from projections.store.outage import outages
from services.vault.errors import RotationRunning
from services.vault.keys import Wrapped

SQL = Path(__file__).with_name("vault.sql")
#: Whoever rotates the epoch key holds this advisory lock.
ROTATING = 0x6D616E7A


class Fingerprint(NamedTuple):
    """Which secrets file is in use, known by a keyed hash."""

    number: int
    hash: bytes


class Found(NamedTuple):
    """The client that a name stands for."""

    client: str
    #: Whether an own id is kept in full, so that its partner can be shown it; of an alias there is nothing to keep.
    kept: bool


class VaultStore:
    """All methods raise Away when PostgreSQL does not answer; the same call may be made again then."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def secret(self, kind: str) -> Fingerprint | None:
        """Return the secret in use of kind `ids` or `epoch`, or None in a new database."""
        rows = await self._fetch("secret", kind)
        return Fingerprint(rows[0]["number"], rows[0]["fingerprint"]) if rows else None

    async def since(self, kind: str) -> datetime | None:
        """Return since when the secret of this kind is in use, or None in a new database."""
        rows = await self._fetch("since", kind)
        return rows[0]["since"] if rows else None

    async def claim(self, kind: str, fingerprint: Fingerprint) -> None:
        """Name the secret that belongs to this database, unless another was named already."""
        await self._fetch("claim", kind, *fingerprint)

    async def find(self, scope: tuple[str, str], names: Sequence[str | bytes]) -> list[Found | None]:
        """Return for each alias or keyed own id of (initiative, partner) the client, in order."""
        found: list[Found | None] = [None] * len(names)
        for query, kind in (("find", str), ("find_own", bytes)):
            places = [place for place, name in enumerate(names) if isinstance(name, kind)]
            if places:
                for row in await self._fetch(query, *scope, [names[place] for place in places]):
                    found[places[row["position"] - 1]] = Found(row["client"], row.get("kept", True))
        return found

    async def mint(self, scope: tuple[str, str], named: Sequence[tuple[str, str, bytes]]) -> dict[bytes, str]:
        """Keep new clients of (initiative, partner) as (alias, client, keyed own id), where the id names none yet.

        Returns the clients that were kept, by keyed own id.
        """
        rows = await self._fetch("mint", *scope, *_columns(named))
        return {row["own"]: row["client"] for row in rows}

    async def aliases(self, scope: tuple[str, str], clients: Sequence[str]) -> dict[str, str]:
        """Return the names that (initiative, partner) has for these clients."""
        return {row["client"]: row["alias"] for row in await self._fetch("aliases", *scope, clients)}

    async def keep_own(self, scope: tuple[str, str], sealed: Sequence[tuple[bytes, bytes]]) -> None:
        """Keep own ids of (initiative, partner) as (keyed, sealed) where they are not kept yet."""
        await self._fetch("keep_own", *scope, *_columns(sealed))

    async def names(self, scope: tuple[str, str], clients: Sequence[str]) -> dict[str, tuple[str, bytes | None]]:
        """Return the alias that (initiative, partner) has for each client, and its own id, sealed, where it is kept."""
        rows = await self._fetch("names", *scope, clients)
        return {row["client"]: (row["alias"], row["own_sealed"]) for row in rows}

    async def grant(self, scope: tuple[str, str], named: Sequence[tuple[str, str]]) -> None:
        """Keep (client, alias) for (initiative, partner), for living clients that have none there."""
        await self._fetch("grant", *scope, *_columns(named))

    async def matched(self, initiative: str, tokens: Sequence[bytes]) -> str | None:
        """Return the one living client known by all of these distinct tokens, where they stand for nobody else."""
        rows = await self._fetch("matched", initiative, tokens)
        return rows[0]["client"] if rows else None

    async def adopt(self, scope: tuple[str, str], alias: str, client: str, own: bytes) -> None:
        """Keep (alias, own) of (initiative, partner) for a living client, unless they have a name for them already."""
        await self._fetch("adopt", *scope, alias, client, own)

    async def know_by(self, scope: tuple[str, str], client: str, own: bytes, sealed: bytes) -> bool:
        """Keep (keyed, sealed) as the own id of (initiative, partner) for a client; False where it names another."""
        try:
            return bool(await self._fetch("know_by", *scope, client, own, sealed))
        except asyncpg.UniqueViolationError:
            return False

    async def know(self, initiative: str, client: str, tokens: Sequence[bytes]) -> None:
        """Keep what a living client is known by, unless they are known by something already."""
        async with self._connection() as connection, connection.transaction():
            if await connection.fetchrow(statement(SQL, "living"), initiative, client) is not None:
                await connection.execute(statement(SQL, "know"), initiative, client, tokens)

    async def keys(self, initiative: str, owners: Sequence[str]) -> dict[str, Wrapped | None]:
        """Return the owners' wrapped keys, None for a destroyed one; an owner without a key is not in the answer."""
        rows = await self._fetch("keys", initiative, owners)
        return {row["owner"]: _wrapped(initiative, row) for row in rows}

    async def add_keys(self, initiative: str, epoch: int, keys: Sequence[Wrapped]) -> list[str]:
        """Keep those keys whose owners have none, and return these; nothing when the epoch is no longer in use."""
        columns = _columns([(key.owner, key.kid, key.bytes) for key in keys])
        return [row["owner"] for row in await self._fetch("add_keys", initiative, epoch, *columns)]

    async def destroy(self, initiative: str, client: str, kid: bytes) -> None:
        """Forget a client's key and every name for it; `kid` fills the row of one that never had a key."""
        async with self._connection() as connection, connection.transaction():
            # The client's row comes first: grants hold it while they write.
            await connection.execute(statement(SQL, "erase_client"), initiative, client)
            await connection.execute(statement(SQL, "erase_aliases"), initiative, client)
            await connection.execute(statement(SQL, "erase_matches"), initiative, client)
            await connection.execute(statement(SQL, "erase_links"), initiative, client)
            await connection.execute(statement(SQL, "erase_key"), initiative, client, kid)

    @asynccontextmanager
    async def rotating(self) -> AsyncIterator[None]:
        """Keep other processes from rotating meanwhile.  Raises RotationRunning when one is at it."""
        async with self._connection() as connection:
            if not await connection.fetchval(statement(SQL, "rotating"), ROTATING):
                raise RotationRunning("another process rotates the epoch key")
            try:
                yield
            finally:
                await connection.execute(statement(SQL, "rotated"), ROTATING)

    async def advance(self, epoch: Fingerprint) -> None:
        """Use this epoch from now on; returns when nobody can add a key under the one before."""
        async with self._connection() as connection, connection.transaction():
            await connection.execute(statement(SQL, "retire_epoch"))
            await connection.execute(statement(SQL, "begin_epoch"), *epoch)

    async def stale_keys(self, epoch: int, count: int) -> list[Wrapped]:
        """Return some living keys that are wrapped by an older epoch than this one."""
        return [_present(row["initiative"], row) for row in await self._fetch("stale_keys", epoch, count)]

    async def rewrap(self, epoch: int, keys: Sequence[Wrapped]) -> None:
        """Replace the wrapping of these keys, but for those destroyed meanwhile."""
        columns = _columns([(key.initiative, key.owner, key.kid, key.bytes) for key in keys])
        await self._fetch("rewrap", epoch, *columns)

    async def forget_epochs(self, before: int) -> None:
        """Forget the fingerprints of older epochs, whose keys are destroyed."""
        await self._fetch("forget_epochs", before)

    async def _fetch(self, name: str, *arguments: Any) -> list[asyncpg.Record]:
        async with self._connection() as connection:
            rows: list[asyncpg.Record] = await connection.fetch(statement(SQL, name), *arguments)
            return rows

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Any]:
        with outages():
            async with self._pool.acquire() as connection:
                yield connection


def _columns(rows: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return list(zip(*rows, strict=True))


def _wrapped(initiative: str, row: asyncpg.Record) -> Wrapped | None:
    return None if row["wrapped"] is None else _present(initiative, row)


def _present(initiative: str, row: asyncpg.Record) -> Wrapped:
    return Wrapped(initiative, row["owner"], row["kid"], row["epoch"], row["wrapped"])
