"""The story told: rows admitted wave by wave, partner by partner."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import orjson

from services.admission.admission import Admission
from services.admission.caller import Partner as Speaker
from services.ops.demo.history import Row
from services.ops.demo.world import INITIATIVE

Step = Callable[[int], None]
#: Partners that speak at once, as they do in life.
AT_ONCE = 8


@dataclass
class Told:
    """What became of the rows that were said."""

    rows: int = 0
    turned_away: Counter[str] = field(default_factory=Counter)

    @property
    def published(self) -> int:
        return self.rows - self.turned_away.total()


async def tell(
    admission: Admission, waves: Sequence[Mapping[str, Sequence[Row]]], backfill: str | None, step: Step
) -> Told:
    """Admit the waves in order, the partners of a wave side by side; `step` is told how many rows went by."""
    told = Told()
    slots = asyncio.Semaphore(AT_ONCE)

    async def said(partner: str, rows: Sequence[Row]) -> None:
        async with slots:
            results = await admission.admit(Speaker(INITIATIVE, partner), _lines(rows), backfill=backfill)
        told.turned_away.update(result.problem.code for result in results if result.problem)
        told.rows += len(rows)
        step(len(rows))

    for wave in waves:
        await asyncio.gather(*(said(partner, rows) for partner, rows in wave.items()))
    return told


def _lines(rows: Iterable[Row]) -> list[bytes]:
    return [orjson.dumps(row.document) for row in rows]
