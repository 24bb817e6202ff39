"""`manyhands run`: a processor, the gateway, the intake or the timekeeper in the foreground."""

from collections.abc import Callable
from typing import Annotated

import typer

from services.admission import app as inbox_intake
from services.disclosure import app as disclosure_processor
from services.gateway import serve as http
from services.measurement import app as measurement_processor
from services.notifications import app as notifications_processor
from services.referral import app as referral_processor
from services.referral.timekeeper import app as deadlines
from services.runtime import siblings
from services.runtime.logging import configure
from services.runtime.settings import Settings

Processes = Annotated[int, typer.Option(min=1, max=64, help="How many processes share the partitions.")]
app = typer.Typer(
    no_args_is_help=True,
    help="Run a processor, the gateway, the intake or the timekeeper in the foreground until Ctrl-C.",
)


@app.callback()
def run() -> None:
    """Run a processor, the gateway, the intake or the timekeeper in the foreground until Ctrl-C."""


@app.command()
def referral(processes: Processes = 1) -> None:
    """Fold the cases into the referral board; when one of several processes ends, the others end with it."""
    raise typer.Exit(_run(referral_processor.main, "services.referral", processes))


@app.command()
def measurement(processes: Processes = 1) -> None:
    """Fold the cases into figures by partner and month; when one of several processes ends, the others end with it."""
    raise typer.Exit(_run(measurement_processor.main, "services.measurement", processes))


@app.command()
def notifications(processes: Processes = 1) -> None:
    """Fold the cases into partners' feeds; when one of several processes ends, the others end with it."""
    raise typer.Exit(_run(notifications_processor.main, "services.notifications", processes))


@app.command()
def disclosure(processes: Processes = 1) -> None:
    """Fold disclosures into the account of who was shown what; when one of several processes ends, all do."""
    raise typer.Exit(_run(disclosure_processor.main, "services.disclosure", processes))


def _run(main: Callable[[], int], module: str, processes: int) -> int:
    if processes == 1:
        return main()
    settings = Settings.from_env()
    configure(settings.log_format, settings.log_level)
    return siblings.run(module, processes)


@app.command()
def gateway(
    insecure_demo: Annotated[
        bool, typer.Option("--insecure-demo", help="Listen beyond this machine though Kafka or PostgreSQL are open.")
    ] = False,
) -> None:
    """Answer partner systems and people over HTTP, at MANYHANDS_GATEWAY_HOST and MANYHANDS_GATEWAY_PORT."""
    raise typer.Exit(http.main(insecure_demo=insecure_demo))


@app.command()
def intake() -> None:
    """Decide what partner systems write into their inboxes; of several intakes the next takes over."""
    raise typer.Exit(inbox_intake.main())


@app.command()
def timekeeper() -> None:
    """Say on the log what is due: reminders, escalations, expiries; of several timekeepers the next takes over."""
    raise typer.Exit(deadlines.main())
