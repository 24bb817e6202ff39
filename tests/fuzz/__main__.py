"""`python -m tests.fuzz`: hostile requests without end, then everything that the API describes."""

import asyncio
import signal
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from services.ops import local
from services.runtime.logging import configure_command
from tests.fuzz.contract import WHOLE, asked
from tests.fuzz.drive import Drive, Summary, still_answers
from tests.fuzz.requests import Hostiles
from tests.fuzz.target import targeted, unlimited

#: Complaints that are shown; the first ones tell most.
SHOWN = 20


def main(
    count: Annotated[int, typer.Option(help="Hostile requests.", min=1)] = 200_000,
    seed: Annotated[int, typer.Option(help="Another one makes up other requests, the same one the same.")] = 1,
    *,
    described: Annotated[bool, typer.Option(help="Ask all that the API describes, afterwards.")] = True,
) -> None:
    """Ask a gateway of its own what nobody should ask; exit code 1 when it is harmed by anything."""
    configure_command("error")
    # Ended from outside, too, it stops its servers.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    console = Console()
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        home = Path(folder)
        try:
            servers = local.up(home)
            complaints = asyncio.run(_asked(console, servers, home / "gateway", Extent(count, seed, described)))
        finally:
            local.reset(home)
    for each in complaints[:SHOWN]:
        console.print(each, markup=False, style="red")
    console.print(f"{len(complaints)} complaints.")
    sys.exit(bool(complaints))


@dataclass(frozen=True)
class Extent:
    """How much is asked."""

    count: int
    seed: int
    described: bool


async def _asked(console: Console, servers: local.Servers, home: Path, extent: Extent) -> list[str]:
    home.mkdir()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    async with targeted(unlimited(home, servers.kafka, servers.postgres)) as target:
        with Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn(), console=console) as progress:
            task = progress.add_task("hostile requests", total=extent.count)
            drive = Drive(target.gate, Hostiles(extent.seed, target.system), lambda done: progress.advance(task, done))
            summary = await drive.run(extent.count)
        _show(console, summary)
        complaints = list(summary.complaints)
        if not await still_answers(target.gate, target.system):
            complaints.append("who means well is not served any more")
        if extent.described:
            with console.status("asking all that the API describes"):
                complaints += await asked(target, WHOLE)
    return complaints


def _show(console: Console, summary: Summary) -> None:
    kinds = sorted({kind for kind, _ in summary.answers})
    statuses = sorted({status for _, status in summary.answers})
    table = Table("requests", *(str(status) if status else "cut off" for status in statuses), title="Answers")
    for kind in kinds:
        table.add_row(kind, *(f"{summary.answers[kind, status]:,}" for status in statuses))
    sums: Counter[int] = Counter()
    for (_, status), times in summary.answers.items():
        sums[status] += times
    table.add_row("all", *(f"{sums[status]:,}" for status in statuses), style="bold")
    console.print(table)
    console.print(
        f"{summary.sent:,} sent; the gateway held {summary.held >> 20} MiB, at most {summary.most >> 20} MiB."
    )


if __name__ == "__main__":
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(main)
    app()
