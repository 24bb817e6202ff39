"""Folding a list of records into a store, cut into batches of any size."""

from collections.abc import Sequence

from projections.batch import Store
from projections.projection import Projection
from projections.projector import Outcome, Projector
from projections.record import Partition
from tests.support.events import Line
from tests.support.places import anywhere
from tests.support.toy import TOY

CASES = Partition("manyhands.cases", 3)


async def folded(
    store: Store, records: Sequence[Line], size: int, projection: Projection = TOY, cache_states: int = 50_000
) -> list[Outcome]:
    """Fold the records by batches of this size, through one projector that begins anew."""
    projector = Projector(projection, store, anywhere(CASES), cache_states)
    stands = (await projector.open(CASES)).next_offset
    rest = [record for record in records if record.offset >= stands]
    outcomes = []
    for index in range(0, len(rest), size):
        batch = rest[index : index + size]
        outcomes.append(await projector.project(CASES, batch[0].offset, batch))
    return outcomes
