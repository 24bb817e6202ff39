"""`manyhands run`: a processor in the foreground."""

import typer

from services.referral import app as referral_processor

app = typer.Typer(no_args_is_help=True, help="Run a processor in the foreground until Ctrl-C.")


@app.callback()
def run() -> None:
    """Run a processor in the foreground until Ctrl-C."""


@app.command()
def referral() -> None:
    """Fold the cases into the referral board; more processes share the partitions out among them."""
    raise typer.Exit(referral_processor.main())
