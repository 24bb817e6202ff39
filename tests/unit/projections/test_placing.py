"""A record counts only in its key's own partition: elsewhere it is refused, whatever it says, and changes nothing."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from events.catalogue import Event
from projections.dump import compared, differences
from projections.memory import MemoryStore
from projections.projection import Key
from projections.projector import Projector
from projections.record import Home, Partition, fingerprint
from services.runtime.placement import placement
from tests.support.events import INITIATIVE, NOON, Line, Told, ident, line
from tests.support.places import anywhere, resident
from tests.support.toy import TOY, Tally

HERE, ELSEWHERE = (Partition("manyhands.cases", number) for number in range(2))
HOME = placement(2)
CLIENT, NEIGHBOUR = resident("client", 0, 2), resident("neighbour", 1, 2)
NEWER = b"referral.foretold.v1"
#: Batches in the order in which they are folded.
Batches = Sequence[tuple[Partition, Sequence[Line]]]


def by_key(_: Partition) -> Home:
    return HOME


async def folded(batches: Batches, home: Callable[[Partition], Home] = by_key) -> MemoryStore:
    """Return what these batches come to, each partition folded by a projector of its own."""
    store = MemoryStore(TOY)
    projectors = {partition: Projector(TOY, store, home(partition)) for partition in (HERE, ELSEWHERE)}
    for partition, records in batches:
        await projectors[partition].project(partition, records[0].offset, records)
    return store


def newer(event: Event, offset: int) -> Line:
    """Return the record of an event whose type this build does not know."""
    record = line(event, offset)
    return replace(record, value=(record.value or b"").replace(b"referral.requested.v1", NEWER))


async def tally(store: MemoryStore, client: str) -> Tally | None:
    key = Key("client", INITIATIVE, client, client)
    return (await store.load([key])).get(key)


async def test_an_event_of_another_partition_is_refused_by_its_fingerprint_and_its_neighbours_are_folded() -> None:
    told, neighbour = Told(client=CLIENT), Told(client=NEIGHBOUR)
    stray = line(told("referral.requested"), 1)
    around = [line(neighbour(name), offset) for name, offset in (("client.registered", 0), ("referral.requested", 2))]
    store = await folded([(ELSEWHERE, [around[0], stray, around[1]])])
    (row,) = store.tables["refusal"].values()
    assert row == (*ELSEWHERE, 1, "unreadable", "wrong-partition", NOON, *(None,) * 6, fingerprint(stray))
    assert (await tally(store, NEIGHBOUR) or Tally()).count == 2
    assert await tally(store, CLIENT) is None
    assert len(store.tables["timeline"]) == 2


async def test_a_newer_type_stops_its_own_partition_alone() -> None:
    told, neighbour = Told(client=CLIENT), Told(client=NEIGHBOUR)
    event, after = told("referral.requested"), line(neighbour("client.registered"), 1)
    store = MemoryStore(TOY)
    projector = Projector(TOY, store, HOME)
    astray = await projector.project(ELSEWHERE, 0, [newer(event, 0), after])
    assert (astray.position.next_offset, astray.events, astray.refused, astray.unknown) == (2, 1, 1, None)
    stopped = await projector.project(HERE, 0, [newer(event, 0)])
    assert (stopped.position.next_offset, stopped.unknown) == (0, "org.manyhands.referral.foretold.v1")


@pytest.mark.parametrize(("value", "reason"), [(b"{", "not-json"), (None, "empty"), (b"{}", "bad-envelope")])
async def test_what_is_no_event_keeps_its_own_reason_in_any_partition(value: bytes | None, reason: str) -> None:
    garbage = Line(0, int(NOON.timestamp() * 1000), CLIENT.encode(), value)
    store = await folded([(HERE, [garbage]), (ELSEWHERE, [garbage])])
    assert [row[4] for row in store.tables["refusal"].values()] == [reason] * 2


async def test_an_id_that_was_used_astray_is_free_at_home() -> None:
    event = Told(client=CLIENT)("referral.requested")
    store = await folded([(ELSEWHERE, [line(event, 0)]), (HERE, [line(event, 0)])])
    assert [row[4] for row in store.tables["refusal"].values()] == ["wrong-partition"]
    assert (await tally(store, CLIENT) or Tally()).count == 1
    assert not any(row[-1] for row in store.tables["timeline"].values())


def orders() -> tuple[Batches, Batches]:
    """Return one log as it was folded while it grew, and as it is folded again: one partition after the other."""
    told = Told(client=CLIENT)
    early, stray, late = (told(name) for name in ("referral.requested", "referral.offer_viewed", "client.registered"))
    live = [(HERE, [line(early, 0)]), (ELSEWHERE, [line(stray, 0)]), (HERE, [line(late, 1)])]
    again = [(ELSEWHERE, [line(stray, 0)]), (HERE, [line(early, 0), line(late, 1)])]
    return live, again


async def test_live_and_folded_again_are_the_same_whichever_partition_comes_first() -> None:
    live, again = [await folded(batches) for batches in orders()]
    assert differences(*await compared(live, again, TOY)) == []


async def test_without_places_live_and_folded_again_would_differ() -> None:
    live, again = [await folded(batches, anywhere) for batches in orders()]
    assert differences(*await compared(live, again, TOY)) != []
    counts = [(await tally(store, CLIENT) or Tally()).count for store in (live, again)]
    assert counts == [2, 3], "a state kept at hand hides what the other partition wrote"


def test_residents_live_where_they_are_said_to() -> None:
    assert [HOME(who.encode()) for who in (CLIENT, NEIGHBOUR)] == [0, 1]
    assert resident("client", 0, 2) == CLIENT != ident("client")
