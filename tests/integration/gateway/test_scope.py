"""Rows of one initiative at a time: PostgreSQL shows the gateway no others, whatever a statement asks for."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from projections.sql import statement
from services.gateway.listing import Asked, query_of, search
from services.gateway.parts import Parts
from services.gateway.principal import Kind, Principal
from services.gateway.progress import PROJECTION, now
from services.gateway.seeing import READS
from services.gateway.store import Keep
from services.runtime.store import connect
from tests.support.events import INITIATIVE, ident
from tests.support.reading import agreed, referred

GROWN = Path(__file__).with_name("grown.sql")
SCOPE = {"initiative"}
NOBODY = ident("nobody")
COUNT = "select count(*) from referral"


async def test_snapshot_of_another_initiative_shows_nothing(told: Parts, clinic: httpx.AsyncClient) -> None:
    await agreed(clinic, "1")
    await referred(clinic, "1")
    seen = {}
    for initiative in (INITIATIVE, "elsewhere", ""):
        async with told.keep.snapshot(PROJECTION, initiative) as transaction:
            [row] = await transaction.run(COUNT)
            refusals = await transaction.fetch(READS, "refusals", INITIATIVE, "x", *[None] * 6, 5)
            seen[initiative] = (row["count"], refusals)
    assert seen == {INITIATIVE: (1, []), "elsewhere": (0, []), "": (0, [])}


async def test_without_the_role_the_same_statement_would_show_everything(
    told: Parts, clinic: httpx.AsyncClient
) -> None:
    """The control: it is the role that keeps the rows back, as nothing else in the statement does."""
    await agreed(clinic, "1")
    await referred(clinic, "1")
    async with (
        await connect(told.settings.postgres, application="test", size=1) as pool,
        Keep(pool).snapshot(PROJECTION, "elsewhere") as transaction,
    ):
        [row] = await transaction.run(COUNT)
    assert row["count"] == 1


@pytest.fixture
async def grown(told: Parts, clinic: httpx.AsyncClient) -> Parts:
    """The parts over tables of some size, as PostgreSQL plans for what it knows of them."""
    await agreed(clinic, "1")
    await referred(clinic, "1")
    connection = await asyncpg.connect(told.settings.postgres)
    try:
        await connection.execute(statement(GROWN, "grow"))
        await connection.execute(statement(GROWN, "measure"))
    finally:
        await connection.close()
    return told


#: What each statement is asked with.
KEYED: Mapping[str, tuple[Any, ...]] = {
    "one": (INITIATIVE, NOBODY, NOBODY),
    "timeline": (INITIATIVE, NOBODY, NOBODY, "x", True, [NOBODY], -1, 5, None, True),
    "history": (INITIATIVE, NOBODY, NOBODY, "x", True, [NOBODY], ["consent.revoked"], True),
    "said": (INITIATIVE, [NOBODY], [NOBODY]),
    "told_by": (INITIATIVE, NOBODY, "x"),
    "of_client": (INITIATIVE, NOBODY),
    "sealed": (INITIATIVE, NOBODY, NOBODY),
    "asked_of_classes": (INITIATIVE, ["class-7"], datetime(2026, 11, 28, tzinfo=UTC)),
    "event": (INITIATIVE, NOBODY, "x", NOBODY),
    "waiting": (INITIATIVE, NOBODY, "x", NOBODY),
    "refusals": (INITIATIVE, "partner-7", *[None] * 6, 5),
}


async def test_keyed_readings_go_by_their_keys(grown: Parts) -> None:
    for name, arguments in KEYED.items():
        assert await planned(grown, statement(READS, name), *arguments) == [], name
    # The control: a statement that has no key is noticed.
    assert await planned(grown, "select * from timeline where detail = $1", "x")


#: Each filter by itself, with which the list must stay as keyed as without.
NARROWED: tuple[Mapping[str, Any], ...] = (
    {},
    {"client": "own:1"},
    {"referral": "own:r 1"},
    {"role": "recipient"},
    {"status": ["requested", "accepted"]},
    {"reason": "other"},
    {"due_before": "2026-03-01T00:00:00Z"},
    *({"list": name} for name in ("needs-my-answer", "in-hand", "waiting", "overdue", "offer-again", "unacknowledged")),
)


@pytest.mark.parametrize("sort", ["-requested", "respond_by", "changed"])
async def test_lists_go_by_their_keys_however_they_are_narrowed(grown: Parts, sort: str) -> None:
    who = Principal(Kind.PARTNER_SYSTEM, INITIATIVE, "partner-7")
    for narrowed in NARROWED:
        asked = Asked.model_validate({**narrowed, "sort": sort})
        wanted = await search(grown, who, asked, asked.sort, now())
        arguments = (
            INITIATIVE,
            who.partner,
            wanted.role,
            [NOBODY],
            [f"{NOBODY}/{NOBODY}"],
            *wanted.terms,
            None,
            None,
            5,
        )
        assert await planned(grown, query_of(wanted), *arguments) == [], narrowed


async def planned(parts: Parts, query: str, *arguments: Any) -> list[str]:
    """Return the steps of the statement's plan that read a whole table, or all of an initiative's part of it."""
    async with parts.keep.snapshot(PROJECTION, INITIATIVE) as transaction:
        rows = await transaction.run(f"explain {query}", *arguments)
    lines = [row["QUERY PLAN"].strip() for row in rows]
    conditions = [line for line in lines if line.startswith("Index Cond")]
    assert conditions
    return [line for line in lines if "Seq Scan" in line] + [each for each in conditions if _columns(each) <= SCOPE]


def _columns(condition: str) -> set[str]:
    return set(re.findall(r"\((\w+) [=<>]", condition))
