"""Who takes part and what is in force, folded from the log of initiatives by this process itself."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from types import TracebackType

from aiokafka import AIOKafkaConsumer, TopicPartition

from events.topics import INITIATIVES
from projections.batch import Folded
from projections.initiative import INITIATIVE
from projections.initiative.reading import holds
from projections.initiative.state import Backfill, Codelist, Initiative, Partner, Person, Service
from projections.memory import MemoryStore
from projections.projection import Key, State
from projections.projector import Projector
from projections.record import Partition, Record
from projections.refusal import REFUSAL
from services.admission.publish import AWAY, At
from services.admission.standing import Absence, Member, Standing, Window, zone_of
from services.admission.standing import Service as Offered
from services.runtime import logging
from services.runtime.errors import Fault
from services.runtime.log import POLL_MS, reader
from services.runtime.placement import placement
from services.runtime.settings import Settings

#: Seconds for which what was read is called current, and after which it no longer counts while it is read anew.
FRESH, STALE = 1.0, 3.0
#: Seconds for the log to answer before what is known has to do.
PATIENCE = 5.0
#: The role of those who see to a partner's own tokens.
ADMINISTRATOR = "partner-admin"

log = logging.get(__name__)


class LogAway(Fault):
    """Kafka does not answer, and nothing of the initiatives is known yet."""

    code = "log-unavailable"
    hint = "Start the embedded one with `manyhands local up`, or check MANYHANDS_KAFKA."


class UnknownOnLog(LogAway):
    """The log of initiatives holds a type that this build does not know: a newer build must admit.

    As while the log is away, nobody can tell what holds now, and what needs to know waits.
    """

    code = "unknown-type-on-log"
    hint = "A newer build wrote it: deploy that one, or a newer one."


class Directory:
    """Every initiative's standing; used as an async context manager, which reads the log to its end first."""

    def __init__(
        self, settings: Settings, clock: Callable[[], float] = time.monotonic, patience: float = PATIENCE
    ) -> None:
        """`patience` is how many seconds the log has to answer before what is known has to do."""
        self._settings = settings
        self._clock = clock
        self._standings: dict[str, Standing] = {}
        self._persons: dict[tuple[str, str], Person] = {}
        self._home = placement(settings.count(INITIATIVES))
        self._patience = patience
        #: The states of every initiative, and what was refused.
        self.store: MemoryStore = _Noting(self._take)
        self._projector = Projector(INITIATIVE, self.store, self._home)
        self._folded: dict[int, int] = {}
        self._read: dict[int, int] = {}
        self._read_at = float("-inf")
        self._reading = asyncio.Lock()
        self._open = AsyncExitStack()
        self._consumer: AIOKafkaConsumer | None = None
        self._refreshing: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Directory":
        await self.fresh()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._refreshing is not None:
            await asyncio.wait([self._refreshing])
        await self._leave()

    def standing(self, initiative: str) -> Standing:
        """Return what is known of the initiative; of one that was never opened, nothing."""
        found = self._standings.get(initiative) or Standing()
        found.offset = self._read.get(self._home(initiative.encode()), 0)
        return found

    def initiatives(self) -> list[str]:
        """Return the initiatives that were opened, sorted."""
        return sorted(name for name, standing in self._standings.items() if standing.is_open)

    async def fresh(self) -> None:
        """Catch up with the log, unless that was done within the last second.

        A steady stream does not wait for it: within STALE seconds what was read last counts meanwhile.  It
        counts, too, while the log does not answer; raises LogAway when there is nothing yet, and UnknownOnLog as
        long as what stands there is not known to this build.
        """
        age = self._clock() - self._read_at
        if age >= STALE:
            async with self._reading:
                if self._clock() - self._read_at >= FRESH:
                    await self._try()
        elif age >= FRESH:
            self._refresh()

    def refusal(self, at: At) -> str | None:
        """Return why the record there was refused; None when it was not, or was not reached yet."""
        row = self.store.tables[REFUSAL.name].get((at.topic, at.partition, at.offset))
        return None if row is None else str(row[REFUSAL.place("code")])

    def _refresh(self) -> None:
        if self._refreshing is None or self._refreshing.done():
            before, self._refreshing = self._refreshing, asyncio.create_task(self._catch_up_apart())
            if before is not None:
                before.result()

    async def _catch_up_apart(self) -> None:
        async with self._reading:
            await self._try()

    async def reach(self, at: At) -> None:
        """Catch up with the log, past this record at the least."""
        async with self._reading:
            if self._read.get(at.partition, 0) <= at.offset:
                await self._try()

    async def _try(self) -> None:
        try:
            patience = self._patience if self._read_at > float("-inf") else PATIENCE
            async with asyncio.timeout(patience) as deadline:
                await self._catch_up(lambda: deadline.reschedule(asyncio.get_running_loop().time() + patience))
        except AWAY as error:
            if self._read_at == float("-inf"):
                raise LogAway(type(error).__name__) from None
            log.warning("directory-stale", reason=type(error).__name__)
            self._read_at = self._clock()
            await self._leave()
        except UnknownOnLog:
            # What lies behind it may have been read with it, and must not be missing once a newer build goes on.
            await self._leave()
            raise

    async def _catch_up(self, moved: Callable[[], None]) -> None:
        """Read to the log's end; `moved` is called whenever that came nearer, as a log that answers is not away."""
        began = self._clock()
        consumer = await self._connected()
        partitions = consumer.assignment()
        ends = await consumer.end_offsets(partitions)
        while any(self._read[partition.partition] < end for partition, end in ends.items()):
            for partition, records in (await consumer.getmany(timeout_ms=POLL_MS)).items():
                await self._project(Partition(*partition), records)
                moved()
            for partition in partitions:
                self._read[partition.partition] = await consumer.position(partition)
        self._read_at = began

    async def _project(self, partition: Partition, records: Sequence[Record]) -> None:
        outcome = await self._projector.project(partition, self._folded[partition.number], records)
        if outcome.unknown is not None:
            raise UnknownOnLog(outcome.unknown)
        self._folded[partition.number] = outcome.position.next_offset

    async def _connected(self) -> AIOKafkaConsumer:
        if self._consumer is None:
            consumer = await self._open.enter_async_context(reader(self._settings))
            topic = self._settings.topic(INITIATIVES)
            partitions = [TopicPartition(topic, each) for each in range(self._settings.count(INITIATIVES))]
            consumer.assign(partitions)
            for partition in partitions:
                start = (await self._projector.open(Partition(*partition))).next_offset
                self._folded[partition.partition] = self._read[partition.partition] = start
                consumer.seek(partition, start)
            self._consumer = consumer
        return self._consumer

    async def _leave(self) -> None:
        """Let go of the broker; the next reading begins where the last one was folded."""
        self._consumer = None
        await self._open.aclose()

    def _take(self, changed: Mapping[Key, State]) -> None:
        for key, state in changed.items():
            standing = self._standings.setdefault(key.initiative, Standing())
            if isinstance(state, Person):
                self._persons[key.initiative, key.id] = state
            note(standing, key.id, state)
        for initiative in {key.initiative for key in changed}:
            standing = self._standings[initiative]
            standing.registrars = self._holders(initiative, standing.backbone, "registrar")
            standing.coordinators = self._holders(initiative, standing.backbone, "coordinator")
            standing.administrators = self._administrators(initiative)
            standing.analysts = self._holders(initiative, standing.backbone, "analyst")

    def _administrators(self, initiative: str) -> dict[str, frozenset[str]]:
        people = ((person, known.roles) for (of, person), known in self._persons.items() if of == initiative)
        found = [(each.partner, person) for person, roles in people for each in roles if each.role == ADMINISTRATOR]
        return {partner: frozenset(person for at, person in found if at == partner) for partner, _ in found}

    def _holders(self, initiative: str, partner: str, role: str) -> frozenset[str]:
        return frozenset(
            person for (of, person), roles in self._persons.items() if of == initiative and holds(roles, partner, role)
        )


def note(standing: Standing, name: str, state: State) -> None:
    """Take one aggregate's new state into the standing."""
    match state:
        case Initiative():
            standing.zone = zone_of(state.policy.zone)
            standing.backbone = state.backbone
            standing.protected = frozenset(state.policy.protected_programmes)
            standing.min_attempts = state.policy.min_attempts
            standing.respond_days = state.policy.respond_business_days
            standing.respond_at_most = state.policy.respond_days_at_most
            standing.start_days = state.policy.start_business_days
            standing.start_at_most = state.policy.start_days_at_most
            standing.holidays = frozenset(state.policy.holidays)
            standing.matching = state.policy.client_matching
            standing.erasure_wait = state.policy.erasure_wait_days
            standing.maturity_days = state.policy.maturity_days
        case Partner():
            aggregate_only = state.reporting == "aggregate-only"
            agreed = state.agreement is not None
            # When it was recorded: what its offers went through before that lies before it.
            absence = None if state.absence is None else Absence(state.absence.how, state.absence.recorded)
            standing.take_member(
                name, Member(state.active, agreed, aggregate_only, state.classes, state.networks, absence)
            )
        case Service():
            standing.services[name] = Offered(
                state.partner,
                state.accepts_referrals,
                state.programme_class,
                state.min_attempts,
                state.respond_business_days,
            )
            standing.take_start(state.partner, name, state.start_business_days)
        case Codelist():
            standing.codelists[name] = frozenset(state.labels)
        case Backfill() if state.closed is None:
            standing.windows[name] = Window(frozenset(state.partners), state.since, state.until)
        case Backfill():
            standing.windows.pop(name, None)


class _Noting(MemoryStore):
    """A store in memory that tells which states a commit changed."""

    def __init__(self, told: Callable[[Mapping[Key, State]], None]) -> None:
        super().__init__(INITIATIVE)
        self._told = told
        self._tables = {kind.table.name: (name, kind) for name, kind in INITIATIVE.kinds.items()}

    async def commit(self, folded: Folded) -> None:
        await super().commit(folded)
        changed: dict[Key, State] = {}
        for table, rows in folded.rows.items():
            if table in self._tables:
                name, kind = self._tables[table]
                place = kind.table.place("state")
                changed |= {Key(name, *row[:3]): kind.decode(row[place]) for row in rows}
        if changed:
            self._told(changed)
