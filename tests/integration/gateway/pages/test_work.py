"""The worklist: what is in which list, page by page, and what is said when nothing is."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from services.admission.caller import System
from services.gateway.owed import due_by
from services.gateway.parts import Parts
from services.gateway.principal import Kind, Principal
from services.gateway.seeing import looked
from services.gateway.shapes import whole
from services.gateway.worklist import LIMIT, LISTS, Item, work
from tests.support import doors
from tests.support.admitting import CLINIC, NEWCOMER, SHELTER, ahead, consent, registered, requested, said
from tests.support.events import INITIATIVE
from tests.support.reading import MEALS, ROOMS, offer_id, sent, tell
from tests.support.reading import answered as said_of
from tests.support.surfing import Surfer, held
from tests.support.wait import until

SIDES = (CLINIC, SHELTER)


async def _sent(parts: Parts, count: int, **changed: Any) -> list[str]:
    """Send referrals from the clinic to the shelter by its system, and return their ids."""
    rows, found = [], []
    for number in range(count):
        own = f"w{number}"
        rows += [
            registered(f"c {own}", f"own:{own}"),
            consent(f"g {own}", f"own:{own}", consent_id=f"own:{own}"),
            requested(f"r {own}", f"own:r {own}", f"own:{own}", area="north"),
            sent(own, details=f"text {number}", respond_by=ahead(days=2), **changed),
        ]
    async with doors.partner(parts, CLINIC) as door:
        answer = await door.post(
            "/v1/events",
            content=b"[" + b",".join(rows) + b"]",
            headers={"Content-Type": "application/cloudevents-batch+json"},
        )
        results = answer.json()["results"]
        assert all(each["ok"] for each in results), results
        found = [each["subject"] for each in results[2::4]]
        last = results[-1]["token"]
        assert (await door.get(f"/v1/referrals/{found[-1]}", params={"token": last})).status_code == 200
        for each in results[3::4]:
            await door.get("/v1/referrals", params={"token": each["token"], "limit": 1})
    return found


async def test_list_goes_on_page_by_page(shelter: Surfer, parts: Parts) -> None:
    await _sent(parts, LIMIT + 3)
    first = await shelter.open("/work")
    second = await shelter.open(first.link("More of this list"))
    assert [len(each.table()) for each in (first, second)] == [LIMIT, 3]
    places = [each["href"] for page in (first, second) for each in page.root.one("tbody").all("a")]
    assert len(set(places)) == LIMIT + 3
    assert "More of this list" not in second.text
    assert len((await shelter.open(second.link("From the beginning"))).table()) == LIMIT


async def test_page_of_another_s_list_is_not_shown(clinic: Surfer, shelter: Surfer, parts: Parts) -> None:
    await _sent(parts, LIMIT + 1)
    following = (await shelter.open("/work")).link("More of this list")
    assert (await clinic.open(following)).status == 400
    assert (await shelter.open(following.replace("answer", "waiting"))).status == 400


async def test_overdue_is_what_nobody_answered_or_served_in_time(clinic: Surfer, shelter: Surfer, parts: Parts) -> None:
    async with doors.partner(parts, CLINIC) as door, doors.partner(parts, SHELTER) as recipient:
        referrals = await _sent(parts, 3)
        for number, changed in ((1, {"expected_by": ahead(hours=-3)}), (2, {"expected_by": ahead(days=2)})):
            await tell(recipient, said_of("offer_accepted", f"w{number}", referrals[number], **changed))
        late = {"offer_id": offer_id("late"), "respond_by": ahead(hours=-3), "service_id": MEALS}
        await tell(door, registered("c late", "own:late"))
        await tell(door, consent("g late", "own:late", consent_id="own:late"))
        await tell(door, requested("r late", "own:r late", "own:late"))
        await tell(door, sent("late", **late))
    for who in (clinic, shelter):
        page = await who.open("/work?list=overdue")
        assert ["(3 hours" in row["Was due"] for row in page.table()] == [True, True]
    steps = [row["Next step"] for row in (await shelter.open("/work?list=overdue")).table()]
    assert sorted(steps) == ["Answer", "Go on"]
    page = await shelter.open((await shelter.open("/work?list=overdue")).link_in_table())
    assert "this is overdue" in page.text


async def test_empty_lists_say_so(clinic: Surfer) -> None:
    said: dict[str, str] = {name: (await clinic.open(f"/work?list={name}")).text for name in LISTS}
    for name, text in {
        "answer": "Nothing waits for your answer.",
        "taken": "Nothing that you took on is open.",
        "waiting": "Nobody owes you anything.",
        "overdue": "Nothing is overdue.",
        "ended": "You have seen how everything ended.",
        "again": "Nothing that ended unmet is left to you.",
        "unsent": "Nothing that you kept waits to be sent.",
    }.items():
        assert text in said[name]


async def test_time_is_the_initiative_s_and_how_far_away(clinic: Surfer, parts: Parts) -> None:
    await _sent(parts, 1)
    [row] = (await clinic.open("/work?list=waiting")).table()
    assert re.fullmatch(r"answer by .* \(in 1 day 23 hours\).*", row["Due or since"])
    assert row["Since"].endswith("(now)") or "minute" in row["Since"]
    assert row["Person"] != "no name of ours yet"


async def test_unknown_list_is_answered_by_a_page(clinic: Surfer) -> None:
    assert (await clinic.open("/work?list=everything")).status == 422


async def test_each_of_two_that_were_asked_has_its_own_part_in_its_lists(
    clinic: Surfer, shelter: Surfer, newcomer: Surfer, parts: Parts
) -> None:
    async with doors.partner(parts, CLINIC) as door, doors.partner(parts, SHELTER) as recipient:
        referral = await _asked_of_both(door, "two")
        everybody = (clinic, shelter, newcomer)
        assert [await _held(who) for who in everybody] == [{"waiting": 1}, {"answer": 1}, {"answer": 1}]
        await tell(recipient, said_of("offer_accepted", "two", referral, expected_by=ahead(hours=-3)))
        late = [{"waiting": 1, "overdue": 1}, {"taken": 1, "overdue": 1}, {"answer": 1}]
        assert [await _held(who) for who in everybody] == late
        served: dict[str, Any] = {"outcome": "delivered", "outputs": [{"kind": "goods"}]}
        await tell(recipient, said_of("outcome_recorded", "two", referral, **served))
    assert [await _held(who) for who in everybody] == [{"ended": 1}, {}, {"answer": 1}]
    [row] = (await newcomer.open("/work")).table()
    assert "Sent, not looked at yet" in row["Answer by"]


async def test_what_was_sent_is_late_when_any_of_its_offers_is(
    clinic: Surfer, shelter: Surfer, newcomer: Surfer, parts: Parts
) -> None:
    async with doors.partner(parts, CLINIC) as door, doors.partner(parts, SHELTER) as recipient:
        first = ahead(hours=-3)
        referral = await _asked_of_both(door, "two", first=first)
        assert await _held(clinic) == {"waiting": 1, "overdue": 1}
        assert [await _held(who) for who in (shelter, newcomer)] == [{"answer": 1, "overdue": 1}, {"answer": 1}]
        [item] = await _overdue_at(parts, CLINIC, datetime.now(UTC))
        assert item.key == datetime.fromisoformat(first)
        listed = (await door.get("/v1/referrals", params={"list": "overdue"})).json()["referrals"]
        assert [each["id"] for each in listed] == [referral]
        [leg] = (await door.get("/v1/clients/own:two/journey")).json()["legs"]
        assert (leg["owner"], leg["next"]["overdue"]) == (SHELTER, True)
        page = await clinic.open("/work?list=overdue")
        [row] = page.table()
        assert (row["With"], row["Was due"][:10]) == ("to Shelter", "answer by ")
        said_there = (await clinic.open(page.link_in_table())).text
        assert "It is Shelter's turn" in said_there
        assert "this is overdue" in said_there
        # What leads is not late, and neither is what is owed no more.
        await tell(door, said_of("offer_recalled", "two", referral, "p", reason="other"))
        assert (await _overdue_at(parts, CLINIC, datetime.now(UTC)))[0].key == item.key
        await tell(recipient, said_of("offer_accepted", "two", referral))
        assert [await _held(who) for who in (clinic, shelter)] == [{"waiting": 1}, {"taken": 1}]


async def test_late_is_the_same_in_a_list_and_in_what_a_referral_says_is_next(
    clinic: Surfer, shelter: Surfer, parts: Parts
) -> None:
    async with doors.partner(parts, CLINIC) as door, doors.partner(parts, SHELTER) as recipient:
        referral = await _asked_of_both(door, "two", first=ahead(hours=-3))
        told: tuple[tuple[httpx.AsyncClient, str, dict[str, Any]], ...] = (
            (recipient, "offer_viewed", {"by": "person"}),
            (recipient, "offer_accepted", {"expected_by": ahead(days=3)}),
            (door, "cancel_requested", {"reason": "other"}),
            (recipient, "cancel_confirmed", {}),
        )
        for by, name, data in told:
            await tell(by, said_of(name, "two", referral, **data))
            for days in (0, 1, 2.5, 4, 30):
                await _same_at(parts, referral, datetime.now(UTC) + timedelta(days=days))


async def _same_at(parts: Parts, referral: str, at: datetime) -> None:
    """Check that the sender's list and the referral itself say alike whether anything is late then, and what."""
    found = {item.place.referral: item for item in await _overdue_at(parts, CLINIC, at)}
    who = Principal(Kind.PARTNER_SYSTEM, INITIATIVE, CLINIC)
    owed = whole((await looked(parts, who, referral, None, at)).sight, referral, None, at, str)["next"]
    assert owed["overdue"] is (referral in found)
    assert not owed["overdue"] or owed["by"] == found[referral].key


async def _asked_of_both(door: httpx.AsyncClient, own: str, first: str | None = None) -> str:
    """Ask the shelter and the newcomer to help the same person; return the referral's id.

    The shelter is to answer by the `first` instant.
    """
    await tell(door, registered(f"c {own}", f"own:{own}"))
    both = {"partners": [SHELTER, NEWCOMER]}
    await tell(door, consent(f"g {own}", f"own:{own}", consent_id=f"own:{own}", recipients=both))
    referral = (await tell(door, requested(f"r {own}", f"own:r {own}", f"own:{own}")))["subject"]
    await tell(door, sent(own, respond_by=first or ahead(days=2)))
    await tell(door, sent(own, "p", recipient=NEWCOMER, service_id=ROOMS, respond_by=ahead(days=2)))
    return str(referral)


async def test_wish_to_cancel_waits_for_whoever_accepted(
    clinic: Surfer, shelter: Surfer, newcomer: Surfer, parts: Parts
) -> None:
    everybody = (clinic, shelter, newcomer)
    async with doors.partner(parts, CLINIC) as door, doors.partner(parts, SHELTER) as recipient:
        cancelled = {"w0": (await _sent(parts, 1))[0], "two": await _asked_of_both(door, "two")}
        for own, referral in cancelled.items():
            await tell(recipient, said_of("offer_accepted", own, referral))
        assert [await _held(who) for who in everybody] == [{"waiting": 2}, {"taken": 2}, {"answer": 1}]
        for own, referral in cancelled.items():
            await tell(door, said_of("cancel_requested", own, referral, reason="other"))
        assert [await _held(who) for who in everybody] == [{"waiting": 2}, {"answer": 2}, {"answer": 1}]
        for who, name, step in ((shelter, "answer", "Answer"), (clinic, "waiting", "Look")):
            for row in (await who.open(f"/work?list={name}")).table():
                due = row["Answer by" if name == "answer" else "Due or since"]
                assert "The sender asks to cancel it, and waits for an answer" in due
                assert row["Next step"] == step
        for partner in (CLINIC, SHELTER):
            late = await _overdue_at(parts, partner, datetime.now(UTC) + timedelta(days=30))
            assert sorted(item.place.referral for item in late) == sorted(cancelled.values())
            for item in late:
                # Its sender waits for the newcomer's answer too, which was due before.
                assert item.key == min(by for by in map(due_by, item.sight.offers) if by is not None)
                assert any(offer.confirm_by for offer in item.sight.offers)
        for own, referral in cancelled.items():
            await tell(recipient, said_of("cancel_confirmed", own, referral))
        # The newcomer's offer of the second leads now.
        held = [{"waiting": 1, "ended": 1, "again": 1}, {}, {"answer": 1}]
        assert [await _held(who) for who in everybody] == held


async def _overdue_at(parts: Parts, partner: str, at: datetime) -> list[Item]:
    """Return what is overdue for the partner at this moment."""
    who = Principal(Kind.PARTNER_SYSTEM, INITIATIVE, partner)
    return (await work(parts, who, "overdue", None, at)).items


async def test_end_that_was_not_seen_stays_whatever_is_sent_or_closed_since(
    clinic: Surfer, newcomer: Surfer, parts: Parts
) -> None:
    async with (
        doors.partner(parts, CLINIC) as door,
        doors.partner(parts, SHELTER) as recipient,
        doors.partner(parts, NEWCOMER) as other,
    ):
        referral = await _asked_of_both(door, "two")
        await tell(recipient, said_of("offer_accepted", "two", referral))
        await tell(recipient, said_of("outcome_recorded", "two", referral, outcome="not-delivered", reason="no-show"))
        # The newcomer's offer leads now.
        assert await _held(clinic) == {"waiting": 1, "ended": 1}
        [row] = (await clinic.open("/work?list=ended")).table()
        assert (row["With"], row["Next step"]) == ("to Shelter", "See how it ended")
        assert "Not served" in row["Ended"]
        assert await _held(newcomer) == {"answer": 1}
        await tell(other, said_of("offer_declined", "two", referral, "p", reason="no-capacity"))
        await tell(door, said("referral.closed", "closed two", {"disposition": "other"}, subject=referral))
        assert await _held(clinic) == {"ended": 1}
        await tell(door, said_of("outcome_acknowledged", "two", referral))
    # What was declined before it gave up needs no look.
    assert await _held(clinic) == {}


async def _held(who: Surfer) -> dict[str, int]:
    """Return how many each list holds, those that hold nothing left out."""
    return held(await who.open("/work"))


async def test_work_that_was_taken_on_stands_in_a_list_of_each_side_until_it_ended(
    clinic: Surfer, shelter: Surfer, parts: Parts
) -> None:
    [referral] = await _sent(parts, 1)
    async with doors.partner(parts, SHELTER) as recipient:
        for name in ("offer_accepted", "waitlisted", "service_started"):
            await tell(recipient, said_of(name, "w0", referral))
            assert [await _held(who) for who in (clinic, shelter)] == [{"waiting": 1}, {"taken": 1}]
            for who, list_ in ((clinic, "waiting"), (shelter, "taken")):
                [row] = (await who.open(f"/work?list={list_}")).table()
                assert row["Due or since"].startswith("since " if name == "service_started" else "to begin by ")
            if name == "offer_accepted":
                # Nobody named a day, so it is late by the initiative's own.
                late = [await _overdue_at(parts, each, datetime.now(UTC) + timedelta(days=30)) for each in SIDES]
                assert [[item.place.referral for item in found] for found in late] == [[referral], [referral]]
        served: dict[str, Any] = {"outcome": "delivered", "outputs": [{"kind": "goods"}]}
        await tell(recipient, said_of("outcome_recorded", "w0", referral, **served))
    assert [await _held(who) for who in (clinic, shelter)] == [{"ended": 1}, {}]


async def test_person_who_says_otherwise_waits_for_the_sender(clinic: Surfer, shelter: Surfer, parts: Parts) -> None:
    [referral] = await _sent(parts, 1)
    async with doors.partner(parts, CLINIC) as door, doors.partner(parts, SHELTER) as recipient:
        await tell(recipient, said_of("offer_accepted", "w0", referral))
        served: dict[str, Any] = {"outcome": "delivered", "outputs": [{"kind": "goods"}]}
        await tell(recipient, said_of("outcome_recorded", "w0", referral, **served))
        await tell(door, said_of("outcome_acknowledged", "w0", referral))
        assert await _held(clinic) == {}
        await tell(door, said_of("client_answered", "w0", referral, need_met="no"))
    assert [await _held(who) for who in (clinic, shelter)] == [{"ended": 1}, {}]
    page = await clinic.open((await clinic.open("/work?list=ended")).link_in_table())
    assert "the person says that the need was not met. It is your turn" in page.text
    assert "who can help" in (await clinic.open(page.link("Offer it to somebody else"))).title
    page = await clinic.press(page, "I have seen how it ended")
    assert (await _held(clinic), "Nobody owes a step." in page.text) == ({}, True)


async def test_need_that_nobody_met_is_its_sender_s_until_it_gives_up(
    clinic: Surfer, shelter: Surfer, parts: Parts
) -> None:
    [referral] = await _sent(parts, 1)
    async with doors.partner(parts, CLINIC) as door, doors.partner(parts, SHELTER) as recipient:
        await tell(recipient, said_of("offer_declined", "w0", referral, reason="no-capacity"))
        assert await _held(clinic) == {"ended": 1, "again": 1}
        await tell(door, said_of("outcome_acknowledged", "w0", referral))
        assert [await _held(who) for who in (clinic, shelter)] == [{"again": 1}, {}]
        [row] = (await clinic.open("/work?list=again")).table()
        assert "Declined" in row["Ended"]
        await tell(door, said("referral.closed", "closed", {"disposition": "other"}, subject=referral))
    assert await _held(clinic) == {}


async def test_late_answer_stands_with_whoever_may_still_give_it(clinic: Surfer, shelter: Surfer, parts: Parts) -> None:
    [referral] = await _sent(parts, 1)
    await _over(parts, "offer_expired", referral, str((await _whole(parts, referral))["offers"][0]["respond_by"]))
    assert [await _held(who) for who in (clinic, shelter)] == [{"ended": 1, "again": 1}, {"overdue": 1}]
    [late] = (await shelter.open("/work?list=overdue")).table()
    assert late["Next step"] == "Answer late"
    assert await _overdue_at(parts, SHELTER, datetime.now(UTC) + timedelta(days=40)) == []
    async with doors.partner(parts, CLINIC) as door:
        await tell(door, sent("w0", "p", respond_by=ahead(days=2), replaces=offer_id("w0")))
    # What replaces it is its to answer now, and the late answer is not.
    assert await _held(shelter) == {"answer": 1}


async def test_late_answer_is_nobody_s_once_another_took_its_place_though_an_error_lies_between(
    clinic: Surfer, shelter: Surfer, newcomer: Surfer, parts: Parts
) -> None:
    async with doors.partner(parts, CLINIC) as door, doors.partner(parts, NEWCOMER) as other:
        referral = await _asked_of_both(door, "w0")
        await tell(door, said_of("offer_recalled", "w0", referral, "p", reason="other"))
        await _over(parts, "offer_expired", referral, str((await _whole(parts, referral))["offers"][0]["respond_by"]))
        late, instead = {"overdue": 1}, {"recipient": NEWCOMER, "service_id": ROOMS, "respond_by": ahead(days=2)}
        page = f"/referrals/{referral}"
        assert (await _held(shelter), "Accept" in (await shelter.open(page)).text) == (late, True)
        await tell(door, sent("w0", "q", replaces=offer_id("w0"), **instead))
        assert (await _held(shelter), "Accept" in (await shelter.open(page)).text) == ({}, False)
        await tell(other, said_of("offer_declined", "w0", referral, "q", reason="no-capacity"))
        await tell(door, said_of("entered_in_error", "w0", referral, "q", reason="wrong-client"))
        assert (await _held(shelter), "Accept" in (await shelter.open(page)).text) == (late, True)
        await tell(door, sent("w0", "s", replaces=offer_id("w0", "q"), **instead))
        assert (await _held(shelter), "Accept" in (await shelter.open(page)).text) == ({}, False)


async def test_what_nobody_answered_leaves_the_list_once_its_sender_gives_up(
    clinic: Surfer, shelter: Surfer, parts: Parts
) -> None:
    [referral] = await _sent(parts, 1)
    await _over(parts, "offer_expired", referral, str((await _whole(parts, referral))["offers"][0]["respond_by"]))
    async with doors.partner(parts, CLINIC) as door, doors.partner(parts, SHELTER) as recipient:
        assert await _held(shelter) == {"overdue": 1}
        await tell(door, said("referral.closed", "closed", {"disposition": "other"}, subject=referral))
        assert await _held(shelter) == {}
        assert (await recipient.get("/v1/referrals", params={"list": "overdue"})).json()["referrals"] == []
        # A true late answer is taken all the same.
        await tell(recipient, said_of("offer_accepted", "w0", referral))
    assert [await _held(who) for who in (clinic, shelter)] == [{"waiting": 1}, {"taken": 1}]


async def test_how_it_ended_can_be_told_though_nobody_answered_the_cancellation(
    clinic: Surfer, shelter: Surfer, parts: Parts
) -> None:
    [referral] = await _sent(parts, 1)
    async with doors.partner(parts, CLINIC) as door, doors.partner(parts, SHELTER) as recipient:
        await tell(recipient, said_of("offer_accepted", "w0", referral))
        await tell(door, said_of("cancel_requested", "w0", referral, reason="need-changed"))
        await _over(parts, "cancel_confirmed", referral, str((await _whole(parts, referral))["next"]["by"]))
        assert [await _held(who) for who in (clinic, shelter)] == [{"ended": 1, "again": 1}, {"overdue": 1}]
        [row] = (await shelter.open("/work?list=overdue")).table()
        assert row["Next step"] == "Tell how it ended"
        assert await _overdue_at(parts, SHELTER, datetime.now(UTC) + timedelta(days=40)) == []
        served: dict[str, Any] = {"outcome": "delivered", "outputs": [{"kind": "goods"}]}
        await tell(recipient, said_of("outcome_recorded", "w0", referral, **served))
    assert [await _held(who) for who in (clinic, shelter)] == [{"ended": 1}, {}]


async def _over(parts: Parts, name: str, referral: str, deadline: str) -> None:
    """Have the timekeeper say that the offer's deadline came, and wait until that is folded."""
    [record] = (await parts.vault.find(INITIATIVE, CLINIC, ["own:w0"])).values()
    data = {"offer_id": offer_id("w0"), "deadline": deadline}
    row = said(f"referral.{name}", "late", data, subject=referral, partitionkey=record)
    [result] = await parts.admission.admit(System(INITIATIVE, "timekeeper"), [row])
    at = result.at
    assert at is not None, result.problem
    await until(lambda: parts.progress.reach(at))


async def _whole(parts: Parts, referral: str) -> dict[str, Any]:
    async with doors.partner(parts, SHELTER) as door:
        return dict((await door.get(f"/v1/referrals/{referral}")).json())
