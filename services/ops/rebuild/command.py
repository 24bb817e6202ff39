"""`manyhands rebuild`: a projection folded from the log again and compared with the one that is served."""

import asyncio
import os
from typing import Annotated, Literal

import typer

from services.ops.bar import bar
from services.ops.builds import PROJECTIONS, Named
from services.ops.rebuild.rebuilding import Plan, Verdict, rebuild
from services.ops.rebuild.shown import document, sentences
from services.ops.shown import AsJson, print_json
from services.runtime.logging import configure_command
from services.runtime.settings import Settings

DIFFERENT = 1

app = typer.Typer(no_args_is_help=True, help="Fold a projection from the log again, and compare.")


@app.command("rebuild")
def rebuild_(  # noqa: PLR0913, PLR0917 - a command's options are its parameters
    projection: Annotated[Named, typer.Argument(help="The projection, by its name.")],
    build: Annotated[
        str, typer.Option(help="The new build's name, with which its schema ends: rm_referral_v8_<build>.")
    ] = "rebuild",
    keep: Annotated[bool, typer.Option("--keep/--drop", help="Keep the new build afterwards, or drop it.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a build that was interrupted.")] = False,
    anew: Annotated[bool, typer.Option("--anew", help="Drop a build of this name first, and begin again.")] = False,
    workers: Annotated[
        int,
        typer.Option(min=1, max=64, help="How many processes fold side by side.", show_default="one a core"),
    ] = (os.cpu_count() or 1),
    as_json: AsJson = False,
) -> None:
    """Fold a projection from the log again beside the served one, and compare the two byte for byte.

    Exit code 1 when they are not the same.
    """
    if resume and anew:
        raise typer.BadParameter("--resume and --anew exclude each other")
    begin: Literal["new", "resume", "anew"] = "resume" if resume else "anew" if anew else "new"
    verdict = _run(Plan(PROJECTIONS[projection], build, workers, keep, begin))
    if as_json:
        print_json(document(verdict))
    else:
        for sentence in sentences(verdict):
            typer.echo(sentence)
    if verdict.comparison.differences:
        raise typer.Exit(DIFFERENT)


def _run(plan: Plan) -> Verdict:
    configure_command("error")
    settings = Settings.from_env()
    with bar() as shown:
        return asyncio.run(rebuild(settings, plan, shown))
