"""What the referral projection made of events that were just published, told to those who wait for it.

However many wait, one task asks how far the partitions are folded, and only while somebody waits.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from projections.batch import Away
from services.admission.publish import At
from services.gateway.store import Keep, Row
from services.runtime import logging

SQL = Path(__file__).with_name("rulings.sql")
#: Seconds between two looks at the positions, and between two attempts while PostgreSQL is away.
LOOK_S, AWAY_S = 0.004, 0.25
#: Events of one source that may be waited for at once; of further ones nothing is known yet, as if the wait were over.
PATIENT = 200

log = logging.get(__name__)


class Asked(NamedTuple):
    """A published event: its identity, what it said, and where it stands."""

    initiative: str
    record: str
    source: str
    event: str
    digest: str
    at: At


@dataclass(frozen=True, slots=True)
class Ruling:
    """What became of an event: applied, partly, refused, or parked; `first` is where the same event stood before."""

    outcome: str
    code: str | None = None
    detail: str | None = None
    first: At | None = None


class _Waiting(NamedTuple):
    asked: Asked
    told: "asyncio.Future[Ruling | None]"


class Rulings:
    """Finds rulings in whichever build is served."""

    def __init__(self, keep: Keep) -> None:
        self._keep = keep
        self._waiting: list[_Waiting] = []
        self._looking: asyncio.Task[None] | None = None

    async def close(self) -> None:
        """Let go of everybody who waits: they are told that nothing is known."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)
        _tell(self._waiting, [None] * len(self._waiting))

    async def known(self, asked: Sequence[Asked]) -> list[Ruling | None]:
        """Return the rulings there are by now; raises Away."""
        found: dict[Asked, Ruling | None] = {}
        for initiative, group in _by_initiative(asked).items():
            rows = await self._rows(initiative, group)
            found |= {each: _ruling(each, row) for each, row in zip(group, rows, strict=True)}
        return [found[each] for each in asked]

    async def wait(self, asked: Asked, seconds: float) -> Ruling | None:
        """Return the ruling once the partition is folded past the event; None when that takes longer.

        Where nothing is folded, one who waits for very much does not keep others from being answered.
        """
        if sum(_same_source(each.asked, asked) for each in self._waiting) >= PATIENT:
            return None
        waiting = _Waiting(asked, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        done, _ = await asyncio.wait([waiting.told], timeout=seconds)
        if not done:
            waiting.told.cancel()
            return None
        return waiting.told.result()

    async def settled(self, asked: Sequence[Asked], seconds: float) -> list[Ruling | None]:
        """Return the rulings of however many once all of them are folded, else those that there are then.

        Raises Away when PostgreSQL does not answer at the end of it.
        """
        last = {each.at[:2]: each for each in sorted(asked, key=lambda each: each.at.offset)}
        await asyncio.gather(*(self.wait(each, seconds) for each in last.values()))
        return await self.known(asked)

    async def _look(self) -> None:
        while self._waiting:
            try:
                await self._once()
            except Away as away:
                log.warning("rulings-away", reason=str(away))
                await asyncio.sleep(AWAY_S)
            await asyncio.sleep(LOOK_S)
            self._waiting = [each for each in self._waiting if not each.told.done()]

    async def _once(self) -> None:
        rows = await self._keep.fetch(SQL, "positions")
        positions = {(row["topic"], row["partition"]): row["next_offset"] for row in rows}
        due = [each for each in self._waiting if positions.get(each.asked.at[:2], 0) > each.asked.at.offset]
        if due:
            _tell(due, await self.known([each.asked for each in due]))

    async def _rows(self, initiative: str, asked: Sequence[Asked]) -> list[Row]:
        columns = list(zip(*((each.record, each.source, each.event, *each.at[:3]) for each in asked), strict=True))
        async with self._keep.transaction() as transaction:
            await transaction.fetch(SQL, "within", initiative)
            return await transaction.fetch(SQL, "rulings", initiative, *columns)


def _same_source(one: Asked, other: Asked) -> bool:
    return (one.initiative, one.source) == (other.initiative, other.source)


def _tell(waiting: Iterable[_Waiting], rulings: Iterable[Ruling | None]) -> None:
    for each, ruling in zip(waiting, rulings, strict=True):
        if not each.told.done():
            each.told.set_result(ruling)


def _by_initiative(asked: Iterable[Asked]) -> dict[str, list[Asked]]:
    groups: dict[str, list[Asked]] = defaultdict(list)
    for each in asked:
        groups[each.initiative].append(each)
    return groups


def _ruling(asked: Asked, row: Row) -> Ruling | None:
    if row["outcome"] is None:
        if row["code"] is not None:
            return Ruling("refused", row["code"], row["detail"])
        return None if row["parked"] is None else Ruling("parked")
    stood = At(row["topic"], row["partition"], row["record_offset"])
    if stood == (*asked.at[:3], None):
        return Ruling(row["outcome"], row["refusal"], row["detail"])
    if row["digest"].hex() == asked.digest:
        return Ruling(row["outcome"], row["refusal"], None, stood)
    return Ruling("refused", "id-reused")
