"""The projection as a whole: any cut of its log into batches gives the same tables."""

import pytest

from events.codes import CODES, By
from projections.dump import compared, differences
from projections.initiative import INITIATIVE
from projections.memory import MemoryStore
from projections.timeline import TIMELINE
from tests.support.folding import folded
from tests.support.initiativelog import log


@pytest.mark.parametrize("seed", range(3))
async def test_any_cut_into_batches_gives_the_same_tables(seed: int) -> None:
    records = log(seed, 200)
    whole = MemoryStore(INITIATIVE)
    await folded(whole, records, len(records), INITIATIVE)
    for size, cache in ((1, 50_000), (7, 3), (64, 0)):
        store = MemoryStore(INITIATIVE)
        await folded(store, records, size, INITIATIVE, cache)
        assert differences(*await compared(whole, store, INITIATIVE)) == []
    assert not whole.parked


async def test_a_refusal_is_one_of_a_folds_codes() -> None:
    store = MemoryStore(INITIATIVE)
    records = log(5, 400)
    await folded(store, records, len(records), INITIATIVE)
    refusal = TIMELINE.place("refusal")
    codes = {row[refusal] for row in store.tables["timeline"].values()} - {None}
    assert len(codes) > 4
    assert {CODES[code].by for code in codes} == {By.FOLD}
