"""The worker processes of a rebuild: one a core, the partitions dealt out among them."""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import cast

from projections.record import Partition
from services.ops.errors import RebuildFailed
from services.ops.rebuild.orders import Answer, Failed, Folded, Job, Order, dealt, line, read_answer


@dataclass(frozen=True)
class Crew:
    """Workers at the ready; each gives one order after another to `fold`."""

    workers: Sequence[Process]

    async def fold(
        self, targets: Mapping[Partition, int], left: Mapping[Partition, int], report: Callable[[int], None]
    ) -> None:
        """Fold each partition up to its target, of which so many records are left; report records as they commit.

        Raises RebuildFailed, with the fault of the worker that failed first.
        """
        orders = [Order([(each, targets[each]) for each in share]) for share in dealt(left, len(self.workers))]
        tasks = [
            asyncio.create_task(_ordered(worker, order, report))
            for worker, order in zip(self.workers, orders, strict=False)
        ]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()


@asynccontextmanager
async def crew(job: Job, count: int) -> AsyncIterator[Crew]:
    """Give that many worker processes; they are gone when the block ends, however it ends."""
    async with AsyncExitStack() as stack:
        workers = [await stack.enter_async_context(_worker(job)) for _ in range(count)]
        await asyncio.gather(*(_done(worker, _ignored) for worker in workers))
        yield Crew(workers)


@asynccontextmanager
async def _worker(job: Job) -> AsyncIterator[Process]:
    worker = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.ops.rebuild.worker", stdin=PIPE, stdout=PIPE
    )
    try:
        _pipes(worker)[0].write(line(job))
        yield worker
    finally:
        if worker.returncode is None:
            worker.kill()  # what it said is committed, of the rest nothing is
        await worker.wait()


async def _ordered(worker: Process, order: Order, report: Callable[[int], None]) -> None:
    """Give one order and wait until it is carried out."""
    _pipes(worker)[0].write(line(order))
    await _done(worker, report)


async def _done(worker: Process, report: Callable[[int], None]) -> None:
    """Wait until the worker is done.  Raises RebuildFailed."""
    while isinstance(answer := await _answer(worker), Folded):
        report(answer.records)
    if isinstance(answer, Failed):
        raise _failed(answer)


def _ignored(_: int) -> None:
    """Hear nothing: who was told nothing folds nothing."""


async def _answer(worker: Process) -> Answer:
    heard = await _pipes(worker)[1].readline()
    if not heard:
        raise RebuildFailed(f"a worker ended with exit code {await worker.wait()}")
    answer: Answer = read_answer(heard)
    return answer


def _failed(answer: Failed) -> RebuildFailed:
    """Return the worker's own fault, by its code."""
    failure = RebuildFailed(answer.text)
    failure.code, failure.hint = answer.code, answer.hint or RebuildFailed.hint
    return failure


def _pipes(worker: Process) -> tuple[asyncio.StreamWriter, asyncio.StreamReader]:
    """Return where it is told and heard; both were asked for when it was started."""
    return cast(asyncio.StreamWriter, worker.stdin), cast(asyncio.StreamReader, worker.stdout)
