"""How the subjects of a batch stand, as the served build of referrals knows them."""

from collections.abc import Sequence
from pathlib import Path

from projections.referral import REFERRAL
from projections.sql import statement
from services.ops.reading import serving
from services.ops.undo.plan import Batch
from services.ops.undo.step import State
from services.runtime.settings import Settings

SQL = Path(__file__).with_name("undo.sql")
#: Subjects looked up by one statement.
AT_ONCE = 2000


async def standing(settings: Settings, initiative: str, batches: Sequence[Batch]) -> dict[str, State]:
    """Return the states by subject; what was refused has none.  Raises NothingFolded."""
    found: dict[str, State] = {}
    async with serving(settings, REFERRAL.name) as pool:
        for some in _cut(batches):
            keys = [batch.said[0].partitionkey for batch in some], [batch.subject for batch in some]
            for row in await pool.fetch(statement(SQL, "states"), initiative, *keys):
                found[row["id"]] = REFERRAL.kinds[row["kind"]].decode(row["state"])
    return found


def _cut(batches: Sequence[Batch]) -> list[Sequence[Batch]]:
    return [batches[start : start + AT_ONCE] for start in range(0, len(batches), AT_ONCE)]
