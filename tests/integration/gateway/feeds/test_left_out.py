"""One of a class whom the person leaves out: told once that it is gone, and refused as where there is no offer."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from datetime import datetime
from typing import Any

import httpx
import orjson
import pytest

from projections.communication import COMMUNICATION
from services.gateway.parts import Parts
from tests.integration.gateway.feeds.test_pages import reached
from tests.support import classes, doors
from tests.support.admitting import CLINIC, said
from tests.support.classes import KITCHEN, LARDER, PANTRY, agreed, claim, opened
from tests.support.events import ident
from tests.support.reading import JSON, revoked, tell

Doors = Mapping[str, httpx.AsyncClient]


@pytest.fixture
async def members(told: Parts) -> AsyncIterator[Doors]:
    """The clinic's and a class's systems at the door, while feeds are folded too."""
    await classes.prepared(told.admission)
    async with doors.folding(told.settings, COMMUNICATION), AsyncExitStack() as stack:
        names = (CLINIC, *classes.MEMBERS)
        yield {name: await stack.enter_async_context(doors.partner(told, name)) for name in names}


def left_out(own: str, *partners: str) -> bytes:
    data = {"consent_id": f"own:{own}", "except_recipients": [LARDER, *partners]}
    return said("consent.narrowed", f"n {own}", data, client=f"own:{own}")


async def refusals(door: httpx.AsyncClient, row: bytes) -> set[tuple[Any, ...]]:
    """Return how the claim would be refused, and how it is."""
    tried = await door.post("/v1/events", content=row, headers=JSON, params={"dry_run": True})
    done = await door.post("/v1/events", content=row, headers=JSON, params={"wait": 20})
    would, is_ = tried.json()["would"], done.json()
    assert (tried.status_code, done.status_code) == (200, 409), (tried.text, done.text)
    return {(would["code"], would["detail"]), (is_["code"], is_.get("detail"))}


def unknown(partner: str, subject: str) -> bytes:
    """Return a claim of an offer that there is not."""
    row = orjson.loads(claim(partner, "1", subject))
    return orjson.dumps(row | {"id": "nothing", "data": row["data"] | {"offer_id": ident("no such offer")}})


async def test_who_is_left_out_is_refused_alike_whatever_became_of_the_offer(members: Doors) -> None:
    clinic, pantry, kitchen = (members[name] for name in (CLINIC, PANTRY, KITCHEN))
    await agreed(clinic, "1")
    referral = await opened(clinic, "1")
    await tell(clinic, left_out("1", KITCHEN))
    first = await refusals(kitchen, claim(KITCHEN, "1", referral))
    assert (await kitchen.get(f"/v1/referrals/{referral}")).status_code == 404
    await tell(pantry, claim(PANTRY, "1", referral))
    again = orjson.dumps(orjson.loads(claim(KITCHEN, "1", referral)) | {"id": "again"})
    assert first == await refusals(kitchen, again) == await refusals(kitchen, unknown(KITCHEN, referral))
    assert first == {("unknown-subject", "offer")}
    entries = (await reached(kitchen, 5))["entries"]
    assert [each["kind"] for each in entries] == ["refused"] * 3 + ["offer-gone", "offer-open-to-class"]
    assert {each["code"] for each in entries if each["kind"] == "refused"} == {"unknown-subject"}


async def test_entries_of_two_offers_that_one_event_ended_have_nothing_in_common(members: Doors) -> None:
    clinic, pantry, kitchen = (members[name] for name in (CLINIC, PANTRY, KITCHEN))
    await agreed(clinic, "1")
    await opened(clinic, "1")
    need = {"need": {"taxonomy": "manyhands", "code": "food"}, "urgency": "soon"}
    await tell(clinic, said("referral.requested", "again", need, subject="own:again", client="own:1"))
    await tell(clinic, orjson.dumps(orjson.loads(classes.to_class("1", "again")) | {"subject": "own:again"}))
    ended = await tell(clinic, revoked("1"))
    told = [each for door in (pantry, kitchen) for each in (await reached(door, 4))["entries"][:2]]
    assert [each["kind"] for each in told] == ["offer-gone"] * 4
    assert ended["event"] not in str(told)
    # One offer's are told alike to both, and two have no id and no instant in common.
    assert len({each["event"] for each in told}) == len({each["offer"] for each in told}) == 2
    days = {datetime.fromisoformat(each[name]) for each in told for name in ("happened", "recorded")}
    assert {(day.hour, day.minute, day.second, day.microsecond) for day in days} == {(0, 0, 0, 0)}
