"""How referrals stood, by what was on record at an instant; and how long their offers stood in each state."""

from typing import Any

import httpx

from services.gateway.parts import Parts
from tests.support.admitting import NEWCOMER, ahead
from tests.support.events import ident
from tests.support.reading import (
    EVERYBODY,
    JSON,
    ROOMS,
    agreed,
    answered,
    asked,
    erased,
    offer_id,
    referred,
    revoked,
    sent,
    tell,
)

DONE: dict[str, Any] = {"outcome": "delivered", "outputs": [{"kind": "goods"}]}


async def timeline(door: httpx.AsyncClient, referral: str, **query: Any) -> dict[str, Any]:
    answer = await door.get(f"/v1/referrals/{referral}/timeline", params=query)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def states(told: dict[str, Any]) -> list[tuple[str, str]]:
    return [(each["status"], each["detail"]) for each in told["states"]]


async def served(clinic: httpx.AsyncClient, shelter: httpx.AsyncClient) -> str:
    """Have the shelter serve the person, after a refused claim."""
    await agreed(clinic, "1")
    referral = await referred(clinic, "1")
    early = answered("service_started", "1", referral)
    assert (await shelter.post("/v1/events", content=early, headers=JSON, params={"wait": 20})).status_code == 409
    await tell(shelter, answered("offer_accepted", "1", referral, expected_by=ahead(days=30)))
    await tell(shelter, answered("outcome_recorded", "1", referral, **DONE))
    await tell(clinic, answered("outcome_acknowledged", "1", referral))
    return referral


async def test_each_entry_says_how_long_the_offer_had_stood(
    told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient
) -> None:
    referral = await served(clinic, shelter)
    whole = await timeline(shelter, referral)
    assert [(each["type"].split(".")[1], each["before"], each["outcome"]) for each in whole["entries"]] == [
        ("requested", None, "applied"),
        ("offer_sent", None, "applied"),
        ("service_started", "sent", "refused"),
        ("offer_accepted", "sent", "applied"),
        ("outcome_recorded", "accepted", "applied"),
        ("outcome_acknowledged", "served", "applied"),
    ]
    assert [each["stood"] is not None for each in whole["entries"]] == [False, False, True, True, True, True]
    assert states(whole) == [("requested", "sent"), ("accepted", "accepted"), ("completed", "served")]
    [first, second, third] = whole["states"]
    assert (first["until"], second["until"], third["until"]) == (second["from"], third["from"], None)
    assert (first["seconds"], third["seconds"]) == (whole["entries"][3]["stood"], None)


async def test_state_that_ended_with_consent_is_told_though_no_event_of_the_offer_did(
    told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient
) -> None:
    await agreed(clinic, "1")
    referral = await referred(clinic, "1")
    await tell(clinic, revoked("1"))
    for door in (clinic, shelter):
        assert states(await timeline(door, referral)) == [("requested", "sent"), ("cancelled", "consent-revoked")]


async def test_erasure_ends_states_too(told: Parts, clinic: httpx.AsyncClient) -> None:
    await agreed(clinic, "1")
    referral = await referred(clinic, "1")
    await erased(told, "1")
    assert states(await timeline(clinic, referral)) == [("requested", "sent"), ("cancelled", "client-erased")]


async def test_later_records_are_left_out(told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient) -> None:
    referral = await served(clinic, shelter)
    whole = await timeline(shelter, referral)
    for number, entry in enumerate(whole["entries"], 1):
        then = await timeline(shelter, referral, as_of=entry["recorded"])
        # Several may have been recorded in the same millisecond.
        assert then["entries"][:number] == [each | {"copies": None} for each in whole["entries"][:number]]
        assert all(each["recorded"] <= entry["recorded"] for each in then["entries"])
    before = await timeline(shelter, referral, as_of="2020-01-01T00:00:00Z")
    assert (before["entries"], before["states"]) == ([], [])
    sent_at = whole["entries"][1]["recorded"]
    then = await timeline(shelter, referral, as_of=sent_at)
    assert [(each["detail"], each["until"]) for each in then["states"]] == [("sent", None)]


async def test_pages_keep_to_their_instant(told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient) -> None:
    referral = await served(clinic, shelter)
    whole = await timeline(clinic, referral)
    instant = whole["entries"][-1]["recorded"]
    first = await timeline(clinic, referral, as_of=instant, limit=2)
    assert first["next"]
    rest = (await clinic.get(first["next"])).json()
    following = (await clinic.get(rest["next"])).json() if rest["next"] else {"entries": []}
    ids = [each["event"] for page in (first, rest, following) for each in page["entries"]]
    assert ids == [each["event"] for each in whole["entries"]]


async def test_it_stood_as_it_was_shown_then(
    told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient
) -> None:
    """Everything that was answered at each step is answered again."""
    await agreed(clinic, "1")
    referral = await asked(clinic, "1")
    shown = [(await clinic.get(f"/v1/referrals/{referral}")).json()]
    for door, row in (
        (clinic, sent("1")),
        (shelter, answered("offer_accepted", "1", referral, expected_by=ahead(days=30))),
        (shelter, answered("service_started", "1", referral)),
        (shelter, answered("outcome_recorded", "1", referral, **DONE)),
        (clinic, answered("outcome_acknowledged", "1", referral)),
    ):
        await tell(door, row)
        shown.append((await clinic.get(f"/v1/referrals/{referral}")).json())
    entries = (await timeline(clinic, referral))["entries"]
    assert len({each["recorded"] for each in entries}) == len(entries), "recorded in one millisecond"
    for before, entry in zip(shown, entries, strict=True):
        then = (await clinic.get(f"/v1/referrals/{referral}", params={"as_of": entry["recorded"]})).json()
        assert then == before, entry["type"]


async def test_another_s_later_offer_was_not_there_yet(
    told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient, newcomer: httpx.AsyncClient
) -> None:
    await agreed(clinic, "1", recipients={"partners": EVERYBODY})
    referral = await referred(clinic, "1")
    await tell(shelter, answered("offer_declined", "1", referral, reason="other"))
    declined = (await timeline(clinic, referral))["entries"][-1]["recorded"]
    await tell(clinic, sent("1", "p", recipient=NEWCOMER, service_id=ROOMS))
    then = (await clinic.get(f"/v1/referrals/{referral}", params={"as_of": declined})).json()
    assert [each["id"] for each in then["offers"]] == [offer_id("1")]
    assert (then["status"], then["detail"], then["hops"]) == ("in-progress", "declined", 1)
    theirs = (await newcomer.get(f"/v1/referrals/{referral}", params={"as_of": declined})).json()
    assert (theirs["offers"], theirs["status"]) == ([], "draft")


async def test_it_is_seen_by_today_s_rights(
    told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient, newcomer: httpx.AsyncClient
) -> None:
    await agreed(clinic, "1")
    referral = await referred(clinic, "1")
    instant = (await timeline(clinic, referral))["entries"][-1]["recorded"]
    await tell(clinic, revoked("1"))
    query = {"as_of": instant}
    then = (await shelter.get(f"/v1/referrals/{referral}", params=query)).json()
    assert (then["status"], then["need"], then["withheld"]) == ("requested", None, "consent-not-in-force")
    assert (await newcomer.get(f"/v1/referrals/{referral}", params=query)).status_code == 404
    assert (await clinic.get(f"/v1/referrals/{ident('nothing')}", params=query)).status_code == 404


async def test_before_it_was_on_record_there_was_none(told: Parts, clinic: httpx.AsyncClient) -> None:
    await agreed(clinic, "1")
    referral = await referred(clinic, "1")
    answer = await clinic.get(f"/v1/referrals/{referral}", params={"as_of": "2020-01-01T00:00:00Z"})
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
