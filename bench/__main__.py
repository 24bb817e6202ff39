"""`python -m bench`: how fast it is, as shares of a bare loop in the same run."""

import asyncio
import signal
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from bench import report
from bench.check import TablesDiffer
from bench.child import EngineFailed
from bench.figures import Findings
from bench.ground import ground
from bench.machine import machine
from bench.plan import PIECES, Options, measure

#: Events on each log, and rounds, by default and in a quick run.
EVENTS, QUICK_EVENTS = 200_000, 40_000
ROUNDS, QUICK_ROUNDS = 3, 1


def main(
    events: Annotated[int | None, typer.Option(help="Events on each log.", min=1000)] = None,
    partitions: Annotated[int, typer.Option(help="Partitions of each log.", min=1)] = 4,
    only: Annotated[list[str] | None, typer.Option(help=f"One of {', '.join(PIECES)}; may be repeated.")] = None,
    rounds: Annotated[int | None, typer.Option(help="Rounds, turn by turn.", min=1)] = None,
    *,
    quick: Annotated[bool, typer.Option("--quick", help="One round of fewer events: to see that it works.")] = False,
) -> None:
    """Measure, print and, unless it was quick or only a part, write RESULTS.md and results.json."""
    unknown = set(only or ()) - set(PIECES)
    if unknown:
        raise typer.BadParameter(f"unknown: {', '.join(sorted(unknown))}", param_hint="--only")
    size = events or (QUICK_EVENTS if quick else EVENTS)
    options = Options(
        events=size,
        partitions=partitions,
        rounds=rounds or (QUICK_ROUNDS if quick else ROUNDS),
        admitted=size // 5,
        sent=40 if quick else 200,
        only=only or (),
        install=not quick,
    )
    console = Console()
    try:
        findings = _measured(options, console)
    except (EngineFailed, TablesDiffer) as failure:
        console.print(f"{type(failure).__name__}: {failure}", markup=False, style="red")
        raise typer.Exit(1) from failure
    report.show(findings, console)
    if quick or only:
        console.print("Quick and partial runs leave bench/RESULTS.md as it is.")
    else:
        report.write(findings)
        console.print("Written: bench/RESULTS.md and bench/results.json")


def _measured(options: Options, console: Console) -> Findings:
    before = machine()
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("starting")

        def say(text: str) -> None:
            progress.update(task, description=text)
            if not console.is_terminal:
                console.print(text)

        with ground(options.partitions, say) as here:
            return asyncio.run(measure(here, options, before, say))


if __name__ == "__main__":
    # Leave in order on SIGTERM as on Ctrl-C, so that servers are stopped too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(main)
    app()
