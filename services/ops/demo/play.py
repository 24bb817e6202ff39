"""The story told: rows admitted wave by wave, partner by partner."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from services.admission.admission import Admission
from services.admission.caller import Partner as Speaker
from services.admission.result import Result
from services.ops.demo.history import Row
from services.ops.demo.world import INITIATIVE

Step = Callable[[int], None]
REQUESTED = "referral.requested"
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
    known: dict[str, str] = {}
    slots = asyncio.Semaphore(AT_ONCE)

    async def said(partner: str, rows: Sequence[Row]) -> None:
        async with slots:
            lines = [orjson.dumps(_as_known(row, known)) for row in rows]
            results = await admission.admit(Speaker(INITIATIVE, partner), lines, backfill=backfill)
        known.update(_opened(rows, results))
        told.turned_away.update(result.problem.code for result in results if result.problem)
        told.rows += len(rows)
        step(len(rows))

    for wave in waves:
        await asyncio.gather(*(said(partner, rows) for partner, rows in wave.items()))
    return told


def _opened(rows: Sequence[Row], results: Sequence[Result]) -> dict[str, str]:
    """Return what referrals are called on the log, by the names that their openers gave them."""
    opened = ((row.document, result) for row, result in zip(rows, results, strict=True) if result.subject)
    return {said["subject"]: result.subject or "" for said, result in opened if said["type"] == REQUESTED}


def _as_known(row: Row, known: Mapping[str, str]) -> dict[str, Any]:
    """Return the row with its referral under the name that everybody who takes part has for it."""
    subject = known.get(row.document.get("subject", ""))
    return row.document if subject is None else row.document | {"subject": subject}
