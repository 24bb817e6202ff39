"""Admission's register in PostgreSQL.  Whatever these methods have written is on disk when they return."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import asyncpg

from projections.sql import statement
from projections.store.outage import outages
from services.admission.context import Held

SQL = Path(__file__).with_name("register.sql")


class RegisterStore:
    """Each method is one statement, whatever the count, and raises Away when PostgreSQL does not answer."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def find(self, initiative: str, subjects: Iterable[str]) -> dict[str, Held]:
        """Return the rows of those subjects that have one."""
        rows = await self._fetch("find", initiative, list(subjects))
        return {
            row["subject"]: Held(row["record"], row["opener"], set(row["participants"]), row["published"])
            for row in rows
        }

    async def open(self, initiative: str, opener: str, opened: Sequence[tuple[str, str, Iterable[str]]]) -> set[str]:
        """Put subjects under their record keys with participants, given as (subject, record key, participants).

        Returns those that were written: neither published, nor somebody else's, nor there as they are.
        """
        subjects, records, joined = zip(*opened, strict=True)
        participants = [" ".join(sorted(each)) for each in joined]
        rows = await self._fetch("open", initiative, opener, subjects, records, participants)
        return {row["subject"] for row in rows}

    async def join(self, initiative: str, joining: Sequence[tuple[str, str]]) -> None:
        """Make partners take part in subjects, given as (subject, partner)."""
        await self._fetch("join", initiative, [each[0] for each in joining], [each[1] for each in joining])

    async def published(self, initiative: str, subjects: Iterable[str]) -> None:
        """Note that the subjects' opening stands on the log."""
        await self._fetch("published", initiative, list(subjects))

    async def restore(self, initiative: str, rows: Mapping[str, Held]) -> None:
        """Write rows as the log has them; whoever takes part in the same opening already stays."""
        held = list(rows.values())
        await self._fetch(
            "restore",
            initiative,
            list(rows),
            [row.record for row in held],
            [row.opener for row in held],
            [" ".join(sorted(row.participants)) for row in held],
        )

    async def _fetch(self, name: str, *arguments: Any) -> list[asyncpg.Record]:
        with outages():
            rows: list[asyncpg.Record] = await self._pool.fetch(statement(SQL, name), *arguments)
        return rows
