"""The story told: rows admitted wave by wave, partner by partner."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import orjson

from services.admission.admission import Admission
from services.admission.caller import Partner as Speaker
from services.ops.demo.history import Row
from services.ops.demo.systems import Heard, System
from services.ops.demo.world import INITIATIVE

Step = Callable[[int], None]
REQUESTED = "referral.requested"
#: Rows by wave and partner.
Waves = Sequence[Mapping[str, Sequence[Row]]]
#: Partners that speak at once, as they do in life.
AT_ONCE = 8


@dataclass
class Here:
    """A partner whose events are admitted in this process."""

    admission: Admission
    partner: str
    backfill: str | None

    async def say(self, rows: Sequence[bytes]) -> Sequence[Heard]:
        """Admit the rows."""
        results = await self.admission.admit(Speaker(INITIATIVE, self.partner), rows, backfill=self.backfill)
        return [Heard(each.subject, each.problem.code if each.problem else None) for each in results]


@dataclass
class Told:
    """What became of the rows that were said."""

    rows: int = 0
    turned_away: Counter[str] = field(default_factory=Counter)

    @property
    def published(self) -> int:
        return self.rows - self.turned_away.total()


async def tell(
    admission: Admission,
    waves: Waves,
    backfill: str | None,
    step: Step,
    systems: Mapping[str, System] = MappingProxyType({}),
) -> Told:
    """Say the waves in order, the partners of a wave side by side; `step` is told how many rows went by.

    Partners that have `systems` say it by them, and the others' rows are admitted here.
    """
    told = Told()
    known: dict[str, str] = {}
    slots = asyncio.Semaphore(AT_ONCE)

    async def said(partner: str, rows: Sequence[Row]) -> None:
        async with slots:
            lines = [orjson.dumps(_as_known(row, known)) for row in rows]
            heard = await systems.get(partner, Here(admission, partner, backfill)).say(lines)
        known.update(_opened(rows, heard))
        told.turned_away.update(each.code for each in heard if each.code)
        told.rows += len(rows)
        step(len(rows))

    for wave in waves:
        await asyncio.gather(*(said(partner, rows) for partner, rows in wave.items()))
    return told


def _opened(rows: Sequence[Row], results: Sequence[Heard]) -> dict[str, str]:
    """Return what referrals are called on the log, by the names that their openers gave them."""
    opened = ((row.document, result) for row, result in zip(rows, results, strict=True) if result.subject)
    return {said["subject"]: result.subject or "" for said, result in opened if said["type"] == REQUESTED}


def _as_known(row: Row, known: Mapping[str, str]) -> dict[str, Any]:
    """Return the row with its referral under the name that everybody who takes part has for it."""
    subject = known.get(row.document.get("subject", ""))
    return row.document if subject is None else row.document | {"subject": subject}
