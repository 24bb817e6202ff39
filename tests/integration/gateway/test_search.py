"""Finding referrals: by names of the caller's own, by what is to be done, and never by what it may not see."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from services.gateway.listing import Asked, listed
from services.gateway.parts import Parts
from services.gateway.principal import Kind, Principal
from tests.support.admitting import CLINIC, SHELTER, said
from tests.support.events import INITIATIVE, ident
from tests.support.reading import agreed, answered, asked, referred, revoked, sent, tell

DONE: Mapping[str, Any] = {"outcome": "delivered", "outputs": [{"kind": "goods"}]}


async def found(door: httpx.AsyncClient, names: Mapping[str, str], **query: Any) -> set[str]:
    """Return what the list finds, by this story's names."""
    answer = await door.get("/v1/referrals", params=query)
    assert answer.status_code == 200, answer.text
    return {names[each["id"]] for each in answer.json()["referrals"]}


async def story(clinic: httpx.AsyncClient, shelter: httpx.AsyncClient) -> dict[str, str]:
    """Tell of a person each: not sent, sent, late, accepted, declined, served, acknowledged."""
    made: dict[str, str] = {}
    for name in ("unsent", "sent", "late", "accepted", "declined", "served", "thanked"):
        await agreed(clinic, name)
        due = {"respond_by": "2026-01-01"} if name == "late" else {}
        made[name] = await (asked(clinic, name) if name == "unsent" else referred(clinic, name, **due))
    for name in ("accepted", "served", "thanked"):
        await tell(shelter, answered("offer_accepted", name, made[name]))
    await tell(shelter, answered("offer_declined", "declined", made["declined"], reason="no-capacity"))
    for name in ("served", "thanked"):
        await tell(shelter, answered("outcome_recorded", name, made[name], **DONE))
    await tell(clinic, answered("outcome_acknowledged", "thanked", made["thanked"]))
    return {referral: name for name, referral in made.items()}


async def test_lists_of_what_is_to_be_done(told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient) -> None:
    names = await story(clinic, shelter)
    lists = ("needs-my-answer", "in-hand", "waiting", "overdue", "offer-again", "unacknowledged")
    assert {name: await found(clinic, names, list=name) for name in lists} == {
        "needs-my-answer": set(),
        "in-hand": set(),
        "waiting": {"sent", "late", "accepted"},
        "overdue": {"late"},
        "offer-again": {"declined"},
        "unacknowledged": {"served"},
    }
    assert {name: await found(shelter, names, list=name) for name in lists} == {
        "needs-my-answer": {"sent", "late"},
        "in-hand": {"accepted"},
        "waiting": set(),
        "overdue": {"late"},
        "offer-again": set(),
        "unacknowledged": set(),
    }


async def test_wish_to_cancel_waits_for_its_answer(
    told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient
) -> None:
    await agreed(clinic, "1")
    referral = await referred(clinic, "1")
    await tell(shelter, answered("offer_accepted", "1", referral))
    names = {referral: "cancelled"}
    assert await found(shelter, names, list="needs-my-answer") == set()
    await tell(clinic, answered("cancel_requested", "1", referral, reason="other"))
    assert await found(shelter, names, list="needs-my-answer") == {"cancelled"}
    assert await found(clinic, names, list="needs-my-answer") == set()
    assert await found(clinic, names, list="waiting") == {"cancelled"}
    for partner in (CLINIC, SHELTER):
        who, late = Principal(Kind.PARTNER_SYSTEM, INITIATIVE, partner), Asked.model_validate({"list": "overdue"})
        for days, expected in ((0, []), (30, [referral])):
            page = await listed(told, who, late, datetime.now(UTC) + timedelta(days=days))
            assert [place.referral for place, _ in page.seen] == expected
    await tell(shelter, answered("cancel_confirmed", "1", referral))
    assert await found(shelter, names, list="needs-my-answer") == set()


async def test_outcome_is_unacknowledged_whatever_else_is_sent_or_closed_since(
    told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient
) -> None:
    await agreed(clinic, "1")
    referral = await referred(clinic, "1")
    names = {referral: "failed"}
    await tell(shelter, answered("offer_accepted", "1", referral))
    await tell(shelter, answered("outcome_recorded", "1", referral, outcome="not-delivered", reason="no-show"))
    assert await found(clinic, names, list="unacknowledged") == {"failed"}
    await tell(clinic, sent("1", "p"))
    assert await found(clinic, names, list="unacknowledged") == {"failed"}
    await tell(clinic, answered("offer_recalled", "1", referral, "p", reason="other"))
    await tell(clinic, said("referral.closed", "closed 1", {"disposition": "other"}, subject=referral))
    assert await found(clinic, names, list="unacknowledged") == {"failed"}
    assert await found(shelter, names, list="unacknowledged") == set()
    await tell(clinic, answered("outcome_acknowledged", "1", referral))
    assert await found(clinic, names, list="unacknowledged") == set()


async def test_by_several_states_by_deadline_and_by_reason(
    told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient
) -> None:
    names = await story(clinic, shelter)
    assert await found(clinic, names, status=["requested", "accepted"]) == {"sent", "late", "accepted"}
    assert await found(clinic, names, status="accepted") == {"accepted"}
    assert await found(clinic, names, due_before="2026-06-01T00:00:00Z") == {"late"}
    assert await found(clinic, names, due_before="2199-12-01T00:00:00Z") == {"sent", "late"}
    assert await found(clinic, names, reason="no-capacity") == {"declined"}
    wrong = await clinic.get("/v1/referrals", params={"status": ["requested", "lost"]})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "bad-parameter")


async def test_by_names_of_the_caller_s_own(told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient) -> None:
    names = await story(clinic, shelter)
    [client] = (await told.vault.find(INITIATIVE, CLINIC, ["own:sent"])).values()
    [alias] = (await told.vault.aliases(INITIATIVE, CLINIC, [client])).values()
    referral = next(referral for referral, name in names.items() if name == "sent")
    for query in (
        {"client": "own:sent"},
        {"client": alias},
        {"referral": "own:r sent"},
        {"referral": referral},
        {"referral": referral, "client": alias},
    ):
        assert await found(clinic, names, **query) == {"sent"}
    for query in (
        {"client": client},
        {"client": "own:nobody"},
        {"client": ident("nobody")},
        {"referral": "own:nothing"},
        {"referral": referral, "client": "own:late"},
    ):
        assert await found(clinic, names, **query) == set()
    assert await found(shelter, names, client="own:sent") == set()
    assert await found(shelter, names, client=alias) == set()
    assert await found(shelter, names, referral=referral) == {"sent"}


async def test_pages_go_on_with_every_filter(
    told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient
) -> None:
    names = await story(clinic, shelter)
    query: dict[str, Any] = {"status": ["requested", "accepted"], "role": "sender", "sort": "requested", "limit": 1}
    seen, answer = [], await clinic.get("/v1/referrals", params=query)
    while True:
        page = answer.json()
        seen += [names[each["id"]] for each in page["referrals"]]
        if page["next"] is None:
            break
        answer = await clinic.get(page["next"])
    assert seen == ["sent", "late", "accepted"]
    other = await clinic.get("/v1/referrals", params={**query, "status": "requested"})
    moved = other.json()["next"].replace("status=requested", "status=accepted")
    assert (await clinic.get(moved)).json()["code"] == "bad-cursor"


async def test_no_filter_tells_what_is_withheld(
    told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient
) -> None:
    await agreed(clinic, "1")
    referral = await referred(clinic, "1")
    await tell(clinic, revoked("1"))
    names = {referral: "revoked"}
    for query in ({"need": "shelter"}, {"urgency": "soon"}, {"need": "shelter", "referral": referral}):
        assert await found(shelter, names, **query) == set()
    assert await found(shelter, names, referral=referral) == {"revoked"}
