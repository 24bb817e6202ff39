"""What became of an inbox's records, as its own partner reads it over HTTP, and nobody else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from events.topics import inbox
from services.admission.app import Process
from services.admission.inbox import InboxStore
from services.gateway.app import make
from services.gateway.parts import Parts
from services.runtime import log
from services.runtime.roles import Role
from services.runtime.store import Pool, connect
from tests.support import doors
from tests.support.admitting import CLINIC, SHELTER, registered, said
from tests.support.events import INITIATIVE
from tests.support.partners import by_aiokafka
from tests.support.wait import until

RESULTS = "/v1/inbox/results"
ROWS = [registered("1", "own:1"), b"no", registered("2", "own:2"), said("initiative.closed", "3", {})]
CODES = [None, "not-json", None, "unknown-type"]


@pytest.fixture
async def pool(parts: Parts) -> AsyncIterator[Pool]:
    """The operator's connections, with inboxes of the clinic and the shelter."""
    names = {each: parts.settings.topic(inbox(each)) for each in (CLINIC, SHELTER)}
    await log.create_topics(parts.settings, map(inbox, names))
    async with await connect(parts.settings.postgres, application="test", role=Role.OPERATOR, size=2) as opened:
        await InboxStore(opened).make(INITIATIVE, list(names.items()))
        yield opened


@asynccontextmanager
async def intake(parts: Parts) -> AsyncIterator[None]:
    process = Process(parts.settings)
    task = asyncio.create_task(process.run())
    try:
        yield
    finally:
        process.stop()
        await asyncio.wait_for(task, 60)


async def page(door: httpx.AsyncClient, address: str = RESULTS, **params: Any) -> dict[str, Any]:
    answer = await door.get(address, params=params or None)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.fixture
async def decided(parts: Parts, pool: Pool, clinic: httpx.AsyncClient) -> None:
    """Records of the clinic's, decided and, where they were let in, on the log."""
    await by_aiokafka(parts.settings, parts.settings.topic(inbox(CLINIC)), ROWS)

    async def there() -> bool:
        rows = (await page(clinic))["results"]
        return len(rows) == len(ROWS) and all(row["code"] or row["token"] for row in rows)

    async with intake(parts):
        await until(there, 60)


@pytest.mark.usefixtures("decided")
async def test_each_record_has_its_line_in_order_and_a_token_that_waits(clinic: httpx.AsyncClient) -> None:
    found = await page(clinic)
    assert [row["record"] for row in found["results"]] == [f"0:{each}" for each in range(len(ROWS))]
    assert [row["code"] for row in found["results"]] == CODES
    assert [row["ok"] for row in found["results"]] == [code is None for code in CODES]
    assert (found["decided"], found["next"]) == (len(ROWS), None)
    first = found["results"][0]
    assert first["subject"] == first["alias"]
    answer = await clinic.get("/v1/feed", params={"token": first["token"]})
    assert answer.status_code in (200, 503), "the token is the caller's own"


@pytest.mark.usefixtures("decided")
async def test_pages_lead_on_and_a_reader_that_comes_back_gets_the_rest(clinic: httpx.AsyncClient) -> None:
    whole = (await page(clinic))["results"]
    seen: list[dict[str, Any]] = []
    address: str | None = f"{RESULTS}?limit=1"
    while address is not None:
        found = await page(clinic, address)
        seen += found["results"]
        address = found["next"]
    assert seen == whole
    assert (await page(clinic, after="0:1"))["results"] == whole[2:]
    assert (await page(clinic, after=whole[-1]["record"]))["results"] == []
    named = await page(clinic, id="2", limit=1)
    assert (named["results"], named["next"]) == ([whole[2]], None)


@pytest.mark.usefixtures("decided")
async def test_inbox_that_was_begun_anew_goes_on_after_what_was_read(clinic: httpx.AsyncClient, pool: Pool) -> None:
    whole = (await page(clinic))["results"]
    assert await InboxStore(pool).restart(CLINIC) == 1
    columns = "(partner, life, record_offset, recorded_at, code)"
    await pool.execute(f"insert into keep.decision {columns} values ($1, 1, 0, now(), 'not-json')", CLINIC)  # noqa: S608
    found = await page(clinic, after=whole[-1]["record"])
    assert ([row["record"] for row in found["results"]], found["decided"]) == (["1:0"], 0)


@pytest.mark.usefixtures("decided")
async def test_nobody_reads_another_s(parts: Parts, shelter: httpx.AsyncClient, pool: Pool) -> None:
    assert await page(shelter) == {"results": [], "next": None, "decided": 0}
    assert (await page(shelter, id="1"))["results"] == []
    async with doors.partner(parts, "together") as without:
        answer = await without.get(RESULTS)
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
    async with doors.client(make(parts), await doors.token(parts, CLINIC, scopes=["event.post"])) as narrow:
        assert (await narrow.get(RESULTS)).status_code == 403
    await pool.execute("update keep.inbox set initiative = 'elsewhere' where partner = $1", CLINIC)
    async with doors.partner(parts, CLINIC) as elsewhere:
        assert (await elsewhere.get(RESULTS)).status_code == 404


@pytest.mark.parametrize(
    "wrong", [{"after": "x"}, {"after": "0:-1"}, {"after": "1"}, {"limit": 0}, {"id": ""}, {"y": 1}]
)
async def test_what_cannot_be_asked_is_refused(clinic: httpx.AsyncClient, wrong: dict[str, Any]) -> None:
    answer = await clinic.get(RESULTS, params=wrong)
    assert (answer.status_code, answer.json()["code"]) == (422, "bad-parameter")
