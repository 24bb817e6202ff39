"""A view that adds to sums: the same by any cut, parked when it must be, and nothing counts twice."""

from collections.abc import Iterable, Sequence

import pytest

from projections.dump import Left, compared, differences
from projections.memory import MemoryStore
from projections.projection import Entry, Row, Table
from tests.contracts.store import StoreContract
from tests.support.events import CLIENT, INITIATIVE, Told, ident, lines
from tests.support.folding import CASES, folded
from tests.support.toy import FAILING, TOY, UNSTORABLE, Mentions, Toy
from tests.support.toylog import log
from tests.unit.projections.test_memory import over

UNFIT, FAILS = (beginning + ident("offer")[4:] for beginning in (UNSTORABLE, FAILING))


class Unfit(Mentions):
    """Makes a row that no database takes of some offers, and fails on others."""

    def rows(self, entry: Entry) -> Iterable[Row]:
        offer = getattr(entry.event.data, "offer_id", "")
        if offer.startswith(FAILING):
            raise ValueError("this one")
        for row in super().rows(entry):
            yield (row[0], "\x00", *row[2:]) if offer.startswith(UNSTORABLE) else row


class Doubtful(Toy):
    """The toy projection with such a view alone."""

    def __init__(self) -> None:
        super().__init__("doubtful")
        self.views = (self.views[0], Unfit())


@pytest.mark.parametrize("size", [1, 2, 9])
async def test_sums_are_those_of_what_was_said_once(size: int) -> None:
    told, store = Told(), MemoryStore(TOY)
    first, second = told("referral.requested"), told("referral.requested")
    reused = told("client.registered").model_copy(update={"id": first.id})
    await folded(store, lines([first, second, first, reused, first]), size)
    assert list(store.tables["mention"].values()) == [
        (INITIATIVE, first.type, CASES.number, 2, 0),
        (INITIATIVE, reused.type, CASES.number, 0, 1),
    ]


@pytest.mark.parametrize("size", [1, 7, 300])
async def test_sums_of_any_cut_count_every_event_that_said_something_new(size: int) -> None:
    records, store = log(5, 300), MemoryStore(TOY)
    await folded(store, records, size)
    times = sum(row[3] for row in store.tables["mention"].values())
    reused = sum(row[4] for row in store.tables["mention"].values())
    codes = [row[3] for row in store.tables["refusal"].values()]
    assert times == len(store.tables["timeline"])
    assert reused == codes.count("id-reused") > 0


@pytest.mark.parametrize("bad", [UNFIT, FAILS])
async def test_a_sum_that_cannot_be_made_waits_and_the_rest_is_added(bad: str) -> None:
    dumps = []
    for size in (1, 2, 9):
        told, store = Told(), MemoryStore(Doubtful())
        events = [
            told("referral.offer_accepted", subject=ident("another")),
            told("referral.offer_accepted", offer_id=bad),
            told("referral.offer_accepted"),
            told("referral.offer_accepted", subject=ident("another")),
        ]
        await folded(store, lines(events), size, Doubtful())
        assert [(offset, entry.error is None) for (_, offset, _), entry in sorted(store.parked.items())] == [
            (1, False),
            (2, True),
        ]
        assert [row[3] for row in store.tables["mention"].values()] == [2]
        dumps.append(store)
    assert differences(*await compared(dumps[0], dumps[2], Doubtful())) == []


async def test_a_table_of_sums_is_left_out_of_a_dump_while_an_entry_of_it_is_parked() -> None:
    told = Told()
    one, other = MemoryStore(Doubtful()), MemoryStore(Doubtful())
    records = lines([told("referral.offer_accepted"), told("referral.offer_accepted", offer_id=FAILS)])
    await folded(one, records, 2, Doubtful())
    await folded(other, records, 2, Doubtful())
    (key,) = other.parked
    del other.parked[key]
    other.tables["mention"].update(
        {place: (*row[:3], row[3] + 1, row[4]) for place, row in other.tables["mention"].items()}
    )
    found, rest = await compared(one, other, Doubtful())
    assert found.left == rest.left == {Left("mention", INITIATIVE, CLIENT)}
    assert found.tables["mention"].rows == 0
    assert differences(found, rest) == []


async def test_what_was_before_is_parked_with_what_is_after() -> None:
    told, store = Told(), MemoryStore(Doubtful())
    await folded(
        store, lines([told("referral.offer_accepted"), told("referral.offer_accepted", offer_id=FAILS)]), 1, Doubtful()
    )
    (entry,) = store.parked.values()
    assert '"before":[["client"' in entry.entry


class Replacing(MemoryStore):
    """Puts a sum in the place of the one before, as any other row."""

    def _write(self, table: Table, rows: Sequence[Row]) -> None:
        self.tables[table.name].update((row[: len(table.key)], row) for row in rows)


async def test_a_store_that_does_not_add_is_found_out() -> None:
    with pytest.raises(AssertionError):
        await StoreContract().test_sums_add_up_over_commits_and_a_fenced_one_adds_nothing(over(Replacing(TOY)))
    records, whole, cut = log(5, 300), Replacing(TOY), Replacing(TOY)
    await folded(whole, records, 300)
    await folded(cut, records, 7)
    assert differences(*await compared(whole, cut, TOY)) == ["table mention"]
