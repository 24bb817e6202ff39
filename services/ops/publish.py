"""`manyhands publish`: a partner's events from a file or a pipe, one JSON object a line."""

import asyncio
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Annotated, BinaryIO

import orjson
import typer
import uvloop
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from events.codes import CODES
from events.fields import UUID_PATTERN
from projections.batch import Away
from services.admission.admission import Admission
from services.admission.caller import Partner
from services.admission.directory import LogAway
from services.admission.judging import Terms
from services.admission.result import Result
from services.admission.wiring import opened
from services.ops.gathering import InitiativeUnknown
from services.ops.rows import Rows, stream_of
from services.runtime.garbage import look_seldom
from services.runtime.logging import configure_command
from services.runtime.settings import Settings

TURNED_AWAY, LOG_UNAVAILABLE = 1, 3
#: Problems shown one by one; the table counts them all.
SHOWN = 20
#: Seconds after which a progress bar is worth its place.
PATIENCE = 1.0
#: Seconds that an answer may wait for others to be written with.
MOMENT = 0.05
_PERSON = re.compile(UUID_PATTERN)

app = typer.Typer(help="Publish a partner's events.")


@dataclass
class Tally:
    """What became of the rows."""

    published: int = 0
    problems: Counter[str] = field(default_factory=Counter)

    def take(self, result: Result) -> None:
        if result.problem is None:
            self.published += 1
        else:
            self.problems[result.problem.code] += 1

    @property
    def exit_code(self) -> int:
        if "log-unavailable" in self.problems:
            return LOG_UNAVAILABLE
        return TURNED_AWAY if self.problems else 0


@dataclass(frozen=True)
class Call:
    """What the command was asked for."""

    source: str
    partner: str
    initiative: str | None
    actor: str | None
    backfill: str | None
    dry_run: bool
    as_json: bool


@app.command()
def publish(  # noqa: PLR0913, PLR0917 - each is an option of the command
    file: Annotated[str, typer.Argument(help="A file of one JSON object a line, or - for standard input.")],
    partner: Annotated[str, typer.Option("--as", help="The id of the partner that says it.")],
    initiative: Annotated[
        str | None, typer.Option(help="The id of the initiative; needed when several are open.")
    ] = None,
    actor: Annotated[
        str | None, typer.Option(help="The random id (a UUID) of the person who says it, never a name.")
    ] = None,
    backfill: Annotated[
        str | None, typer.Option(help="The id of the open backfill window that the events belong to.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would become of each row; publish nothing.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Answer one JSON object a row.")] = False,
) -> None:
    """Publish events as a partner: each is validated, authorised, sealed and kept, or turned away with a code.

    Exit codes: 0 all in, 1 some turned away, 3 the log did not answer (send again with the same ids).
    """
    if actor is not None and not _PERSON.fullmatch(actor):
        raise typer.BadParameter("a person is given by a random id (a UUID), never by name", param_hint="--actor")
    call = Call(file, partner, initiative, actor, backfill, dry_run, as_json)
    settings = Settings.from_env()
    configure_command()
    try:
        look_seldom()
        tally = uvloop.run(_publish(settings, call))
    except LogAway as away:
        typer.echo(f"manyhands: {away} [{away.code}]\n  {away.hint}", err=True)
        raise typer.Exit(LOG_UNAVAILABLE) from None
    except Away as away:
        typer.echo(f"manyhands: PostgreSQL does not answer ({away}); send again with the same ids", err=True)
        raise typer.Exit(LOG_UNAVAILABLE) from None
    if not as_json:
        _summary(tally, dry_run=dry_run)
    raise typer.Exit(tally.exit_code)


async def _publish(settings: Settings, call: Call) -> Tally:
    tally = Tally()
    async with opened(settings) as admission:
        caller = Partner(_initiative(admission, call), call.partner, call.actor, as_registrar=True)
        terms = Terms(caller, call.dry_run, call.backfill)
        with stream_of(call.source) as stream, _progress(stream) as progress:
            rows = Rows(stream, progress.told)
            tell = _Json() if call.as_json else partial(_in_words, tally, progress)
            async for result in admission.stream(terms, rows.batches()):
                tally.take(result)
                tell(rows.line(), result)
    sys.stdout.buffer.flush()
    return tally


class _Json:
    """Answers as JSON, many written at once, and each within a moment, as a slow sender may wait for it."""

    def __init__(self) -> None:
        self._due: asyncio.TimerHandle | None = None

    def __call__(self, line: int, result: Result) -> None:
        sys.stdout.buffer.write(orjson.dumps({"line": line, **result.described()}) + b"\n")
        if self._due is None:
            self._due = asyncio.get_running_loop().call_later(MOMENT, self._flush)

    def _flush(self) -> None:
        self._due = None
        # Where nobody reads any more the next answer ends the command.
        with suppress(BrokenPipeError):
            sys.stdout.buffer.flush()


def _in_words(tally: Tally, progress: "_Bar", line: int, result: Result) -> None:
    problem = result.problem
    if problem is not None and tally.problems.total() <= SHOWN:
        progress.say(f"line {line}  {problem.code}  {problem.pointer}  {problem.text}")


def _initiative(admission: Admission, call: Call) -> str:
    known = admission.initiatives
    if call.initiative is None and len(known) == 1:
        return known[0]
    if call.initiative is None:
        raise InitiativeUnknown(f"{len(known)} initiatives are open")
    return call.initiative


class _Bar:
    """A progress bar on a terminal, shown once the work takes longer than a moment."""

    def __init__(self, console: Console, size: int | None) -> None:
        self._console = console
        self._progress = Progress(
            TextColumn("publishing"),
            BarColumn(),
            TaskProgressColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
        )
        self._task = self._progress.add_task("publishing", total=size)
        self._began = time.monotonic()
        self._shown = False

    def told(self, read: int) -> None:
        """Note how many bytes have been read."""
        self._progress.update(self._task, completed=read)
        if not self._shown and self._console.is_terminal and time.monotonic() - self._began > PATIENCE:
            self._progress.start()
            self._shown = True

    def say(self, text: str) -> None:
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)

    def stop(self) -> None:
        if self._shown:
            self._progress.stop()


@contextmanager
def _progress(stream: BinaryIO) -> Iterator[_Bar]:
    size = os.fstat(stream.fileno()).st_size or None
    bar = _Bar(Console(stderr=True), size)
    try:
        yield bar
    finally:
        bar.stop()


def _summary(tally: Tally, *, dry_run: bool) -> None:
    console = Console()
    console.print(f"{tally.published} {'would be published' if dry_run else 'published'}", highlight=False)
    if not tally.problems:
        return
    table = Table("rows", "code", "meaning", title=f"{tally.problems.total()} turned away", title_justify="left")
    for code, count in tally.problems.most_common():
        table.add_row(str(count), code, CODES[code].text)
    console.print(table)
