"""Lists of referrals, page by page, while they change; and cursors that are not the caller's."""

import asyncio
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from projections.sql import statement
from services.gateway import listing
from services.gateway.parts import Parts
from services.gateway.seeing import READS
from tests.support import doors
from tests.support.admitting import CLINIC, NEWCOMER, requested, said
from tests.support.events import ident
from tests.support.reading import JSON, agreed, answered, offer_id, referred, revoked, sent, tell

COUNT = 23


async def _many(clinic: httpx.AsyncClient, own: str, count: int) -> None:
    """Open so many referrals of one person, all of them offered to the shelter."""
    await agreed(clinic, own)
    rows: list[bytes] = []
    for number in range(count):
        usual = {"consent_id": f"own:{own}", "duplicate_reason": "other"}
        rows.append(requested(f"r {own} {number}", f"own:r {own} {number}", f"own:{own}"))
        rows.append(sent(f"{own} {number}", **usual))
    body = b"[" + b",".join(rows) + b"]"
    answer = await clinic.post(
        "/v1/events", content=body, headers={"Content-Type": "application/cloudevents-batch+json"}
    )
    assert answer.json()["turned_away"] == 0, answer.text
    await tell(clinic, requested(f"last {own}", f"own:last {own}", f"own:{own}"))


async def pages(door: httpx.AsyncClient, **query: Any) -> list[list[dict[str, Any]]]:
    """Return every page of the list."""
    answer = await door.get("/v1/referrals", params=query)
    found = []
    while True:
        assert answer.status_code == 200, answer.text
        told = answer.json()
        found.append(told["referrals"])
        if told["next"] is None:
            return found
        answer = await door.get(told["next"])


async def test_every_order_gives_each_referral_once(told: Parts, clinic: httpx.AsyncClient) -> None:
    await _many(clinic, "1", COUNT)
    ids: set[frozenset[str]] = set()
    for sort in ("requested", "changed", "respond_by"):
        up, down = [
            [each for page in await pages(clinic, limit=5, sort=order) for each in page] for order in (sort, f"-{sort}")
        ]
        assert up == down[::-1]
        assert len(up) == len({each["id"] for each in up}) == COUNT + 1
        ids.add(frozenset(each["id"] for each in up))
    assert len(ids) == 1
    requested_at = [each["requested"] for each in up] and [
        each["requested"] for page in await pages(clinic, limit=5, sort="requested") for each in page
    ]
    assert requested_at == sorted(requested_at)


async def test_unchanged_ones_are_neither_skipped_nor_twice_while_others_change(
    told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient
) -> None:
    await _many(clinic, "1", COUNT)
    everything = [each["id"] for page in await pages(clinic, limit=200) for each in page]
    changing = set(everything[::3])
    numbers = {(await clinic.get(f"/v1/referrals/own:r 1 {number}")).json()["id"]: number for number in range(COUNT)}

    async def change() -> None:
        for referral in sorted(changing & numbers.keys()):
            row = answered("offer_accepted", f"1 {numbers[referral]}", referral)
            await shelter.post("/v1/events", content=row, headers=JSON)
            await clinic.post(
                "/v1/events", content=requested(f"new {referral}", f"own:new {referral}", "own:1"), headers=JSON
            )

    task = asyncio.create_task(change())
    for sort in ("changed", "-changed", "requested", "-requested"):
        seen = Counter(each["id"] for page in await pages(clinic, limit=2, sort=sort) for each in page)
        assert {seen[each] for each in set(everything) - changing} == {1}
    await task


async def test_lists_are_narrowed(told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient) -> None:
    await agreed(clinic, "1")
    await agreed(clinic, "2")
    first = await referred(clinic, "1", respond_by="2020-01-01")
    second = await referred(clinic, "2")
    await tell(shelter, answered("offer_accepted", "2", second))
    when = (await clinic.get(f"/v1/referrals/{second}")).json()["requested"]
    for query, expected in (
        ({"status": "requested"}, [first]),
        ({"status": "accepted"}, [second]),
        ({"detail": "sent"}, [first]),
        ({"loop": "open"}, [second, first]),
        ({"loop": "closed-served"}, []),
        ({"sender": "clinic"}, [second, first]),
        ({"recipient": "shelter", "role": "sender"}, [second, first]),
        ({"role": "recipient"}, []),
        ({"need": "shelter", "urgency": "soon"}, [second, first]),
        ({"need": "food"}, []),
        ({"area": "north"}, []),
        ({"programme": "x"}, []),
        ({"overdue": "true"}, [first]),
        ({"overdue": "false"}, [second]),
        ({"requested_from": when}, [second]),
        ({"requested_until": when}, [first]),
        ({"changed_since": "2199-01-01T00:00:00Z"}, []),
        ({"changed_since": when}, [second]),
    ):
        [found] = await pages(clinic, **query)
        assert [each["id"] for each in found] == expected, query
    [asked] = await pages(shelter, role="recipient", sort="requested")
    assert [(each["id"], each["role"]) for each in asked] == [(first, "recipient"), (second, "recipient")]


async def test_what_its_sender_prepares_moves_nothing_for_who_is_asked(
    told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await agreed(clinic, "1")
    referral = await referred(clinic, "1")
    await tell(shelter, answered("offer_accepted", "1", referral))
    since = datetime.now(UTC).isoformat()
    kept = {"offer_id": offer_id("1", "p"), "recipient": NEWCOMER}
    await tell(clinic, said("referral.offer_drafted", "kept", kept, subject=referral))
    assert await pages(shelter, changed_since=since) == [[]]
    [[row]] = await pages(clinic, changed_since=since)
    assert row["id"] == referral
    with monkeypatch.context() as patched:
        # A control: by the referral's own time, the filter would tell that its sender looks for somebody else.
        of_offer, of_referral = statement(READS, "last").rstrip(";\n"), "(r.state::jsonb ->> 'last')::timestamptz"
        told_all = listing.of_partner().replace(of_offer, of_referral)
        patched.setattr(listing, "of_partner", lambda: told_all)
        assert [len(page) for page in await pages(shelter, changed_since=since)] == [1]
    await tell(shelter, answered("service_started", "1", referral))
    [[row]] = await pages(shelter, changed_since=since)
    assert row["id"] == referral


async def test_pages_tell_nothing_of_what_they_leave_out(
    told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient
) -> None:
    for own in "12345":
        await agreed(clinic, own)
        last = await referred(clinic, own)
    hidden = {"need": "shelter", "limit": 1}
    assert [len(page) for page in await pages(shelter, **hidden)] == [1] * 5
    for own in "1234":
        await tell(clinic, revoked(own))
    for sort in ("requested", "-requested"):
        assert [[each["id"] for each in page] for page in await pages(shelter, sort=sort, **hidden)] == [[last]]
    await tell(clinic, revoked("5"))
    assert await pages(shelter, **hidden) == [[]]
    assert [len(page) for page in await pages(shelter, limit=1)] == [1] * 5


async def test_cursor_is_the_caller_s_for_this_question(
    told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient
) -> None:
    await agreed(clinic, "1")
    await referred(clinic, "1")
    await tell(clinic, requested("again", "own:again", "own:1"))
    following = (await clinic.get("/v1/referrals", params={"limit": 1, "status": "requested"})).json()["next"]
    assert following is None
    following = (await clinic.get("/v1/referrals", params={"limit": 1})).json()["next"]
    cursor = following.rpartition("=")[2]
    assert (await clinic.get("/v1/referrals", params={"cursor": cursor})).status_code == 200
    async with doors.partner(told, CLINIC, ident("person")) as person, doors.partner(told, CLINIC) as renewed:
        assert (await renewed.get("/v1/referrals", params={"cursor": cursor})).status_code == 200
        forged = ("A" if cursor[0] != "A" else "B") + cursor[1:]
        for door, query in (
            (clinic, {"cursor": forged}),
            (clinic, {"cursor": "x"}),
            (clinic, {"cursor": "é"}),
            (clinic, {"cursor": cursor, "status": "requested"}),
            (clinic, {"cursor": cursor, "sort": "requested"}),
            (shelter, {"cursor": cursor}),
            (person, {"cursor": cursor}),
        ):
            answer = await door.get("/v1/referrals", params=query)
            assert (answer.status_code, answer.json()["code"]) == (400, "bad-cursor"), query


@pytest.mark.parametrize(
    "query",
    [
        {"limit": 0},
        {"limit": 201},
        {"status": "lost"},
        {"role": "boss"},
        {"sort": "name"},
        {"requested_from": "yesterday"},
        {"need": "Zaphrodite Quillfeather"},
        {"client": "x"},
        {"overdue": "perhaps"},
    ],
)
async def test_question_that_is_none_is_told_by_its_place(clinic: httpx.AsyncClient, query: dict[str, Any]) -> None:
    answer = await clinic.get("/v1/referrals", params=query)
    assert (answer.status_code, answer.json()["code"]) == (422, "bad-parameter")
    assert "Zaphrodite" not in answer.text
