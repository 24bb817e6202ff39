"""`manyhands run`: a processor in the foreground."""

from typing import Annotated

import typer

from services.referral import app as referral_processor
from services.runtime import siblings
from services.runtime.logging import configure
from services.runtime.settings import Settings

app = typer.Typer(no_args_is_help=True, help="Run a processor in the foreground until Ctrl-C.")


@app.callback()
def run() -> None:
    """Run a processor in the foreground until Ctrl-C."""


@app.command()
def referral(
    processes: Annotated[int, typer.Option(min=1, max=64, help="How many processes share the partitions.")] = 1,
) -> None:
    """Fold the cases into the referral board; when one of several processes ends, the others end with it."""
    if processes == 1:
        raise typer.Exit(referral_processor.main())
    settings = Settings.from_env()
    configure(settings.log_format, settings.log_level)
    raise typer.Exit(siblings.run("services.referral", processes))
