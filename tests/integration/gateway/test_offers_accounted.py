"""The offers in the account of disclosures: whoever was sent one had what it held, whether they looked or not."""

import csv
import io
from datetime import datetime

import httpx
import orjson
import pytest

from projections.disclosure import DISCLOSURE
from services.disclosure.account import Line
from services.gateway import whole
from services.gateway.parts import Parts
from services.gateway.progress import Progress
from tests.support import doors, reading
from tests.support.accounts import PLACE, SENT, account, alias, consent_of
from tests.support.admitting import CLINIC, NEWCOMER, SHELTER, consent, offer, registered, registrar, requested, said
from tests.support.events import INITIATIVE, ident
from tests.support.reading import agreed, answered, asked, offer_id, referred, sent, tell

LONG_AGO = "2024-06-01T00:00:00+00:00"


async def test_offer_that_nobody_looked_at_is_told_to_who_sent_it_and_who_was_sent_it(
    counted: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient, newcomer: httpx.AsyncClient
) -> None:
    await agreed(clinic, "1")
    referral = await referred(clinic, "1")
    await tell(shelter, answered("offer_accepted", "1", referral))
    [line] = await account(clinic)
    assert (line["kind"], line["recipient"], line["recipient_name"]) == (SENT, SHELTER, "Shelter")
    assert (line["sent_by"], line["sent_by_name"], line["own"]) == (CLINIC, "Clinic", False)
    assert line["consent"] == consent_of(counted, CLINIC)
    assert (line["referral"], line["offer"]) == (referral, offer_id("1"))
    assert (line["fields"], line["purpose"], line["in_error"]) == (["contact"], "care", False)
    assert line["description"] == "Sent with an offer: Name and how to reach the person. For: Treatment and care."
    assert line["disclosed"] == line["recorded"]
    theirs = {"own": True, "consent": consent_of(counted, SHELTER)}
    assert await account(shelter, await alias(counted, SHELTER)) == [line | theirs]
    assert await account(newcomer, await alias(counted, NEWCOMER)) == []
    [row] = csv.DictReader(io.StringIO((await clinic.get(PLACE, headers={"Accept": "text/csv"})).text, newline=""))
    assert [row[name] for name in ("kind", "recipient", "fields", "sent_by", "consent", "in_error")] == [
        *(SENT, SHELTER, "contact", CLINIC, line["consent"], "false")
    ]
    assert datetime.fromisoformat(row["disclosed_utc"]) == datetime.fromisoformat(line["disclosed"])


async def test_without_the_offers_nothing_would_have_been_given(
    counted: Parts, clinic: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: as long as only what was opened is read, whoever was sent an offer was told of nobody."""
    await agreed(clinic, "1")
    await referred(clinic, "1")

    async def none(*_: object) -> list[Line]:
        return []

    assert len(await account(clinic)) == 1
    monkeypatch.setattr(whole, "offers_of", none)
    assert await account(clinic) == []


async def test_offer_that_was_a_mistake_or_was_followed_by_another_was_given_all_the_same(
    counted: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient
) -> None:
    await agreed(clinic, "1")
    referral = await referred(clinic, "1")
    await tell(shelter, answered("offer_declined", "1", referral, reason="no-capacity"))
    await tell(clinic, sent("1", "second", replaces=offer_id("1")))
    mistaken = {"offer_id": offer_id("1", "second"), "reason": "wrong-client"}
    await tell(clinic, said("referral.entered_in_error", "wrong", mistaken, subject=referral))
    for door, name in ((clinic, "own:1"), (shelter, await alias(counted, SHELTER))):
        found = await account(door, name)
        assert [(each["offer"], each["in_error"]) for each in found] == [
            (offer_id("1", "second"), True),
            (offer_id("1"), False),
        ]
        assert found[0]["description"].endswith("It was sent in error.")


async def test_refused_offer_gave_nobody_anything(counted: Parts, clinic: httpx.AsyncClient) -> None:
    await agreed(clinic, "1")
    await referred(clinic, "1")
    again = sent("1", "other", data_classes=["health"])
    answer = await clinic.post("/v1/events", content=again, headers=reading.JSON, params={"wait": 20})
    assert (answer.status_code, answer.json()["code"]) == (409, "consent-does-not-cover"), answer.text
    assert [each["offer"] for each in await account(clinic)] == [offer_id("1")]


async def test_offers_and_readings_are_one_list_whatever_a_page_holds(
    counted: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient
) -> None:
    await agreed(clinic, "1")
    referral = await referred(clinic, "1")
    async with doors.partner(counted, SHELTER, ident("somebody")) as door:
        assert (await door.get(f"/v1/referrals/{referral}")).status_code == 200
        await tell(shelter, answered("offer_declined", "1", referral, reason="no-capacity"))
        await tell(clinic, sent("1", "second"))
        assert (await door.get(f"/v1/referrals/{referral}")).status_code == 200
    whole_of_it = await account(clinic)
    assert [each["kind"] for each in whole_of_it] == ["disclosure.opened", SENT] * 2
    place: str | None = f"{PLACE}?limit=1"
    found = []
    while place is not None:
        answer = (await clinic.get(place)).json()
        found += answer["disclosures"]
        place = answer["next"]
    assert found == whole_of_it


async def test_history_that_was_loaded_was_given_when_it_happened(counted: Parts, clinic: httpx.AsyncClient) -> None:
    """It was loaded today, and a year of days does not reach it."""
    window = {
        "backfill_id": "own:old",
        "partners": [CLINIC],
        "from": LONG_AGO,
        "until": "2025-01-01",
        "reason": "history",
    }
    [opening] = await counted.admission.admit(registrar, [said("initiative.backfill_opened", "old", window)])
    assert opening.problem is None, opening.problem
    [backfill] = counted.admission.standing(INITIATIVE).windows
    rows = [
        registered("c 1", "own:1"),
        consent(
            "g 1", "own:1", consent_id="own:1", valid_from=LONG_AGO, programme_classes=["substance-use", "general"]
        ),
        requested("r old", "own:r old", "own:1"),
        offer("o old", "own:r old", consent_id="own:1"),
    ]
    for row in rows:
        old = orjson.dumps(orjson.loads(row) | {"time": LONG_AGO})
        asking = {"wait": "20", "backfill": backfill}
        answer = await clinic.post("/v1/events", content=old, headers=reading.JSON, params=asking)
        assert answer.json().get("ruling", {}).get("outcome") == "applied", answer.text
    await referred(clinic, "1")
    latest, oldest = await account(clinic)
    assert [latest["offer"]] == [each["offer"] for each in await account(clinic, days=365)] == [offer_id("1")]
    assert datetime.fromisoformat(oldest["disclosed"]) == datetime.fromisoformat(LONG_AGO)
    assert oldest["recorded"] > oldest["disclosed"]


async def test_offer_that_is_not_folded_yet_is_waited_for_and_not_left_out(
    parts: Parts, clinic: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await reading.prepared(parts)
    async with doors.folding(parts.settings), doors.folding(parts.settings, DISCLOSURE):
        await agreed(clinic, "1")
        await asked(clinic, "1")
    answer = await clinic.post("/v1/events", content=sent("1"), headers=reading.JSON)
    assert answer.status_code < 300, answer.text
    answer = await clinic.get(PLACE)
    assert (answer.status_code, answer.json()["code"], answer.json()["lag"]) == (503, "too-stale", 1)

    async def everywhere(*_: object) -> int:
        return 0

    # The control: it is the comparison with the log that keeps the account from saying too little.
    monkeypatch.setattr(Progress, "behind", everywhere)
    assert await account(clinic) == []
