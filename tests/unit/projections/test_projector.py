"""A batch walks through: read, judged, folded, viewed, committed; and no cut into batches changes the tables."""

from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta

import pytest

from projections.batch import Away, Fenced, Folded, Seen
from projections.dump import compared, differences, dump
from projections.memory import MemoryStore
from projections.projection import Identity, Key, Projection
from projections.projector import Projector
from projections.record import Position, fingerprint
from projections.rulebook import Rule, RulebookOutdated
from projections.ruling import APPLIED
from tests.support.events import CLIENT, INITIATIVE, NOON, OFFER, REFERRAL, Line, Told, ident, line, lines, partner
from tests.support.folding import CASES, folded
from tests.support.places import anywhere
from tests.support.toy import FAILING, LATER, TOY, UNSTORABLE, Tally, Toy
from tests.support.toylog import log

CLIENT_KEY = Key("client", INITIATIVE, CLIENT, CLIENT)
REFERRAL_KEY = Key("referral", INITIATIVE, CLIENT, REFERRAL)
SECOND = timedelta(seconds=1)
HOME = anywhere(CASES)
FAILS, UNFIT = (mark + OFFER[4:] for mark in (FAILING, UNSTORABLE))


async def test_a_batch_becomes_rows_and_a_position() -> None:
    told, store = Told(), MemoryStore(TOY)
    requested, accepted = told("referral.requested"), told("referral.offer_accepted")
    records = lines([requested, accepted], recorded=NOON)
    (outcome,) = await folded(store, records, 10)
    assert await store.load([CLIENT_KEY, REFERRAL_KEY]) == {
        CLIENT_KEY: Tally(2, accepted.id, (REFERRAL,)),
        REFERRAL_KEY: Tally(2, accepted.id),
    }
    assert list(store.tables["latest"].values()) == [(INITIATIVE, CLIENT, REFERRAL, OFFER, NOON, False)]
    assert outcome.position == Position(2, int(NOON.timestamp() * 1000), fingerprint(records[1]), 100)
    assert (outcome.events, outcome.refused, outcome.duplicates, outcome.parked, outcome.unknown) == (2, 0, 0, 0, None)


@pytest.mark.parametrize("seed", range(6))
async def test_any_cut_into_batches_gives_the_same_tables(seed: int) -> None:
    records = log(seed, 400)
    whole = MemoryStore(TOY)
    await folded(whole, records, len(records))
    for size, cache in ((1, 50_000), (7, 50_000), (7, 3), (64, 0)):
        store = MemoryStore(TOY)
        await folded(store, records, size, cache_states=cache)
        assert differences(*await compared(whole, store, TOY)) == []
        assert await store.stuck() == await whole.stuck()
    assert (await dump(whole, TOY)).tables["refusal"].rows > 0
    assert whole.parked


async def test_a_restart_between_batches_changes_nothing() -> None:
    records = log(11, 200)
    whole, store = MemoryStore(TOY), MemoryStore(TOY)
    await folded(whole, records, 200)
    for stop in range(10, 201, 10):
        await folded(store, records[:stop], 7)
    assert differences(*await compared(whole, store, TOY)) == []


async def test_the_same_event_again_is_counted_and_changes_nothing() -> None:
    told, store = Told(), MemoryStore(TOY)
    event = told("referral.requested")
    outcomes = await folded(store, lines([event, event, told("client.registered"), event]), 2)
    assert [outcome.duplicates for outcome in outcomes] == [1, 1]
    (row,) = [row for row in store.tables["timeline"].values() if row[3] == event.id]
    assert (row[7], row[-1]) == (0, 2)
    assert (await store.load([REFERRAL_KEY]))[REFERRAL_KEY].count == 1


async def test_what_was_seen_is_asked_for_where_events_come_again() -> None:
    told, store = Told(), Asked(TOY)
    first, second, third, fourth = (told("referral.requested") for _ in range(4))
    records = lines([first, second, first, second, third, fourth], recorded=NOON)
    outcomes = await folded(store, records, 1)
    assert [outcome.duplicates for outcome in outcomes] == [0, 0, 1, 1, 0, 0]
    # Batches 3 to 5: the first is found by the timeline's key, the next two follow one that was found.
    assert store.asked == [first.id, second.id, third.id]


class Asked(MemoryStore):
    """Notes which events it was asked for."""

    def __init__(self, projection: Projection) -> None:
        super().__init__(projection)
        self.asked: list[str] = []

    async def seen(self, identities: Collection[Identity]) -> dict[Identity, Seen]:
        self.asked += [identity.id for identity in identities]
        return await super().seen(identities)


async def test_an_id_used_again_for_something_else_is_refused() -> None:
    told = Told()
    event, other = told("referral.requested"), told("client.registered")
    reused = other.model_copy(update={"id": event.id})
    for size in (1, 2):
        store = MemoryStore(TOY)
        await folded(store, lines([event, reused]), size)
        assert [row[2:4] for row in store.tables["refusal"].values()] == [(1, "id-reused")]
        assert (await store.load([REFERRAL_KEY]))[REFERRAL_KEY] == Tally(1, event.id)


async def test_the_same_id_from_another_source_is_another_event() -> None:
    told, store = Told(), MemoryStore(TOY)
    event = told("referral.requested")
    await folded(store, lines([event, event.model_copy(update={"source": partner("other")})]), 2)
    assert (await store.load([REFERRAL_KEY]))[REFERRAL_KEY].count == 2


async def test_a_refused_event_changes_nothing_and_stands_in_the_timeline() -> None:
    told, store = Told(), MemoryStore(TOY)
    event = told("referral.offer_viewed", by="system")
    (outcome,) = await folded(store, lines([event]), 1)
    assert outcome.refused == 1
    assert await store.load([CLIENT_KEY, REFERRAL_KEY]) == {}
    (row,) = store.tables["refusal"].values()
    identity = Identity(INITIATIVE, CLIENT, event.source, event.id)
    assert row == (*CASES, 0, "not-permitted", "system", NOON, *identity, "referral.offer_viewed", REFERRAL, None)
    assert [row[14:16] for row in store.tables["timeline"].values()] == [("refused", "not-permitted")]


async def test_what_cannot_be_read_is_refused_by_its_fingerprint_alone() -> None:
    store, bad = MemoryStore(TOY), Line(0, 5, b"x", b"\xff{")
    (outcome,) = await folded(store, [bad], 1)
    assert (outcome.events, outcome.refused) == (0, 1)
    (row,) = store.tables["refusal"].values()
    assert row[3:5] + row[6:] == ("unreadable", "not-json", *(None,) * 6, fingerprint(bad))


async def test_the_clock_never_steps_back() -> None:
    told, store = Told(), MemoryStore(TOY)
    events = [told("referral.requested"), told("referral.offer_accepted"), told("referral.service_started")]
    stamps = (NOON, NOON - 89 * SECOND, NOON + SECOND)
    records = [line(event, offset, stamp) for offset, (event, stamp) in enumerate(zip(events, stamps, strict=True))]
    await folded(store, records, 1)
    recorded = sorted((row[7], row[11]) for row in store.tables["timeline"].values())
    assert recorded == [(0, NOON), (1, NOON), (2, NOON + SECOND)]


async def test_a_type_of_a_newer_build_stops_at_its_offset_with_what_is_before_it_committed() -> None:
    told, store = Told(), MemoryStore(TOY)
    records = lines([told("referral.requested"), told("referral.offer_accepted"), told("client.registered")])
    value = records[1].value or b""
    records[1] = replace(records[1], value=value.replace(b"offer_accepted.v1", b"offer_accepted.v9"))
    projector = Projector(TOY, store, HOME)
    outcome = await projector.project(CASES, 0, records)
    assert (outcome.position.next_offset, outcome.unknown) == (1, "org.manyhands.referral.offer_accepted.v9")
    again = await projector.project(CASES, 1, records[1:])
    assert (again.position, again.events) == (outcome.position, 0)
    assert (await store.load([REFERRAL_KEY]))[REFERRAL_KEY].count == 1


async def test_erasure_reaches_every_referral_of_the_person() -> None:
    told, other = Told(), Told(client=ident("bo"))
    events = [
        told("referral.requested"),
        told("referral.requested", subject=ident("second")),
        other("referral.requested"),
        told("referral.offer_accepted"),
        told("client.erased"),
    ]
    for size in (1, 2, 9):
        store = MemoryStore(TOY)
        await folded(store, lines(events), size)
        rows = [*store.tables["referral"].values(), *store.tables["client"].values(), *store.tables["latest"].values()]
        assert {row[-1] for row in rows if row[1] == CLIENT} == {True}
        assert {row[-1] for row in rows if row[1] != CLIENT} == {False}
        assert [row[4] for row in store.tables["referral"].values() if row[1] == CLIENT] == [3, 2]


async def test_the_rule_in_force_is_chosen_by_the_recorded_time() -> None:
    told, store = Told(), MemoryStore(TOY)
    events = [told("referral.service_started") for _ in range(3)]
    stamps = (LATER - SECOND, LATER, LATER - SECOND)
    records = [line(event, offset, stamp) for offset, (event, stamp) in enumerate(zip(events, stamps, strict=True))]
    await folded(store, records, 1)
    assert [row[2:4] for row in store.tables["refusal"].values()] == [(1, "reason-required"), (2, "reason-required")]


async def test_a_rule_that_comes_too_late_keeps_the_partition_shut() -> None:
    told, store = Told(), MemoryStore(TOY)
    await folded(store, lines([told("referral.requested")]), 1)

    def with_rule(since_ms: int) -> Toy:
        rule = Rule(101, "org.manyhands.referral.requested.v1", lambda *_: APPLIED, NOON + since_ms * SECOND)
        return Toy(rules=[*TOY.rulebook.rules, rule])

    with pytest.raises(RulebookOutdated, match="101"):
        await Projector(with_rule(0), store, HOME).open(CASES)
    assert (await Projector(with_rule(1), store, HOME).open(CASES)).next_offset == 1


async def test_an_older_build_that_went_on_past_a_rule_keeps_the_newer_one_out() -> None:
    told, store = Told(), MemoryStore(TOY)
    events = [told("referral.requested") for _ in range(2)]
    early, late = (
        line(event, offset, at) for offset, (event, at) in enumerate(zip(events, (NOON, LATER), strict=True))
    )
    rule = Rule(101, "org.manyhands.referral.requested.v1", lambda *_: APPLIED, LATER)
    newer = Toy(rules=[*TOY.rulebook.rules, rule])
    await Projector(newer, store, HOME).project(CASES, 0, [early])
    await Projector(TOY, store, HOME).project(CASES, 1, [late])
    with pytest.raises(RulebookOutdated, match="101"):
        await Projector(newer, store, HOME).open(CASES)


async def test_a_type_without_a_rule_is_refused() -> None:
    told, toy = Told(), Toy(rules=[])
    store = MemoryStore(toy)
    await folded(store, lines([told("referral.requested")]), 1, toy)
    assert [row[3:5] for row in store.tables["refusal"].values()] == [("unreadable", "no-rule")]


class Flaky(MemoryStore):
    """Fails its next commit when told to."""

    fail = False

    async def commit(self, folded: Folded) -> None:
        if self.fail:
            self.fail = False
            raise Away
        await super().commit(folded)


async def test_a_failed_commit_leaves_nothing_at_hand_of_what_was_folded_ahead() -> None:
    told, store = Told(), Flaky(TOY)
    records = lines([told("referral.requested"), told("referral.offer_accepted")])
    projector = Projector(TOY, store, HOME)
    await projector.project(CASES, 0, records[:1])
    store.fail = True
    with pytest.raises(Away):
        await projector.project(CASES, 1, records[1:])
    assert projector.cached == 0
    await projector.project(CASES, 1, records[1:])
    assert (await store.load([REFERRAL_KEY]))[REFERRAL_KEY].count == 2


async def test_a_batch_that_starts_elsewhere_is_fenced_before_it_is_read() -> None:
    told, store = Told(), MemoryStore(TOY)
    records = lines([told("referral.requested")], start=4)
    with pytest.raises(Fenced):
        await Projector(TOY, store, HOME).project(CASES, 4, records)


async def test_what_is_at_hand_is_bounded_in_number_and_size() -> None:
    events = [Told(client=ident(f"c{number}"))("client.registered") for number in range(30)]
    for states, size in ((10, 1 << 20), (50_000, 700)):
        projector = Projector(TOY, MemoryStore(TOY), HOME, states, size)
        await projector.project(CASES, 0, lines(events))
        assert 0 < projector.cached <= 10
    projector.close(CASES)
    assert projector.cached == 0
