"""What one run measures, in which order, and how its figures are called."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import mean, median
from typing import Any

import asyncpg

from bench import beside, check, history, latency, startup
from bench.engine import run
from bench.figures import Findings, Stage
from bench.fill import fill
from bench.ground import Ground, database
from bench.meter import Measured
from bench.race import LONGEST, YARDSTICK, Engine, Result, Track, once, race
from bench.rebuild import rebuild
from bench.served import SERVED
from bench.waiting import PACE
from bench.workload import NAMES, OPEN_AT_ONCE, Name, Workload, generate

#: A statement an event is slow, so stock Faust reads no more than this.
STOCK_EVENTS = 3000
#: Partitions of the log that a worker's memory is measured with.
WIDE = 32
#: What can be measured alone.
RACED = ("same_job", "full", "full_in_two", "stock_faust", "peers")
PIECES = (*RACED, "rebuild", "admission", "ndjson", "send_to_row", "post_wait", "start", "memory", "stages", "history")


@dataclass(frozen=True)
class Options:
    """How much is measured."""

    events: int
    partitions: int
    rounds: int
    admitted: int
    sent: int
    only: Sequence[str] = ()
    #: Whether peers that are not there may be installed.
    install: bool = False

    def wants(self, piece: str) -> bool:
        """Whether this piece is to be measured."""
        return not self.only or piece in self.only


@dataclass
class Run:
    """One run on its ground: the logs as they were filled, and what was found until now."""

    ground: Ground
    options: Options
    say: Callable[[str], None]
    workloads: Mapping[Name, Workload]
    machine: Mapping[str, Any]
    figures: dict[str, float] = field(default_factory=dict)
    tables: dict[str, dict[str, dict[str, float]]] = field(default_factory=dict)
    stages: list[Stage] = field(default_factory=list)
    #: Why no peers are measured; empty when they are.
    no_peers: str = ""
    #: Workload → where the same job spends its time, when a peer was ahead of it there.
    gaps: dict[str, list[Stage]] = field(default_factory=dict)

    async def engines(self, name: Name) -> None:
        """Race the engines on one workload."""
        truth = check.truth(self.workloads[name])
        track = Track(self.ground, f"{name}.", truth.events)
        peers = beside.engines(truth) if self._peers else []
        found = await race(track, [*_engines(name, self.options, truth), *peers], self.options.rounds, self.say)
        self.tables[name] = {engine: _row(result) for engine, result in found.items()}
        self.figures[f"{name}.yardstick_events_per_s"] = round(found[YARDSTICK].rate)
        for engine, result in found.items():
            if engine != YARDSTICK:
                self.figures[f"{name}.{engine}_over_yardstick"] = round(result.share, 4)
        if peers:
            await self._peers_beside(name, found)

    async def _peers_beside(self, name: Name, found: Mapping[str, Result]) -> None:
        """Note the house's rate over each peer's, and where its time goes if one of them was faster."""
        ratios = beside.figures(name, found)
        self.figures |= ratios
        if min(ratios.values()) < 1:
            self.say(f"{name}: where the same job spends its time, as a peer was ahead")
            steps = await self._once("bench.gap", f"{name}.", self.options.events)
            self.gaps[name] = [Stage(step, us) for step, us in steps.items()]

    @property
    def _peers(self) -> bool:
        return self.options.wants("peers") and not self.no_peers

    async def rebuild(self) -> None:
        """Fold the mixed log once as a live processor, then rebuild it, a yardstick's turn before each time."""
        truth = check.truth(self.workloads["mixed"])
        track = Track(self.ground, "mixed.", truth.events)
        rates, shares = [], []
        async with database(self.ground) as uri:
            job = self.ground.job("mixed.", uri, truth.events)
            self.say("folding what is to be rebuilt")
            await run("bench.full", job, LONGEST)
            for number in range(self.options.rounds):
                self.say(f"rebuild, round {number + 1} of {self.options.rounds}")
                yard = (await once(track, _yardstick(truth))).measured.rate
                rates.append(await rebuild(job, LONGEST))
                shares.append(rates[-1] / yard)
        row = {"events_per_s": round(median(rates)), "over_yardstick": round(median(shares), 4)}
        self.tables.setdefault("mixed", {})["rebuild"] = row
        self.figures["mixed.rebuild_over_yardstick"] = row["over_yardstick"]

    async def admission(self) -> None:
        """Admit a file, each round into a new deployment."""
        self.figures["admission.events_per_s"] = await self._admitted("bench.admission", "admission of an NDJSON file")

    async def ndjson(self) -> None:
        """Post the same file to a gateway."""
        self.figures["gateway_ndjson_events_per_s"] = await self._admitted("bench.ndjson", "an NDJSON file over HTTP")

    async def _admitted(self, module: str, what: str) -> int:
        """Return the median rate of a file's rows by the module, in events a second."""
        rates = []
        for number in range(self.options.rounds):
            self.say(what)
            found = await self._once(module, f"{module}{number}.", self.options.admitted)
            rates.append(Measured(**found).rate)
        return round(median(rates))

    async def post_wait(self) -> None:
        """Post single events at a steady pace, and wait for each one's ruling."""
        self.say("POST to ruling, 50 a second")
        found = await self._once("bench.waiting", "waiting.", PACE * self.options.sent // 10)
        for name, milliseconds in found.items():
            self.figures[f"post_wait_ms.{name}"] = round(milliseconds, 1)

    async def send_to_row(self) -> None:
        """Send single events to an idle processor."""
        self.say("send to row, idle")
        for name, milliseconds in (await latency.measure(self.ground, self.options.sent)).items():
            self.figures[f"send_to_row_ms.{name}"] = round(milliseconds, 1)

    async def start(self) -> None:
        """Start processors anew."""
        self.say("process start to first row")
        self.figures["start_to_first_row_s"] = round(
            await startup.measure(self.ground, "neighbours.", self.options.rounds), 2
        )

    async def memory(self) -> None:
        """Let one worker fold a log of many partitions."""
        self.say(f"a worker's memory at {WIDE} partitions")
        wide = Ground(self.ground.home, self.ground.servers, WIDE)
        await fill(wide.job("wide.", "", 0).settings, self.workloads["mixed"].lines)
        async with database(wide) as uri:
            found = await run("bench.full", wide.job("wide.", uri, self.options.events), LONGEST)
        self.figures["worker_rss_mib"] = round(Measured(**found).rss_mib)

    async def history(self) -> None:
        """Fold the same events after a short and after a long history."""
        ratio = await history.measure(self.ground, self.options.events, self.options.rounds, self.say)
        self.figures["history.speed_at_1m_over_10k"] = round(ratio, 3)

    async def steps(self) -> None:
        """Clock each step of the full work by itself."""
        self.say("where full work spends its time")
        found = await self._once("bench.stages", "mixed.", self.options.events)
        self.stages = [Stage(name, us) for name, us in found.items()]

    async def _once(self, module: str, prefix: str, events: int) -> dict[str, Any]:
        async with database(self.ground) as uri:
            return await run(module, self.ground.job(prefix, uri, events), LONGEST)

    def findings(self) -> Findings:
        """Return everything that was found."""
        lengths = [len(line.value) for line in self.workloads["mixed"].lines]
        setting = {
            "machine": self.machine,
            "events": len(lengths),
            "event_bytes": int(median(lengths)),
            "event_bytes_mean": round(mean(lengths)),
            "partitions": self.ground.partitions,
            "rounds": self.options.rounds,
            "open_at_once": OPEN_AT_ONCE,
            "peers": beside.setting(self.no_peers),
        }
        return Findings(self.figures, self.tables, self.stages, setting, self.gaps)


async def measure(ground: Ground, options: Options, machine: Mapping[str, Any], say: Callable[[str], None]) -> Findings:
    """Fill the logs and measure every piece that is wanted; `machine` says where."""
    say("making the workloads")
    current = Run(ground, options, say, generate(options.events), machine)
    if options.wants("peers"):
        current.no_peers = beside.missing(say, install=options.install)
    for name, workload in current.workloads.items():
        say(f"filling the log: {name}")
        await fill(ground.job(f"{name}.", "", 0).settings, workload.lines)
        if any(map(options.wants, RACED)):
            await current.engines(name)
    pieces: dict[str, Callable[[], Awaitable[None]]] = {
        "rebuild": current.rebuild,
        "admission": current.admission,
        "ndjson": current.ndjson,
        "send_to_row": current.send_to_row,
        "post_wait": current.post_wait,
        "start": current.start,
        "memory": current.memory,
        "stages": current.steps,
        "history": current.history,
    }
    for piece, taken in pieces.items():
        if options.wants(piece):
            await taken()
    return current.findings()


def _engines(name: Name, options: Options, truth: check.Truth) -> list[Engine]:
    async def same(connection: asyncpg.Connection, _: int) -> None:
        await check.same_job(connection, truth)

    async def full(connection: asyncpg.Connection, _: int) -> None:
        await check.full_work(connection, SERVED, truth)

    engines = [
        Engine("same_job", "bench.samejob", same),
        Engine("full", "bench.full", full),
        Engine("full_in_two", "bench.pair", full),
    ]
    if name == NAMES[0]:
        engines.append(Engine("stock_faust", "bench.stock", check.some_events, STOCK_EVENTS))
    return [_yardstick(truth), *(each for each in engines if _wanted(each.name, options))]


def _wanted(engine: str, options: Options) -> bool:
    return options.wants(engine) or (engine == "same_job" and options.wants("peers"))


def _yardstick(truth: check.Truth) -> Engine:
    async def same(connection: asyncpg.Connection, _: int) -> None:
        await check.same_job(connection, truth)

    return Engine(YARDSTICK, "bench.yardstick", same)


def _row(result: Result) -> dict[str, float]:
    return {
        "events_per_s": round(result.rate),
        "over_yardstick": round(result.share, 4),
        "cpu_us": round(result.cpu_us, 1),
        "postgres_us": round(result.postgres_us, 1),
        "rss_mib": round(result.rss_mib),
    }
