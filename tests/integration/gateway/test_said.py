"""What was said with each event reaches those whom it is meant for, in every way of reading, and nobody else."""

from typing import Any

import httpx
import orjson
import pytest

from services.gateway import hearing, timeline
from services.gateway.parts import Parts
from tests.support.admitting import BACKBONE, NEWCOMER, ahead
from tests.support.events import ident
from tests.support.reading import EVERYBODY, ROOMS, agreed, answered, erased, offer_id, referred, revoked, sent, tell

OUTPUTS = [{"kind": "housing", "amount": "3", "unit": "night"}, {"kind": "goods"}]
#: When the shelter expects to begin.
DAY = ahead(days=30)[:10]
#: What the shelter says, in order, with the words that are told of it.
STORY: tuple[tuple[str, dict[str, Any]], ...] = (
    ("offer_accepted", {"expected_by": f"{DAY}T12:00:00Z"}),
    ("contact_attempted", {"channel": "phone", "result": "not-safe-to-talk"}),
    ("put_on_hold", {"reason": "client-away"}),
    ("resumed", {}),
    ("outcome_recorded", {"outcome": "partly", "outputs": OUTPUTS, "reason": "no-capacity", "attempts": 2}),
)


async def entries(door: httpx.AsyncClient, referral: str, **query: Any) -> list[dict[str, Any]]:
    answer = await door.get(f"/v1/referrals/{referral}/timeline", params=query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["entries"]
    return found


async def words(door: httpx.AsyncClient, referral: str) -> dict[str, Any]:
    """Return by short type what is told of an event's words, where anything is."""
    found = await entries(door, referral)
    return {each["type"].split(".")[1]: each["said"] for each in found if each["said"] is not None}


async def journey(door: httpx.AsyncClient, referral: str) -> dict[str, Any]:
    answer = await door.get("/v1/clients/own:1/journey")
    assert answer.status_code == 200, answer.text
    [leg] = [each for each in answer.json()["legs"] if each["id"] == referral]
    return {each["type"].split(".")[1]: each["said"] for each in leg["heard"]}


async def served(clinic: httpx.AsyncClient, shelter: httpx.AsyncClient) -> str:
    """Have the shelter serve the person in part, with all that it has to type in."""
    await agreed(clinic, "1", recipients={"partners": EVERYBODY})
    referral = await referred(clinic, "1")
    for name, said in STORY:
        await tell(shelter, answered(name, "1", referral, **said))
    return referral


async def test_what_a_recipient_types_in_is_told_to_both_sides(
    told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient
) -> None:
    referral = await served(clinic, shelter)
    typed = {name: said for name, said in STORY if said}
    for door in (clinic, shelter):
        assert await words(door, referral) == typed
    assert await journey(clinic, referral) == typed


async def test_reasons_of_states_that_are_over_are_told(
    told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient
) -> None:
    referral = await served(clinic, shelter)
    whole = (await clinic.get(f"/v1/referrals/{referral}/timeline")).json()
    assert [(each["detail"], each["reason"]) for each in whole["states"]] == [
        ("sent", None),
        ("accepted", None),
        ("contacting", None),
        ("resting", "client-away"),
        ("serving", None),
        ("partly-served", "no-capacity"),
    ]
    resting = next(each for each in whole["entries"] if each["detail"] == "resting")
    then = (await clinic.get(f"/v1/referrals/{referral}", params={"as_of": resting["recorded"]})).json()
    assert (then["detail"], then["reason"], then["outcome"]) == ("resting", "client-away", None)
    assert then["expected_by"] == f"{DAY}T12:00:00+00:00"


async def passed_on(clinic: httpx.AsyncClient, shelter: httpx.AsyncClient, newcomer: httpx.AsyncClient) -> str:
    """Have the shelter decline with a suggestion, and the newcomer asked, whom the clinic then asks to cancel."""
    await agreed(clinic, "1", recipients={"partners": EVERYBODY})
    referral = await referred(clinic, "1")
    declined: dict[str, Any] = {"reason": "no-capacity", "suggested_partners": [NEWCOMER, BACKBONE]}
    await tell(shelter, answered("offer_declined", "1", referral, **declined))
    await tell(clinic, sent("1", "p", recipient=NEWCOMER, service_id=ROOMS))
    await tell(newcomer, answered("offer_accepted", "1", referral, "p"))
    await tell(newcomer, answered("put_on_hold", "1", referral, "p", reason="staff-shortage"))
    await tell(clinic, answered("cancel_requested", "1", referral, "p", reason="safety-concern"))
    return referral


async def test_nobody_hears_what_was_said_of_another_s_offer(
    told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient, newcomer: httpx.AsyncClient
) -> None:
    referral = await passed_on(clinic, shelter, newcomer)
    declined = {"offer_declined": {"reason": "no-capacity", "suggested_partners": [NEWCOMER, BACKBONE]}}
    rest = {"put_on_hold": {"reason": "staff-shortage"}, "cancel_requested": {"reason": "safety-concern"}}
    assert await words(shelter, referral) == declined
    assert await words(newcomer, referral) == rest
    assert await words(clinic, referral) == await journey(clinic, referral) == declined | rest


async def test_once_nothing_is_shared_others_are_heard_no_more(
    told: Parts,
    clinic: httpx.AsyncClient,
    shelter: httpx.AsyncClient,
    newcomer: httpx.AsyncClient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    referral = await passed_on(clinic, shelter, newcomer)
    await tell(clinic, revoked("1"))
    own = {"put_on_hold": {"reason": "staff-shortage"}}
    others = {"cancel_requested": {"reason": "safety-concern"}}
    assert await words(newcomer, referral) == own
    reasons = [each["reason"] for each in (await newcomer.get(f"/v1/referrals/{referral}/timeline")).json()["states"]]
    assert "safety-concern" not in reasons
    assert "staff-shortage" in reasons
    assert (await words(clinic, referral)).items() >= (own | others).items()
    [line] = await lines(newcomer, rows="offers")
    assert (line["cancel_reason"], line["hold_reasons"]) == (None, ["staff-shortage"])
    for module in (timeline, hearing):
        monkeypatch.setattr(module, "hears_others", lambda _: True)
    assert await words(newcomer, referral) == own | others
    [line] = await lines(newcomer, rows="offers")
    assert line["cancel_reason"] == "safety-concern"


async def test_words_go_with_the_person(told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient) -> None:
    referral = await served(clinic, shelter)
    assert await words(clinic, referral)
    await erased(told, "1")
    for door in (clinic, shelter):
        assert await words(door, referral) == {}


async def test_what_was_refused_has_no_words(
    told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient
) -> None:
    await agreed(clinic, "1")
    referral = await referred(clinic, "1")
    early = answered("put_on_hold", "1", referral, reason="client-away")
    headers = {"Content-Type": "application/json"}
    assert (await shelter.post("/v1/events", content=early, headers=headers, params={"wait": 20})).status_code == 409
    last = (await entries(shelter, referral))[-1]
    assert (last["outcome"], last["said"]) == ("refused", None)


async def lines(door: httpx.AsyncClient, **query: Any) -> list[dict[str, Any]]:
    answer = await door.get("/v1/referrals/export", params={"format": "ndjson", **query})
    assert answer.status_code == 200, answer.text
    return [orjson.loads(line) for line in answer.content.splitlines()]


async def test_a_file_has_a_line_for_each_offer(
    told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient, newcomer: httpx.AsyncClient
) -> None:
    referral = await passed_on(clinic, shelter, newcomer)
    [whole] = await lines(clinic)
    first, second = await lines(clinic, rows="offers")
    assert (whole["id"], first["id"], second["id"]) == (referral,) * 3
    assert (first["offer"], second["offer"]) == (offer_id("1"), offer_id("1", "p"))
    assert (first["recipient"], first["reason"], first["detail"]) == ("shelter", "no-capacity", "declined")
    assert first["suggested_partners"] == [NEWCOMER, BACKBONE]
    assert second["suggested_partners"] is whole["suggested_partners"] is None
    shown = (second["recipient"], second["cancel_reason"], second["hold_reasons"])
    assert shown == (NEWCOMER, "safety-concern", ["staff-shortage"])
    assert (whole["cancel_reason"], whole["hops"]) == ("safety-concern", 2)
    assert [each["offer"] for each in await lines(shelter, rows="offers")] == [offer_id("1")]


async def test_cells_hold_what_was_given_as_text(
    told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient
) -> None:
    await served(clinic, shelter)
    [line] = await lines(clinic)
    assert (line["outputs"], line["contact_attempts"]) == (
        OUTPUTS,
        [{"channel": "phone", "result": "not-safe-to-talk"}],
    )
    answer = await clinic.get("/v1/referrals/export", params={"rows": "offers"})
    assert answer.headers["content-disposition"] == 'attachment; filename="offers.csv"'
    assert '"housing 3 night; goods"' in answer.text
    assert '"phone not-safe-to-talk"' in answer.text
    unknown = await clinic.get("/v1/referrals/export", params={"rows": ident("rows")})
    assert unknown.status_code == 422
