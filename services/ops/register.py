"""`manyhands register`: make admission's register again from the log."""

from functools import partial

import orjson
import typer
import uvloop
from rich.console import Console
from rich.progress import Progress

from events.topics import CASES
from projections.referral import REFERRAL
from services.admission.register import Rebuild
from services.admission.store import RegisterStore
from services.ops.shown import AsJson
from services.runtime import log
from services.runtime.logging import configure_command
from services.runtime.refold import Limits, Refold
from services.runtime.roles import Role
from services.runtime.settings import Settings
from services.runtime.store import migrated

#: No partition's history is in memory together with another's.
ONE_BY_ONE = Limits(lanes=1)

app = typer.Typer(no_args_is_help=True, help="Look after admission's register.")


@app.callback()
def register() -> None:
    """Under which client each referral stands, and which partners take part in it."""


@app.command()
def rebuild(as_json: AsJson = False) -> None:
    """Judge every case on the log and write the register anew; admission may go on meanwhile.

    A partition at a time is judged in memory.  Whoever takes part in a referral already still does.
    """
    settings = Settings.from_env()
    configure_command()
    rows = uvloop.run(rebuilt(settings))
    typer.echo(orjson.dumps({"rows": rows}) if as_json else f"{rows} referrals registered")


async def rebuilt(settings: Settings) -> int:
    """Return how many rows were written."""
    made = await judged(settings)
    async with migrated(settings.postgres, role=Role.OPERATOR, application="manyhands-register") as pool:
        return await made.write(RegisterStore(pool))


async def judged(settings: Settings) -> Rebuild:
    """Return what the log's cases amount to for admission."""
    made = Rebuild()
    spans = await log.spans(settings, [CASES])
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("reading", total=sum(stop - start for start, stop in spans.values()))
        for partition, (_, stop) in spans.items():
            refold = Refold(settings, REFERRAL, made.store(), partial(progress.advance, task), ONE_BY_ONE)
            await refold.to({partition: stop})
    return made
