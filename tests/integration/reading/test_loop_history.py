"""One loop's story in figures: what each event changes, what was so before, and how a cohort matures."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from projections.measurement import MEASUREMENT
from services.measurement.asking import Question, Scope
from services.measurement.loops import Line, Loops, behind, loops
from tests.integration.reading.conftest import Tables, tables
from tests.oracle.reading import Raw
from tests.support.events import INITIATIVE, OFFER, Told, ident, line
from tests.support.looplog import START, spread_over
from tests.unit.oracle.test_oracle import PARTITIONS

OPENING = ("client.registered", "consent.granted", "referral.requested", "referral.offer_sent")
DONE = (*OPENING, "referral.offer_accepted", "referral.outcome_recorded")
NEEDS = Question(Scope(INITIATIVE, hidden=None), cuts=frozenset())
Said = str | tuple[str, dict[str, Any]]


@pytest.fixture
async def held(uri: str) -> AsyncIterator[Tables]:
    async with tables(uri, MEASUREMENT) as made:
        yield made


def day(number: float) -> datetime:
    return START + timedelta(days=number)


def story(said: Sequence[Said]) -> list[Raw]:
    """Return the records of what is said, a day apart."""
    tell, records = Told(), []
    for number, each in enumerate(said):
        name, data = (each, {}) if isinstance(each, str) else each
        records.append(line(tell(name, **{"time": day(number), **data}), number, day(number)))
    return spread_over(records, PARTITIONS)


async def figures(held: Tables, question: Question = NEEDS, at: float | None = None) -> Line:
    found = await read(held, replace(question, as_of=None if at is None else day(at)))
    (line,) = found.figures
    return line


async def read(held: Tables, question: Question) -> Loops:
    async with held.reader.acquire() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        return await loops(connection, question)


def rates(line: Line) -> dict[str, tuple[int, int]]:
    return {name: (rate["of"], rate["among"]) for name, rate in line["rates"].items()}


async def test_before_the_first_record_there_is_nothing(held: Tables) -> None:
    assert await read(held, NEEDS) == Loops(None)


async def test_the_four_rates_are_never_one(held: Tables) -> None:
    link = {"source": "urn:manyhands:client-link:abc"}
    await held.fold(story((*DONE, "referral.outcome_acknowledged", ("referral.client_answered", link))))
    expected = {3: (0, 0, 0, 0), 5: (1, 1, 0, 0), 6: (1, 1, 1, 0), 7: (1, 1, 1, 1)}
    for at, counts in expected.items():
        found = await figures(held, at=at)
        shown = [found[name] for name in ("disposed", "served", "acknowledged", "confirmed")]
        assert shown == list(counts), at


async def test_a_correction_changes_the_figure_from_its_own_record_on(held: Tables) -> None:
    seen = "referral.outcome_acknowledged"
    await held.fold(story((*DONE, seen, "referral.outcome_corrected", seen)))
    one, none = (1, 1), (0, 1)
    for at, served, acknowledged in ((6, one, one), (7, none, (0, 0)), (8, none, (0, 0))):
        found = rates(await figures(held, at=at))
        assert (found["served"], found["acknowledged"]) == (served, acknowledged), at
    offers = replace(NEEDS, of="offers")
    for at, acknowledged in ((6, one), (7, none), (8, one)):
        found = rates(await figures(held, offers, at=at))
        assert (found["disposition"], found["acknowledged"]) == (one, acknowledged), at


_CLOCK = {"source": "urn:manyhands:system:timekeeper"}
_YES: tuple[Said, ...] = ("referral.offer_accepted",)
_UNMET: Said = ("referral.outcome_recorded", {"outcome": "not-delivered", "reason": "no-show", "outputs": []})
#: What becomes of a need and its one offer, and how many are closed, and told: of offers, then of needs, where each
#: but the erased one is given up at the end.
ENDINGS: dict[str, tuple[tuple[Said, ...], tuple[int, int], tuple[int, int]]] = {
    "served": ((*_YES, "referral.outcome_recorded"), (1, 1), (1, 1)),
    "not served": ((*_YES, _UNMET), (1, 1), (1, 1)),
    "declined": (("referral.offer_declined",), (1, 1), (1, 0)),
    "recalled": (("referral.offer_recalled",), (1, 0), (1, 0)),
    "the sender left": ((("referral.withdrawn", {**_CLOCK, "reason": "sender-left"}),), (1, 0), (1, 0)),
    # Its recipient was silent, whatever became of its sender.
    "the sender left after it ran out": (
        ("referral.offer_expired", ("referral.withdrawn", {**_CLOCK, "reason": "sender-left"})),
        (0, 0),
        (0, 0),
    ),
    "withdrawn": ((*_YES, "referral.withdrawn"), (1, 1), (1, 0)),
    "the recipient left": ((("referral.withdrawn", _CLOCK),), (1, 1), (1, 0)),
    "cancelled": ((*_YES, "referral.cancel_requested", "referral.cancel_confirmed"), (1, 1), (1, 0)),
    "consent ended": (("consent.revoked",), (1, 1), (1, 0)),
    "expired": (("referral.offer_expired",), (0, 0), (0, 0)),
    "erased": (("client.erased",), (1, 0), (1, 0)),
    "served and erased": ((*_YES, "referral.outcome_recorded", "client.erased"), (1, 1), (1, 1)),
    "not served and erased": ((*_YES, _UNMET, "client.erased"), (1, 1), (1, 0)),
}


@pytest.mark.parametrize(("then", "of_offers", "of_needs"), ENDINGS.values(), ids=list(ENDINGS))
async def test_what_its_sender_ended_itself_is_no_outcome_to_be_seen(
    held: Tables, then: tuple[Said, ...], of_offers: tuple[int, int], of_needs: tuple[int, int]
) -> None:
    await held.fold(story((*OPENING, *then, "referral.closed")))
    for question, expected in ((replace(NEEDS, of="offers"), of_offers), (NEEDS, of_needs)):
        found = await figures(held, question)
        assert (found["closed"], found["told"]) == expected, question.of
        assert found["rates"]["acknowledged"] == {"of": 0, "among": expected[1]}
        async with held.reader.acquire() as connection, connection.transaction():
            page = await behind(connection, question, "told", None, 10)
        assert [each["mark"] for each in page.events] == ["ended"] * expected[1]


async def test_an_outcome_that_was_seen_counts_though_the_need_was_given_up(held: Tables) -> None:
    await held.fold(story((*OPENING, *_YES, _UNMET, "referral.outcome_acknowledged", "referral.closed")))
    assert rates(await figures(held))["acknowledged"] == (1, 1)


@pytest.mark.parametrize("ran_out", [(), ("referral.offer_expired",)])
async def test_whoever_is_asked_before_an_answer_counts_once_it_is_asked_again(
    held: Tables, ran_out: tuple[Said, ...]
) -> None:
    link = {"source": "urn:manyhands:client-link:abc"}
    answer = ("referral.client_answered", {**link, "need_met": "no"})
    said = (*OPENING, *ran_out, "referral.client_asked", answer, *_YES, "referral.outcome_recorded")
    await held.fold(story((*said, ("referral.client_answered", link))))
    for at, expected in ((7 + len(ran_out), (0, 0)), (8 + len(ran_out), (1, 1))):
        assert rates(await figures(held, at=at))["client_confirmed"] == expected, at


async def test_an_erased_client_still_counts(held: Tables) -> None:
    await held.fold(story((*DONE, "client.erased")))
    assert rates(await figures(held))["served"] == (1, 1)


async def test_an_erasure_closes_what_was_open_and_not_what_was_before(held: Tables) -> None:
    await held.fold(story((*OPENING, "referral.offer_declined", "client.erased")))
    assert (await figures(held, at=4))["open"] == 1
    found = await figures(held, at=5)
    assert (found["open"], found["closed"], found["served"]) == (0, 1, 0)
    async with held.reader.acquire() as connection, connection.transaction():
        page = await behind(connection, NEEDS, "closed", None, 10)
    assert [each["mark"] for each in page.events] == ["ended", "erased"]


async def test_nobody_answered_is_unknown_and_not_closed(held: Tables) -> None:
    await held.fold(story((*OPENING, "referral.offer_expired", "referral.closed")))
    found = await figures(held, replace(NEEDS, maturity_days=2))
    assert (found["unanswered"], found["closed"], found["unknown"], found["open"]) == (1, 0, 1, 0)
    assert found["rates"]["disposition"] == {"of": 0, "among": 1}


async def test_what_the_sender_heard_is_a_disposition_and_never_service(held: Tables) -> None:
    await held.fold(story((*OPENING, "referral.offer_expired", "referral.outcome_reported_by_sender")))
    found = await figures(held)
    assert (found["disposed"], found["heard"], found["closed"], found["served"]) == (1, 1, 0, 0)


async def test_relayed_answers_stand_apart(held: Tables) -> None:
    await held.fold(story((*DONE, "referral.client_asked", "referral.client_answered")))
    found = await figures(held)
    assert (found["asked"], found["confirmed"], found["relayed"]) == (1, 0, 1)
    assert found["rates"]["client_confirmed"] == {"of": 0, "among": 1}


async def test_an_offer_entered_in_error_was_never_made(held: Tables) -> None:
    await held.fold(story((*OPENING, "referral.entered_in_error")))
    assert (await read(held, NEEDS)).figures == ()
    assert (await figures(held, at=3))["sent"] == 1


async def test_hand_offs_are_in_no_rate(held: Tables) -> None:
    await held.fold(
        story(("client.registered", "referral.handoff_reported", "referral.outcome_reported_by_sender")),
    )
    found = await read(held, NEEDS)
    assert found.figures == ()
    (outside,) = found.outside
    assert (outside["handed_off"], outside["heard"], outside["delivered"]) == (1, 1, 1)


async def test_a_cohort_matures(held: Tables) -> None:
    """What is open and young is pending; the same, once it is old enough, is unknown."""
    await held.fold(story((*OPENING, *["referral.offer_viewed"] * 90)))
    young, old = await figures(held, at=40), await figures(held, at=64)
    assert (young["immature"], young["pending"], young["unknown"]) == (1, 1, 0)
    assert (old["immature"], old["pending"], old["unknown"]) == (0, 0, 1)
    assert young["seconds"]["open"]["most"] == 37 * 86400


async def test_hops_and_times_are_from_the_first_offer_on(held: Tables) -> None:
    second = {"offer_id": ident("second"), "replaces": OFFER}
    answer = {"offer_id": ident("second")}
    await held.fold(
        story(
            (
                *OPENING,
                "referral.offer_declined",
                ("referral.offer_sent", second),
                ("referral.offer_accepted", answer),
                ("referral.service_started", answer),
                ("referral.outcome_recorded", answer),
            )
        )
    )
    found = await figures(held)
    medians = {name: spread["median"] for name, spread in found["seconds"].items()}
    assert medians == {name: days and days * 86400 for name, days in _DAYS.items()}
    assert (found["hops"]["median"], found["hops"]["offers"]) == (2, 2)
    (declined,) = (await read(held, NEEDS)).declines
    assert (declined["reason"], declined["declined"], declined["sent"]) == ("no-capacity", 1, 2)


async def test_a_need_whose_served_offer_was_replaced_counts_as_open_until_it_ends_anew(held: Tables) -> None:
    second = {"offer_id": ident("second"), "replaces": OFFER, "service_id": ident("second")}
    again = {"offer_id": ident("second")}
    seen = "referral.outcome_acknowledged"
    then = (("referral.offer_declined", again), "referral.closed", ("referral.entered_in_error", again))
    await held.fold(story((*DONE, seen, ("referral.offer_sent", second), *then)))
    names = ("served", "closed", "open", "acknowledged")
    expected = {6: (1, 1, 0, 1), 7: (0, 0, 1, 0), 8: (0, 0, 1, 0), 9: (0, 1, 0, 0), 10: (1, 1, 0, 1)}
    for at, counts in expected.items():
        found = await figures(held, at=at)
        assert tuple(found[name] for name in names) == counts, at
        served = await figures(held, replace(NEEDS, of="offers"), at=at)
        assert served["served"] == 1, at


async def test_the_events_behind_a_need_that_was_served_twice_are_those_of_the_offer_that_speaks(held: Tables) -> None:
    second = {"offer_id": ident("second"), "replaces": OFFER, "service_id": ident("second")}
    again = {"offer_id": ident("second")}
    twice = (("referral.offer_accepted", again), ("referral.outcome_recorded", again))
    await held.fold(story((*DONE, ("referral.offer_sent", second), *twice)))
    async with held.reader.acquire() as connection, connection.transaction():
        served = await behind(connection, NEEDS, "served", None, 10)
        by_offer = await behind(connection, replace(NEEDS, of="offers"), "served", None, 10)
    assert [each["offer"] for each in served.events] == [ident("second")]
    assert [each["offer"] for each in by_offer.events] == [OFFER, ident("second")]


async def test_a_need_counts_in_the_month_of_its_first_offer_that_was_no_error(held: Tables) -> None:
    second = {"offer_id": ident("second"), "service_id": ident("second")}
    third = {"offer_id": ident("third"), "service_id": ident("third")}
    error, later = "referral.entered_in_error", {"offer_id": ident("second"), "time": day(101)}
    await held.fold(
        story(
            (
                *OPENING,
                ("referral.offer_sent", {**second, "time": day(40)}),
                ("referral.offer_sent", {**third, "time": day(70)}),
                (error, {"time": day(100)}),
                (error, later),
            )
        )
    )
    months = [day(number).date().replace(day=1) for number in (3, 40, 70)]
    assert len(set(months)) == 3
    by_month = replace(NEEDS, cuts=frozenset(("month",)))
    for at, counts in ((5, months[0]), (6, months[1]), (7, months[2])):
        found = [each["month"] for each in (await read(held, replace(by_month, as_of=day(at)))).figures]
        alone = [
            len((await read(held, replace(by_month, as_of=day(at), first=month, last=month))).figures)
            for month in months
        ]
        assert (found, alone) == ([counts], [int(month == counts) for month in months]), at


_DAYS = {"response": 1, "acceptance": 3, "start": 4, "closure": 5, "open": None}
