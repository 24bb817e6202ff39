"""Months as people say them."""

from datetime import date

import typer


def month(text: str) -> date:
    """Return the first day of the month.  Raises BadParameter for what is none."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no month: say it as in 2026-03") from None
