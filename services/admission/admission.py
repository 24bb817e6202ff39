"""The one way onto the log, behind every door: parse, judge, name, seal, write down, publish, in this order.

Rows are taken by the chunk and cost a few statements a chunk, never one a row.  Every row gets a result in
its place; a bad one neither delays nor loses the next.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from events.spoken import OWN
from events.topics import INITIATIVES
from projections.batch import Away
from projections.memory import MemoryStore
from services.admission.caller import Caller, Partner, System
from services.admission.chunk import Chunk, cut
from services.admission.compose import compose
from services.admission.context import Context, Found
from services.admission.decision import Decision, decisions, stand_in
from services.admission.digest import Naming
from services.admission.examine import examine
from services.admission.parse import Parsed, parse
from services.admission.problem import Problem, TurnedAway
from services.admission.publish import At, Outgoing, Publisher
from services.admission.register import hold
from services.admission.resolve import REGISTERED, case_subject, client_name, owner, translated
from services.admission.result import Result
from services.admission.seal import seal_all, sealed_for_nobody
from services.admission.standing import Standing
from services.admission.store import RegisterStore
from services.admission.turned import Turned
from services.admission.waiting import Waiting, answered, cut_all, meanwhile
from services.runtime import logging
from services.vault.vault import Vault

#: Chunks of a stream that may wait for the log at once.
AHEAD = 3
ACCEPTED = "org.manyhands.referral.offer_accepted.v1"
GATEKEEPER = "admission"
#: Whether the row stands on the log is not known.
UNKNOWN = "log-unavailable"

log = logging.get(__name__)


class Directory(Protocol):
    """What is known of the initiatives."""

    @property
    def store(self) -> MemoryStore:
        """The states of every initiative."""
        ...

    def standing(self, initiative: str) -> Standing: ...

    def refusal(self, at: At) -> str | None:
        """Return why the record there was refused, if it was."""
        ...

    def initiatives(self) -> list[str]: ...

    async def fresh(self) -> None:
        """Catch up with the log when the last time was a while ago."""
        ...

    async def reach(self, at: At) -> None:
        """Catch up with the log past this record."""
        ...


@dataclass(frozen=True, slots=True)
class Terms:
    """How one call is admitted."""

    caller: Caller
    dry_run: bool = False
    #: The window of history that is being loaded, as the registrar named it or by its id.
    backfill: str | None = None


@dataclass(frozen=True, slots=True)
class Parts:
    """What admission stands on."""

    publisher: Publisher
    directory: Directory
    vault: Vault
    register: RegisterStore
    naming: Naming
    #: The types that a deployed rulebook judges; others are turned away.
    supported: Collection[str]


def _now() -> datetime:
    return datetime.now(UTC)


class Admission:
    """Admits rows for a caller.  Raises Away when PostgreSQL does not answer: nothing of that chunk was published."""

    def __init__(self, parts: Parts, clock: Callable[[], datetime] = _now) -> None:
        self._parts = parts
        self._clock = clock
        self._turned = Turned()

    async def close(self) -> None:
        """Tell what was turned away and not yet told."""
        await self._tell(self._turned.due(self._clock(), all_of_them=True))

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
            results += await self._finished(terms, await self._prepared(terms, chunk))
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
            prepared = await self._prepared(terms, chunk)
        except Away as away:
            return away
        waiting.append(asyncio.create_task(self._finished(terms, prepared)))
        return None

    async def _prepared(self, terms: Terms, chunk: Chunk) -> Chunk:
        """Judge the chunk's rows and write down what they open; nothing is published yet."""
        await self._parts.directory.fresh()
        found = await self._found(terms.caller, chunk)
        self._examine(self._context(terms, found), chunk)
        chunk.drop(sealed_for_nobody(chunk.drafts))
        if not terms.dry_run:
            await self._mint(terms.caller, chunk)
        chunk.drop(await seal_all(self._parts.vault, terms.caller, chunk.drafts, dry_run=terms.dry_run))
        if not terms.dry_run and isinstance(terms.caller, Partner):
            await self._write_down(terms.caller, chunk)
        return chunk

    async def _found(self, caller: Caller, chunk: Chunk) -> Found:
        said = [each for each in chunk.parsed if isinstance(each, Parsed)]
        names = {name for each in said if (name := client_name(caller, each)) is not None}
        subjects = {subject for each in said if (subject := case_subject(caller, self._parts.naming, each)) is not None}
        found = Found()
        if names:
            found.clients = await self._parts.vault.find(caller.initiative, owner(caller), names)
        if subjects:
            found.held = await self._parts.register.find(caller.initiative, subjects)
        return found

    def _context(self, terms: Terms, found: Found) -> Context:
        parts = self._parts
        backfill = terms.backfill
        if backfill is not None:
            backfill = translated(terms.caller, parts.naming, "backfill", backfill)
        standing = parts.directory.standing(terms.caller.initiative)
        return Context(terms.caller, standing, parts.naming, self._clock(), found, parts.supported, backfill)

    def _examine(self, context: Context, chunk: Chunk) -> None:
        for row, parsed in enumerate(chunk.parsed):
            if isinstance(parsed, Problem):
                chunk.problems[row] = parsed
                continue
            try:
                chunk.drafts.append(examine(context, row, parsed))
            except TurnedAway as away:
                chunk.problems[row] = away.problem

    async def _mint(self, caller: Caller, chunk: Chunk) -> None:
        """Give the clients that are new here their ids, in every draft that names them."""
        fresh = {draft.record for draft in chunk.drafts if draft.type == REGISTERED and _is_own(draft.record)}
        if not fresh:
            return
        ids = await self._parts.vault.mint(caller.initiative, owner(caller), fresh)
        for draft in chunk.drafts:
            draft.record = ids.get(draft.record, draft.record)
            draft.subject = ids.get(draft.subject, draft.subject)

    async def _write_down(self, caller: Partner, chunk: Chunk) -> None:
        taken = await hold(self._parts.register, caller.initiative, caller.partner, chunk.drafts)
        problems = {
            d.row: TurnedAway("subject-taken", "/subject") for d in chunk.drafts if d.opens and d.subject in taken
        }
        chunk.drop(problems)
        clients = {draft.record for draft in chunk.drafts if draft.type in (ACCEPTED, REGISTERED)}
        if clients:
            chunk.aliases = await self._parts.vault.aliases(caller.initiative, caller.partner, clients, grant=True)

    async def decide(self, caller: Caller, rows: Sequence[bytes]) -> list[Decision]:
        """Judge the first of the rows, as many as can be judged before one of them is published; publish nothing.

        What they open is in the register and whom they register has an id, as it must be before they are published.
        """
        async for chunk in cut(rows):
            return decisions(caller, self._parts.naming, await self._prepared(Terms(caller), chunk))
        return []

    async def rehearse(self, caller: Caller, rows: Sequence[bytes], backfill: str | None = None) -> list[Decision]:
        """Decide on each row as it would be now; nothing is published or kept, and a new client's id is made up."""
        decided: list[Decision] = []
        async for chunk in cut(rows):
            judged = await self._prepared(Terms(caller, dry_run=True, backfill=backfill), chunk)
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
        await self._tell(self._refusals(caller, decided, results))
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

    def _refusals(
        self, caller: Caller, decided: Sequence[Decision], results: Sequence[Result]
    ) -> list[tuple[str, bytes]]:
        """Return what is to be said of the rows turned away; while the log is away they are counted for later."""
        now = self._clock()
        standing = self.standing(caller.initiative)
        if not standing.is_open or (isinstance(caller, Partner) and caller.partner not in standing.members):
            # A name that anybody can make up is no reason to write to the log, and may be somebody's.
            return []
        found = zip(decided, results, strict=True)
        problems = [(each.event, result.problem.code) for each, result in found if result.problem is not None]
        away = any(code == UNKNOWN for _, code in problems)
        told = [] if away else self._turned.due(now)
        for event, code in problems:
            if away and code != UNKNOWN:
                self._turned.count(caller, code, now)
            elif not away:
                told += [(caller.initiative, each) for each in self._turned.note(caller, event, code, now)]
        return told

    async def _tell(self, told: Iterable[tuple[str, bytes]]) -> None:
        """Publish admission's own records, which walk the same way as everybody's."""
        outgoing: list[Outgoing] = []
        for initiative, row in told:
            system = System(initiative, GATEKEEPER)
            said = parse(row)
            if isinstance(said, Parsed):
                draft = examine(self._context(Terms(system), Found()), 0, said)
                outgoing.append(compose(system, self._parts.naming, draft))
        if outgoing:
            await self._parts.publisher.publish(outgoing)


def _placed(result: Result, at: At | None) -> Result:
    return result._replace(problem=Problem(UNKNOWN)) if at is None else result._replace(at=at)


def _is_own(name: str) -> bool:
    return name.startswith(OWN)
