"""`manyhands keep`: what is kept beside the log, and what of it ended long ago."""

import typer

from services.gateway.people.tidying import tidied
from services.ops.keeping import asked
from services.ops.shown import AsJson, print_json

app = typer.Typer(no_args_is_help=True, help="Look after what is kept beside the log.")


@app.callback()
def keep() -> None:
    """Look after what is kept beside the log."""


@app.command()
def tidy(as_json: AsJson = False) -> None:
    """Forget sessions, tokens, links, mails and the like that ended long ago; the gateway does so every day.

    Nothing is forgotten that is in force, and no note of what somebody did or decided.
    """
    gone = asked("manyhands keep", tidied)
    if as_json:
        print_json(gone)
        return
    for kind, count in gone.items():
        typer.echo(f"{kind:<14}{count:>8} forgotten")
