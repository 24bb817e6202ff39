"""`manyhands demo`: the whole path, from thirty partners' events to the referral board, in two minutes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from time import monotonic
from types import MappingProxyType
from typing import Annotated, NamedTuple
from uuid import uuid4

import typer
import uvloop
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from services.admission.admission import Admission
from services.admission.wiring import opened as admitting
from services.ops import local
from services.ops.demo import mailbox, scene, systems
from services.ops.demo.history import Span, journeys, waves
from services.ops.demo.play import Told, Waves, tell
from services.ops.demo.report import LINES, Figures, Systems, report
from services.ops.demo.scenes import house, programme
from services.ops.demo.scenes.block import Block
from services.ops.demo.scenes.house import House
from services.ops.demo.systems import System
from services.ops.demo.wait import caught_up
from services.ops.demo.world import Partner, partners
from services.ops.stage import BESIDE, Stage, staged
from services.runtime.logging import configure_command
from services.runtime.settings import Settings, home_folder

#: The demonstration has a data folder of its own within the folder in use, and begins it anew.
FOLDER = "demo"
YEARS = timedelta(days=3 * 365)
LIVE_CLIENTS = 60
#: What is said of the stage once it is set.
SET = "servers, topics and partners"
#: Partners that have systems of their own: one speaks HTTP, the others Kafka.
SYSTEMS = 3

app = typer.Typer(help="Show the whole path on embedded servers, then stop them.")


@app.command()
def demo(
    clients: Annotated[
        int, typer.Option(min=1, max=100_000, help="Clients in three years of history; 1,700 make about 23,000 events.")
    ] = 1700,
    seed: Annotated[
        int, typer.Option(help="A whole number; another one tells another story, the same one the same.")
    ] = 7,
) -> None:
    """Admit three years of thirty partners' referrals, then live ones, and show what they amount to and who does what.

    Exit code 1 means that something was not as it should be.
    """
    configure_command("error")
    console = Console()
    home = home_folder() / FOLDER
    with console.status("beginning anew"):
        local.reset(home)
    columns = (TextColumn("{task.description:<40}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        story = Story(Random(seed), clients, progress)  # noqa: S311 - a story, not a secret
        figures, blocks = uvloop.run(story.play(home))
    report(console, figures, blocks)


@dataclass(frozen=True)
class Bar:
    """One bar of the progress shown."""

    progress: Progress
    task: TaskID

    def step(self, rows: int) -> None:
        self.progress.advance(self.task, rows)


class Live(NamedTuple):
    """What was said live, when all of it was on the board, and how systems of their own fared."""

    told: Told
    folded: float
    systems: Systems


class Story:
    """One run: by what seed, how long a history, and where its progress is shown."""

    def __init__(self, random: Random, clients: int, progress: Progress) -> None:
        self._random = random
        self._clients = clients
        self._progress = progress
        self._partners: tuple[Partner, ...] = partners(random)
        self._registrar = str(uuid4())

    async def play(self, home: Path) -> tuple[Figures, list[Block]]:
        """Bring everything up, tell the story, wait for the board, play the scenes, and stop everything.

        Raises DemoFailed when something is not as it should be.
        """
        setting = self._progress.add_task("setting the stage", total=None)
        shown = partial(self._progress.update, setting)
        async with mailbox.listening() as (smtp, mails):
            house.environ(smtp)
            async with (
                staged(home, lambda text: shown(description=text), *BESIDE) as stage,
                house.opened(stage, mails, self._partners, self._registrar) as place,
            ):
                return await self._played(stage, place, lambda: shown(description=SET, total=1, completed=1))

    async def _played(self, stage: Stage, place: House, is_set: Callable[[], None]) -> tuple[Figures, list[Block]]:
        async with admitting(stage.settings) as admission:
            await scene.opened(admission, self._registrar, self._partners)
            waits = await programme.begun(place)
            is_set()
            began = monotonic()
            history = await self._history(admission)
            admitted, place.loaded = monotonic(), datetime.now(UTC)
            live = await self._live(stage, admission)
        seconds = (admitted - began, live.folded - began)
        figures = await Figures.read(stage.settings, history, live.told, seconds, live.systems)
        task = self._progress.add_task("scenes from the end of it", total=None)
        blocks = await programme.played(
            place, waits, lambda done, end: self._progress.update(task, completed=done, total=end)
        )
        programme.checked(figures, blocks, place.sealed)
        return figures, blocks

    async def _live(self, stage: Stage, admission: Admission) -> "Live":
        """Tell what happens now, three partners by systems of their own, until all of it is folded."""
        now = datetime.now(UTC)
        span = Span(now - timedelta(days=1), now, timedelta(minutes=20))
        story = self._story(span, range(self._clients, self._clients + LIVE_CLIENTS))
        caller, *writers = systems.busiest(story, SYSTEMS)
        async with systems.connected(stage, writers, caller) as speaking:
            told = await self._told(admission, story, "live events", systems=speaking.speakers)
            await self._folded(stage.settings)
            folded = monotonic()
            return Live(told, folded, Systems(speaking.told, caller, await speaking.caller.feed(LINES)))

    async def _history(self, admission: Admission) -> Told:
        until = datetime.now(UTC) - timedelta(days=2)
        span = Span(until - YEARS, until, timedelta(days=2))
        await scene.window_opened(admission, self._registrar, self._partners, span)
        story = self._story(span, range(self._clients))
        told = await self._told(admission, story, "three years of history", scene.BACKFILL)
        await scene.window_closed(admission, self._registrar)
        return told

    def _story(self, span: Span, clients: range) -> Waves:
        return waves(journeys(self._random, self._partners, span, clients))

    async def _told(
        self,
        admission: Admission,
        story: Waves,
        what: str,
        backfill: str | None = None,
        systems: Mapping[str, System] = MappingProxyType({}),
    ) -> Told:
        total = sum(len(rows) for wave in story for rows in wave.values())
        bar = Bar(self._progress, self._progress.add_task(what, total=total))
        return await tell(admission, story, backfill, bar.step, systems)

    async def _folded(self, settings: Settings) -> None:
        task = self._progress.add_task("the projections catch up", total=None)
        await caught_up(settings, lambda done, end: self._progress.update(task, completed=done, total=end))
