"""How the subjects of a batch stand, as the served build of referrals knows them."""

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from events.catalogue import CaseEvent
from projections.referral import REFERRAL
from projections.sql import statement
from services.ops.reading import serving
from services.ops.undo.plan import Batch
from services.ops.undo.step import State
from services.runtime.settings import Settings

SQL = Path(__file__).with_name("undo.sql")
#: Subjects or events looked up by one statement.
AT_ONCE = 2000
T = TypeVar("T")


async def standing(settings: Settings, initiative: str, batches: Sequence[Batch]) -> dict[str, State]:
    """Return the states by subject; what was refused has none.  Raises NothingFolded."""
    found: dict[str, State] = {}
    async with serving(settings, REFERRAL.name) as pool:
        for some in _cut(batches):
            keys = [batch.said[0].partitionkey for batch in some], [batch.subject for batch in some]
            for row in await pool.fetch(statement(SQL, "states"), initiative, *keys):
                found[row["id"]] = REFERRAL.kinds[row["kind"]].decode(row["state"])
    return found


async def applied(settings: Settings, initiative: str, events: Sequence[CaseEvent]) -> list[CaseEvent]:
    """Return the events that changed something: what was refused needs no answer.  Raises NothingFolded."""
    refused: set[tuple[str, str]] = set()
    async with serving(settings, REFERRAL.name) as pool:
        for some in _cut(events):
            keys = zip(*((event.partitionkey, event.source, event.id) for event in some), strict=True)
            rows = await pool.fetch(statement(SQL, "refused"), initiative, *map(list, keys))
            refused.update((row["record"], row["id"]) for row in rows)
    return [event for event in events if (event.partitionkey, event.id) not in refused]


def _cut(whole: Sequence[T]) -> list[Sequence[T]]:
    return [whole[start : start + AT_ONCE] for start in range(0, len(whole), AT_ONCE)]
