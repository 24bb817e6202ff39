"""Deadlines are said when they come, and what is gone or was loaded later is treated as it should be."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from services.admission.deadlines import after_business_days
from services.referral.store import Deadlines
from services.referral.timekeeper.keeper import REST_S, Parts, Timekeeper
from tests.integration.referral.conftest import DAY, World, effects, unheeded
from tests.support.admitting import CLINIC, NEWCOMER, SHELTER, clinic, registrar, said
from tests.support.wait import until


async def test_deadlines_are_said_in_their_turn(world: World) -> None:
    respond_by = world.now + 13 * DAY
    referral = await world.offered("1", respond_by)
    async with world.standing() as parts:
        keeper = Timekeeper(parts)
        assert await world.look(keeper, world.now) == REST_S
        assert await world.kinds() == []
        for kinds in (["reminded"], ["escalated", "reminded"]):
            [row] = await world.rows("select due from api_referral.deadline")
            assert await world.look(keeper, row["due"] - timedelta(seconds=1)) == 1.0
            await world.look(keeper, row["due"])
            assert await world.kinds() == kinds
        await world.look(keeper, respond_by)
        assert await world.detail(referral) == "expired-no-response"
        await world.look(keeper, respond_by + 400 * DAY)
    assert effects(await world.timeline()) == [(k, "applied", 0) for k in ("reminded", "escalated", "offer_expired")]
    assert [datetime.fromisoformat(each["time"]) for each in await world.said()][-1] == respond_by


async def test_an_answer_within_the_days_of_the_policy_is_reminded_of_too(world: World) -> None:
    respond_by = after_business_days(world.now, 2, world.admission.standing("riverbend"))
    assert respond_by is not None
    referral = await world.offered("1", respond_by)
    async with world.standing() as parts:
        keeper = Timekeeper(parts)
        for kinds in (["reminded"], ["escalated", "reminded"]):
            await world.folded()
            [row] = await world.rows("select due from api_referral.deadline")
            assert row["due"] < respond_by
            await world.look(keeper, row["due"])
            assert await world.kinds() == kinds
        assert await world.detail(referral) == "sent"
        await world.look(keeper, respond_by)
    assert effects(await world.timeline()) == [(k, "applied", 0) for k in ("reminded", "escalated", "offer_expired")]


async def test_what_was_promised_is_asked_for_and_then_its_sender_told_each_once(world: World) -> None:
    said_yes = world.now
    referral = await world.offered("1", said_yes + 13 * DAY)
    await world.answered("offer_accepted", referral, "1")
    standing = world.admission.standing("riverbend")
    start_by, late_at = (after_business_days(said_yes, days, standing) for days in (10, 20))
    assert start_by is not None
    assert late_at is not None
    async with world.standing() as parts:
        keeper = Timekeeper(parts)
        await world.look(keeper, start_by - timedelta(seconds=1))
        assert await world.kinds() == []
        await world.look(keeper, start_by)
        assert await world.kinds() == ["reminded"]
        await world.answered("contact_attempted", referral, "1", channel="phone", result="no-answer")
        await world.look(keeper, late_at - timedelta(seconds=1))
        assert await world.kinds() == ["reminded"]
        await world.look(keeper, late_at)
        await world.look(Timekeeper(parts), late_at + 400 * DAY)
    assert [datetime.fromisoformat(each["time"]) for each in await world.said()] == [start_by, late_at]
    assert effects(await world.timeline()) == [("reminded", "applied", 0), ("escalated", "applied", 0)]
    assert await world.detail(referral) == "contacting"


async def test_a_later_estimate_moves_both_and_a_beginning_ends_them(world: World) -> None:
    said_yes, later = world.now, world.now + 40 * DAY
    referral = await world.offered("1", said_yes + 13 * DAY)
    await world.answered("offer_accepted", referral, "1")
    async with world.standing() as parts:
        keeper = Timekeeper(parts)
        await world.look(keeper, said_yes)
        await world.answered("waitlisted", referral, "1", expected_by=later.isoformat())
        await world.look(keeper, later - timedelta(seconds=1))
        assert await world.kinds() == []
        await world.look(keeper, later)
        assert await world.kinds() == ["reminded"]
        await world.answered("service_started", referral, "1")
        await world.look(keeper, later + 400 * DAY)
    assert await world.kinds() == ["reminded"]


async def test_what_was_said_before_a_promise_silences_nothing_of_it(world: World) -> None:
    referral = await world.offered("1", world.now + 13 * DAY)
    await world.folded()
    [row] = await world.rows("select due from api_referral.deadline")
    named, late_at = row["due"], after_business_days(row["due"], 10, world.admission.standing("riverbend"))
    assert late_at is not None
    async with world.standing() as parts:
        keeper = Timekeeper(parts)
        await world.look(keeper, named)
        assert await world.kinds() == ["reminded"]
        for number, promise in enumerate(("offer_accepted", "waitlisted"), 1):
            # Its recipient names the very day of which it was reminded.
            await world.answered(promise, referral, "1", expected_by=named.isoformat())
            await world.look(keeper, late_at)
            await world.look(keeper, late_at)
            assert await world.kinds() == ["escalated"] * number + ["reminded"] * (number + 1)
    said = [(name, "applied", 0) for name in ("reminded", "reminded", "reminded", "escalated", "escalated")]
    assert effects(await world.timeline()) == said


async def test_the_true_answer_counts_after_the_deadline_too(world: World) -> None:
    expected_by = world.now + 9 * DAY
    referral = await world.ending("1")
    async with world.standing() as parts:
        keeper = Timekeeper(parts)
        await world.look(keeper, world.now)
        await world.answered("offer_accepted", referral, "1", expected_by=expected_by.isoformat())
        await world.look(keeper, expected_by - DAY)
        assert await world.detail(referral) == "accepted"
        assert await world.kinds() == ["offer_expired"]
        await world.look(keeper, expected_by)
    assert effects(await world.timeline()) == [("offer_expired", "applied", 0), ("reminded", "applied", 0)]


async def test_a_cancellation_that_nobody_answers_is_confirmed(world: World) -> None:
    referral = await world.ending("1")
    await world.answered("offer_accepted", referral, "1")
    await world.answered("cancel_requested", referral, "1", by=clinic, reason="need-changed")
    async with world.standing() as parts:
        await world.look(Timekeeper(parts), world.now + 30 * DAY)
    assert await world.kinds() == ["cancel_confirmed"]
    assert await world.detail(referral) == "cancel-unanswered"
    await world.answered("outcome_recorded", referral, "1", outcome="delivered", outputs=[{"kind": "goods"}])
    await world.folded()
    assert await world.detail(referral) == "served"


async def test_what_is_due_is_said_batch_by_batch_and_what_follows_from_it_next(world: World) -> None:
    for number in range(5):
        await world.offered(str(number), world.now + (10 + number) * DAY)
    late = world.now + 60 * DAY
    await world.folded()
    [row] = await world.rows("select min(due) as due from api_referral.deadline")
    async with world.standing() as parts:
        keeper = Timekeeper(parts, most=2)
        await world.look(keeper, late)
        lag = parts.telemetry.registry.get_sample_value("manyhands_deadlines_lag_seconds")
        for _ in range(2):
            await world.look(keeper, late)
        said = parts.telemetry.registry.get_sample_value("manyhands_deadlines_said_total", {"kind": "reminded"})
    assert await world.kinds() == ["escalated"] * 5 + ["offer_expired"] * 5 + ["reminded"] * 5
    assert (lag, said) == ((late - row["due"]).total_seconds(), 5)
    await world.folded()
    assert {each["outcome"] for each in await world.timeline()} == {"applied"}


async def test_nothing_is_repeated_while_the_read_model_is_behind(world: World) -> None:
    await world.ending("1")
    await world.folded()
    world.now += 2 * DAY
    async with world.standing() as parts:

        class Behind(Timekeeper):
            async def look(self, now: datetime) -> float:
                await super().look(now)
                # The rows as they were read, before what was said of them was folded.
                return await super().look(now)

        found = await parts.deadlines.due("riverbend", world.now, 10, backfilled=False, after=None)
        keeper = Behind(parts)
        keeper._parts = parts._replace(deadlines=Stale(found))  # type: ignore[arg-type]
        await keeper.look(world.now)
    assert await world.kinds() == ["offer_expired"]


class Stale:
    """What a read model shows that is not folded any further."""

    def __init__(self, rows: list[Any]) -> None:
        self._rows = rows

    async def due(self, *_: Any, backfilled: bool, after: Any) -> list[Any]:
        return [] if backfilled or after else self._rows

    async def coming(self, *_: Any, **__: Any) -> None:
        return None


async def test_what_was_turned_away_is_no_longer_late(world: World) -> None:
    await world.ending("1")
    await world.folded()
    world.now += 2 * DAY
    async with world.standing() as parts:
        [good] = await parts.deadlines.due("riverbend", world.now, 10, backfilled=False, after=None)
        # As a build that is not there any more might have written it: no such thing can be said.
        bad = good._replace(kind="offer_forgotten", due=good.due - DAY)
        keeper = Timekeeper(parts._replace(deadlines=Stale([bad, good])))  # type: ignore[arg-type]
        sample = parts.telemetry.registry.get_sample_value
        for late in (bad, good, good):
            await keeper.look(world.now)
            assert sample("manyhands_deadlines_lag_seconds") == (world.now - late.due).total_seconds()
        assert sample("manyhands_deadlines_due") == 1
        assert sum(each.value for each in _turned_away(parts)) == 1
    assert await world.kinds() == ["offer_expired"]


def _turned_away(parts: Parts) -> list[Any]:
    [metric] = parts.telemetry.turned_away.collect()
    return [each for each in metric.samples if each.name.endswith("_total")]


async def test_history_is_left_alone_until_it_is_whole(world: World) -> None:
    window = {
        "backfill_id": "own:b",
        "partners": [CLINIC, SHELTER],
        "from": "2023-01-01",
        "until": "2024-12-31",
        "reason": "history",
    }
    await world.tell(registrar, said("initiative.backfill_opened", "b", window))
    [backfill] = world.admission.standing("riverbend").windows
    sent = datetime.fromisoformat("2023-05-05T10:00:00+00:00")
    await world.offered("old", sent + 9 * DAY, sent=sent, backfill=backfill)
    await world.ending("new")
    async with world.standing() as parts:
        keeper = Timekeeper(parts)
        await world.look(keeper, world.now + 2 * DAY)
        assert len(await world.said()) == 1
        closed = said("initiative.backfill_closed", "bc", {"backfill_id": backfill})
        await world.tell(registrar, closed)
        await until(lambda: _whole(parts))
        await world.look(keeper, world.now)
    assert next(row["happened"] for row in await world.timeline()) == sent + 9 * DAY
    assert effects(await world.timeline()) == [("offer_expired", "applied", 0)] * 2


async def _whole(parts: Parts) -> bool:
    await parts.admission.catch_up()
    return not parts.admission.standing("riverbend").windows


@pytest.mark.parametrize(("name", "how"), [("left", "partner-left"), ("suspended", "partner-suspended")])
async def test_open_offers_of_a_partner_that_is_gone_are_withdrawn(world: World, name: str, how: str) -> None:
    waiting = await world.offered("1", world.now + 9 * DAY)
    taken = await world.offered("2", world.now + 9 * DAY)
    declined = await world.offered("3", world.now + 9 * DAY)
    await world.answered("offer_accepted", taken, "2")
    await world.answered("offer_declined", declined, "3", reason="no-capacity")
    await world.tell(registrar, said(f"partner.{name}", name, {}, subject=SHELTER))
    async with world.standing() as one, world.standing() as other:
        await world.look(Timekeeper(one, most=1), world.now)
        await world.look(Timekeeper(unheeded(other)), world.now)
    assert [await world.detail(each) for each in (waiting, taken)] == ["recipient-left"] * 2
    assert await world.detail(declined) == "declined"
    assert {each["data"]["reason"] for each in await world.said()} == {how}
    assert effects(await world.timeline()) == [("withdrawn", "applied", 0)] * 2
    found = world.admission.standing("riverbend").members[SHELTER].absence
    assert found is not None
    assert {row["happened"] for row in await world.timeline()} == {found.since}


@pytest.mark.parametrize("name", ["left", "suspended"])
async def test_what_a_partner_asked_that_is_gone_is_withdrawn_where_nobody_answered(world: World, name: str) -> None:
    waiting = [await world.offered(str(number), world.now + 9 * DAY) for number in range(3)]
    taken, cancelling = [await world.offered(own, world.now + 9 * DAY) for own in ("taken", "cancelling")]
    for own, referral in (("taken", taken), ("cancelling", cancelling)):
        await world.answered("offer_accepted", referral, own)
    await world.answered("cancel_requested", cancelling, "cancelling", by=clinic, reason="need-changed")
    await world.tell(registrar, said(f"partner.{name}", name, {}, subject=CLINIC))
    async with world.standing() as one, world.standing() as other:
        await world.look(Timekeeper(one, most=2), world.now)
        await world.look(Timekeeper(unheeded(other)), world.now)
        assert [await world.detail(each) for each in waiting] == ["sender-left"] * 3
        assert await world.detail(taken) == "accepted"
        assert {each["data"]["reason"] for each in await world.said()} == {f"sender-{name}"}
        # What it had begun ends as it would have, and what was taken on as its recipient says.
        await world.look(Timekeeper(one), world.now + 30 * DAY)
    assert await world.detail(cancelling) == "cancel-unanswered"
    await world.answered("outcome_recorded", taken, "taken", outcome="delivered", outputs=[{"kind": "goods"}])
    await world.folded()
    assert await world.detail(taken) == "served"
    # Nothing had begun of what was taken on, either.
    others = [(name, "applied", 0) for name in ("cancel_confirmed", "reminded")]
    effected = [("withdrawn", "applied", 0)] * 3 + others
    assert sorted(effects(await world.timeline())) == sorted(effected)


async def test_what_ran_out_is_withdrawn_as_long_as_a_late_answer_is_awaited(world: World) -> None:
    awaited, given_up, late = [await world.ending(own) for own in ("awaited", "given up", "late")]
    async with world.standing() as parts:
        await world.look(Timekeeper(parts), world.now)
        await world.tell(clinic, said("referral.closed", "gu", {"disposition": "other"}, subject=given_up))
        await world.answered("offer_accepted", late, "late")
    await world.tell(registrar, said("partner.suspended", "s", {}, subject=CLINIC))
    async with world.standing() as one, world.standing() as other:
        await world.look(Timekeeper(unheeded(one)), world.now)
        await world.look(Timekeeper(unheeded(other)), world.now)
    found = [await world.detail(each) for each in (awaited, given_up, late)]
    assert found == ["sender-left", "expired-no-response", "accepted"]
    assert effects(await world.timeline()) == [("offer_expired", "applied", 0)] * 3 + [("withdrawn", "applied", 0)]


class Counted(Deadlines):
    """What the timekeeper reads, and how many statements that takes."""

    asked = 0

    async def _run(self, query: str, initiative: str, *arguments: Any) -> list[Any]:
        self.asked += 1
        return await super()._run(query, initiative, *arguments)


async def test_partners_that_left_and_hold_nothing_are_asked_for_together(world: World) -> None:
    declined = await world.offered("1", world.now + 9 * DAY)
    await world.answered("offer_declined", declined, "1", reason="no-capacity")
    statements = []
    for number, partners in enumerate(((), (CLINIC,), (SHELTER, NEWCOMER))):
        for each in partners:
            await world.tell(registrar, said("partner.left", f"{number} {each}", {}, subject=each))
        async with world.standing() as parts:
            read = Counted(parts.deadlines._pool)
            await world.look(Timekeeper(unheeded(parts)._replace(deadlines=read)), world.now)
        statements.append(read.asked)
    none, one, three = statements
    assert (one - none, three - none) == (2, 2)


async def test_a_partner_that_is_gone_again_leaves_what_it_asked_in_between(world: World) -> None:
    referrals = []
    for time in ("first", "second"):
        referrals.append(await world.offered(time, world.now + 9 * DAY))
        await world.tell(registrar, said("partner.suspended", f"{time} s", {}, subject=CLINIC))
        async with world.standing() as parts:
            await world.look(Timekeeper(unheeded(parts)), world.now)
        await world.tell(registrar, said("partner.reinstated", f"{time} r", {}, subject=CLINIC))
    assert [await world.detail(each) for each in referrals] == ["sender-left"] * 2
    assert effects(await world.timeline()) == [("withdrawn", "applied", 0)] * 2


async def test_what_is_open_ends_with_the_consent_that_ran_out(world: World) -> None:
    until = world.now + 3 * DAY
    waiting = await world.offered("1", world.now + 9 * DAY, until=until)
    taken = await world.offered("2", world.now + 9 * DAY, until=until)
    lasting = await world.offered("3", world.now + 9 * DAY)
    await world.answered("offer_accepted", taken, "2")
    async with world.standing() as one, world.standing() as other:
        await world.look(Timekeeper(one, most=1), until - timedelta(seconds=1))
        assert await world.detail(taken) == "accepted"
        await world.look(Timekeeper(one, most=1), until)
        await world.look(Timekeeper(unheeded(other)), until)
    assert [await world.detail(each) for each in (waiting, taken)] == ["consent-expired"] * 2
    assert await world.detail(lasting) == "sent"
    ended = [each["data"] for each in await world.said() if each["type"].split(".")[-2] == "withdrawn"]
    assert {each["reason"] for each in ended} == {"consent-expired"}
    assert {datetime.fromisoformat(each["deadline"]) for each in ended} == {until}
    withdrawn = [row for row in effects(await world.timeline()) if row[0] == "withdrawn"]
    assert withdrawn == [("withdrawn", "applied", 0)] * 2


async def test_a_narrowed_consent_ends_what_is_open_at_its_new_end(world: World) -> None:
    sooner = world.now + DAY
    referral = await world.offered("1", world.now + 9 * DAY, until=world.now + 8 * DAY)
    narrowed = {"consent_id": "own:1", "expires_at": sooner.isoformat()}
    await world.tell(clinic, said("consent.narrowed", "n", narrowed, client="own:1"))
    async with world.standing() as parts:
        await world.look(Timekeeper(parts), sooner)
    assert await world.detail(referral) == "consent-expired"


async def test_a_partner_that_is_back_keeps_what_it_is_sent(world: World) -> None:
    await world.tell(
        registrar, *(said(f"partner.{name}", name, {}, subject=SHELTER) for name in ("left", "reinstated"))
    )
    referral = await world.offered("1", world.now + 9 * DAY)
    async with world.standing() as parts:
        await world.look(Timekeeper(parts), world.now)
    assert await world.detail(referral) == "sent"
