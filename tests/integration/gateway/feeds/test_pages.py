"""A partner's feed by pages: what concerns it, in either direction, and nobody else's."""

from typing import Any

import httpx
import pytest

from services.gateway.app import make
from services.gateway.parts import Parts
from tests.support import doors, reading
from tests.support.admitting import CLINIC, SHELTER
from tests.support.wait import until

FEED = "/v1/feed"


async def page(door: httpx.AsyncClient, address: str = FEED, **params: Any) -> dict[str, Any]:
    answer = await door.get(address, params=params or None)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def reached(door: httpx.AsyncClient, count: int) -> dict[str, Any]:
    """Return the feed once it has so many entries."""

    async def there() -> dict[str, Any]:
        found = await page(door, limit=200)
        return found if len(found["entries"]) >= count else {}

    return await until(there)


async def many(parts: Parts, count: int) -> None:
    """Have the clinic register people and refer them to the shelter."""
    async with doors.partner(parts, CLINIC) as clinic:
        for each in range(count):
            await reading.agreed(clinic, f"m{each}")
            await reading.referred(clinic, f"m{each}")


async def test_entry_says_what_why_and_what_next(fed: Parts, shelter: httpx.AsyncClient) -> None:
    [entry] = (await reached(shelter, 1))["entries"]
    assert (entry["kind"], entry["why"], entry["counterpart"]) == ("offer-arrived", "recipient", CLINIC)
    assert entry["next"]["step"] == "answer-offer"
    assert entry["next"]["say"] == ["referral.offer_accepted", "referral.offer_declined"]
    looked = await shelter.get(entry["next"]["see"])
    assert looked.status_code == 200
    assert looked.json()["id"] == entry["referral"]


async def test_pages_lead_back_to_the_beginning_and_on_from_the_end(fed: Parts, shelter: httpx.AsyncClient) -> None:
    await reached(shelter, 1)
    first = await page(shelter)
    await many(fed, 5)
    whole = [each["event"] for each in (await reached(shelter, 6))["entries"]]
    back, address = [], f"{FEED}?limit=2"
    while address:
        found = await page(shelter, address)
        back += [each["event"] for each in found["entries"]]
        address = found["next"]
    assert back == whole
    on, address = [], f"{FEED}?limit=2&after={first['cursor']}"
    while address:
        found = await page(shelter, address)
        on += [each["event"] for each in found["entries"]]
        address = found["next"]
    assert on == whole[:-1][::-1]
    assert (await page(shelter, after=found["cursor"]))["entries"] == []


async def test_what_was_seen_is_not_sent_again(fed: Parts, shelter: httpx.AsyncClient) -> None:
    await reached(shelter, 1)
    first = await shelter.get(FEED)
    again = await shelter.get(FEED, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_token_of_a_post_waits_for_its_entry(fed: Parts, shelter: httpx.AsyncClient) -> None:
    async with doors.partner(fed, CLINIC) as clinic:
        await reading.agreed(clinic, "2")
        await reading.asked(clinic, "2")
        told = await reading.tell(clinic, reading.sent("2"))
        assert (await page(clinic, token=told["token"]))["stale"] is False
    assert len((await page(shelter))["entries"]) == 2


@pytest.mark.parametrize("which", ["after", "before"])
async def test_cursor_of_another_partner_is_refused(fed: Parts, shelter: httpx.AsyncClient, which: str) -> None:
    async with doors.partner(fed, CLINIC) as clinic:
        foreign = (await page(clinic))["cursor"]
    for text in (foreign, "", "x", foreign[:-1], "é"):
        answer = await shelter.get(FEED, params={which: text})
        assert (answer.status_code, answer.json()["code"]) == (400, "bad-cursor"), text
    live = await shelter.get(f"{FEED}/live", headers={"Last-Event-ID": foreign})
    assert (live.status_code, live.json()["code"]) == (400, "bad-cursor")


async def test_cursor_leads_one_way_alone(fed: Parts, shelter: httpx.AsyncClient) -> None:
    found = await reached(shelter, 1)
    assert (await shelter.get(FEED, params={"before": found["cursor"]})).json()["code"] == "bad-cursor"
    both = {"before": found["cursor"], "after": found["cursor"]}
    assert (await shelter.get(FEED, params=both)).status_code == 422


async def test_nobody_reads_another_s_feed(fed: Parts, shelter: httpx.AsyncClient) -> None:
    await reached(shelter, 1)
    async with doors.partner(fed, "together") as other:
        assert (await page(other))["entries"] == []
    async with doors.client(make(fed), await doors.token(fed, SHELTER, scopes=["event.post"])) as narrow:
        assert (await narrow.get(FEED)).status_code == 403
