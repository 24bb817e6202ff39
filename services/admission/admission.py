"""The one way onto the log, behind every door: parse, judge, name, seal, write down, publish, in this order.

Rows are taken by the chunk and cost a few statements a chunk, never one a row.  Every row gets a result in
its place; a bad one neither delays nor loses the next.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable, Sequence
from datetime import UTC, datetime

from events.topics import INITIATIVES
from projections.batch import Away
from projections.memory import MemoryStore
from services.admission.caller import Caller
from services.admission.chunk import Chunk, cut
from services.admission.decision import Decision, decisions, stand_in
from services.admission.digest import Naming
from services.admission.judging import Judging, Parts, Terms
from services.admission.problem import UNKNOWN, Problem
from services.admission.publish import At
from services.admission.result import Result
from services.admission.standing import Standing
from services.admission.store import RegisterStore
from services.admission.telling import Telling
from services.admission.waiting import Waiting, answered, cut_all, meanwhile
from services.runtime import logging
from services.vault.vault import Vault

#: Chunks of a stream that may wait for the log at once.
AHEAD = 3

log = logging.get(__name__)


def utc_now() -> datetime:
    """Return the time by this machine's clock."""
    return datetime.now(UTC)


class Admission:
    """Admits rows for a caller.  Raises Away when PostgreSQL does not answer: nothing of that chunk was published."""

    def __init__(self, parts: Parts, clock: Callable[[], datetime] = utc_now) -> None:
        self._parts = parts
        self._judging = Judging(parts, clock)
        self._telling = Telling(parts, self._judging, clock)

    async def close(self) -> None:
        """Tell what was turned away and not yet told."""
        await self._telling.rest()

    def standing(self, initiative: str) -> Standing:
        """Return what is known of the initiative."""
        return self._parts.directory.standing(initiative)

    @property
    def vault(self) -> Vault:
        """Who clients are to each partner, and their keys."""
        return self._parts.vault

    @property
    def naming(self) -> Naming:
        """How callers' own ids become the log's."""
        return self._parts.naming

    @property
    def register(self) -> RegisterStore:
        """Under which record key subjects stand."""
        return self._parts.register

    @property
    def initiative_store(self) -> MemoryStore:
        """The states of every initiative, as far as their log was read."""
        return self._parts.directory.store

    async def catch_up(self, at: At | None = None) -> None:
        """Read on in the log of initiatives: past this record, else unless that was done a moment ago."""
        await (self._parts.directory.fresh() if at is None else self._parts.directory.reach(at))

    def refusal(self, at: At) -> str | None:
        """Return why an initiative's event that was published was refused; None when it was not."""
        return self._parts.directory.refusal(at)

    @property
    def initiatives(self) -> list[str]:
        """The initiatives that were opened, sorted."""
        return self._parts.directory.initiatives()

    async def admit(
        self, caller: Caller, rows: Sequence[bytes], *, dry_run: bool = False, backfill: str | None = None
    ) -> list[Result]:
        """Return a result for each row, in order."""
        terms = Terms(caller, dry_run, backfill)
        results: list[Result] = []
        async for chunk in cut(rows):
            results += await self._finished(terms, await self._judging.prepared(terms, chunk))
        return results

    async def stream(self, terms: Terms, batches: AsyncIterable[Sequence[bytes]]) -> AsyncIterator[Result]:
        """Yield a result for each row, in order, while later rows are already being judged.

        Batches are read as they are needed: a log that does not answer stops the reading.  Raises Away as the
        class says, once the rows before that chunk have their results.
        """
        async for results in self.answers(terms, batches):
            for result in results:
                yield result

    async def answers(
        self, terms: Terms, batches: AsyncIterable[Sequence[bytes]]
    ) -> AsyncGenerator[list[Result], None]:
        """Do as `stream`, and yield the results of rows that were published together as one list."""
        waiting: Waiting = deque()
        chunks = cut_all(batches)
        away: Away | None = None
        coming = asyncio.ensure_future(anext(chunks, None))
        try:
            while away is None:
                async for results in meanwhile(coming, waiting):
                    yield results
                chunk = await coming
                if chunk is None:
                    break
                away = await self._under_way(terms, chunk, waiting)
                async for results in answered(waiting, 0 if chunk.ends_in_initiative else AHEAD - 1):
                    yield results
                coming = asyncio.ensure_future(anext(chunks, None))
            async for results in answered(waiting, 0):
                yield results
        finally:
            coming.cancel()
            await asyncio.gather(coming, *waiting, return_exceptions=True)
        if away is not None:
            raise away

    async def _under_way(self, terms: Terms, chunk: Chunk, waiting: Waiting) -> Away | None:
        """Judge the chunk and have it published; return the outage when PostgreSQL does not answer."""
        try:
            prepared = await self._judging.prepared(terms, chunk)
        except Away as away:
            return away
        waiting.append(asyncio.create_task(self._finished(terms, prepared)))
        return None

    async def decide(self, caller: Caller, rows: Sequence[bytes]) -> list[Decision]:
        """Judge the first of the rows, as many as can be judged before one of them is published; publish nothing.

        What they open is in the register and whom they register has an id, as it must be before they are published.
        """
        async for chunk in cut(rows):
            return decisions(caller, self._parts.naming, await self._judging.prepared(Terms(caller), chunk))
        return []

    async def rehearse(self, caller: Caller, rows: Sequence[bytes], backfill: str | None = None) -> list[Decision]:
        """Decide on each row as it would be now; nothing is published or kept, and a new client's id is made up."""
        decided: list[Decision] = []
        async for chunk in cut(rows):
            judged = await self._judging.prepared(Terms(caller, dry_run=True, backfill=backfill), chunk)
            stand_in(judged.drafts)
            decided += decisions(caller, self._parts.naming, judged)
        return decided

    async def publish(self, caller: Caller, decided: Sequence[Decision]) -> list[Result]:
        """Publish what was let in, in order, and return each one's result.

        `log-unavailable` says that the outcome is unknown: the same decision may be published again.
        """
        waiting = [each.outgoing for each in decided if each.outgoing is not None]
        places = iter(await self._parts.publisher.publish(waiting) if waiting else ())
        results = [each.result if each.outgoing is None else _placed(each.result, next(places)) for each in decided]
        await self._settle(caller, decided, results)
        await self._telling.turned_away(caller, decided, results)
        return results

    async def _finished(self, terms: Terms, chunk: Chunk) -> list[Result]:
        if terms.dry_run:
            return chunk.results({})
        return await self.publish(terms.caller, decisions(terms.caller, self._parts.naming, chunk))

    async def _settle(self, caller: Caller, decided: Sequence[Decision], results: Sequence[Result]) -> None:
        """Note in the register what stands on the log, and let the directory see what changes it."""
        standing = [(each, result.at) for each, result in zip(decided, results, strict=True) if result.at is not None]
        opened = {each.opens for each, _ in standing if each.opens is not None}
        if opened:
            try:
                await self._parts.register.published(caller.initiative, opened)
            except Away as away:
                # The events stand; the rows say so again when the register is made anew.
                log.warning("register-behind", reason=str(away), subjects=len(opened))
        for each, at in standing:
            if each.outgoing is not None and each.outgoing.topic is INITIATIVES:
                await self._parts.directory.reach(at)


def _placed(result: Result, at: At | None) -> Result:
    return result._replace(problem=Problem(UNKNOWN)) if at is None else result._replace(at=at)
