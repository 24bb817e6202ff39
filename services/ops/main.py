"""The manyhands command: one typer app whose groups live one file each."""

import typer

app = typer.Typer(name="manyhands", no_args_is_help=True, add_completion=False)


@app.callback()
def manyhands() -> None:
    """Event-sourced coordination for collective-impact initiatives."""


def main() -> None:
    """Run the command line."""
    app()
