"""Where full work spends its time: one partition after another through the projector, with a clock at each step."""

import time
from collections import defaultdict
from collections.abc import Awaitable, Collection
from typing import TypeVar

import asyncpg

from bench.engine import Job, answer
from events.topics import CASES
from projections.batch import Folded, Seen
from projections.pipeline import read_batch
from projections.projection import Identity, Key, State
from projections.projector import Projector
from projections.record import Home, Partition, Record
from projections.referral import REFERRAL
from projections.store import PostgresStore, create_schema
from projections.store.times import quick_times
from services.runtime.builds import schema_of
from services.runtime.log import read, spans
from services.runtime.placement import placement
from services.runtime.store import connect

BATCH = 5000
Result = TypeVar("Result")
Spent = defaultdict[str, float]
Batches = list[tuple[Partition, int, list[Record]]]


class TimedStore(PostgresStore):
    """Adds up the seconds of each of the store's answers."""

    spent: Spent

    async def load(self, keys: Collection[Key]) -> dict[Key, State]:
        return await self._timed("load states", super().load(keys))

    async def seen(self, identities: Collection[Identity]) -> dict[Identity, Seen]:
        return await self._timed("look for duplicates", super().seen(identities))

    async def commit(self, folded: Folded) -> None:
        await self._timed("write and commit", super().commit(folded))

    async def _timed(self, name: str, work: Awaitable[Result]) -> Result:
        began = time.perf_counter()
        try:
            return await work
        finally:
            self.spent[name] += time.perf_counter() - began


async def run(job: Job) -> dict[str, float]:
    """Fold the log and return each step's microseconds an event."""
    spent: Spent = defaultdict(float)
    batches = await _batches(job, spent)
    home = placement(job.partitions)
    for batch in batches:
        _read(spent, home, *batch)
    async with await connect(job.postgres, application="bench stages", init=quick_times) as pool:
        schema = await _schema(pool)
        store = TimedStore(pool, REFERRAL, schema)
        store.spent = spent
        projector = Projector(REFERRAL, store, home)
        asked, began = sum(spent.values()), time.perf_counter()
        for partition, start, records in batches:
            await projector.project(partition, start, records)
        folding = time.perf_counter() - began - (sum(spent.values()) - asked) - spent["read and validate"]
    steps = {**spent, "judge, evolve, make rows and all else": folding}
    return {name: round(seconds / job.events * 1e6, 2) for name, seconds in steps.items()}


async def _batches(job: Job, spent: Spent) -> Batches:
    """Return the log in batches as a live processor gets them."""
    began = time.perf_counter()
    found = await spans(job.settings, [CASES])
    held: dict[Partition, list[Record]] = {partition: [] for partition in found}
    async for partition, records in read(job.settings, found, BATCH):
        held[partition].extend(records)
    spent["fetch"] += time.perf_counter() - began
    return [
        (partition, records[place].offset, records[place : place + BATCH])
        for partition, records in held.items()
        for place in range(0, len(records), BATCH)
    ]


def _read(spent: Spent, home: Home, partition: Partition, start: int, records: list[Record]) -> None:
    """Clock the reading alone, which the projector repeats."""
    began = time.perf_counter()
    read_batch(REFERRAL, home, partition, start, records)
    spent["read and validate"] += time.perf_counter() - began


async def _schema(pool: asyncpg.Pool) -> str:
    schema = schema_of(REFERRAL, "a")
    async with pool.acquire() as connection:
        await create_schema(connection, REFERRAL, schema)
    return schema


if __name__ == "__main__":
    answer(run)
