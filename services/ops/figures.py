"""`manyhands figures`: how much each partner sent, received and served, by month."""

import asyncio
from dataclasses import asdict
from typing import Annotated

import typer

from services.measurement.figures import Figure, Figures, Reporter, Span, Sums
from services.measurement.figures import referrals as read
from services.ops.gathering import gathered, named, states
from services.ops.month import month as month_of
from services.ops.reading import Line, serving
from services.ops.shown import AsJson, print_json, print_table
from services.runtime.settings import Settings

COLUMNS = ("month", "partner", "sent", "received", "served", "backfilled")
UNKNOWN = "unknown"

app = typer.Typer(no_args_is_help=True, help="Show how much each partner sent, received and served, by month.")


@app.callback()
def main() -> None:
    """Show how much each partner sent, received and served, by month."""


@app.command()
def referrals(
    initiative: Annotated[
        str | None, typer.Option(help="The id of the initiative; needed when several are open.")
    ] = None,
    month: Annotated[str | None, typer.Option(help="Only this month, such as 2026-03.", show_default="all")] = None,
    as_json: AsJson = False,
) -> None:
    """Count referrals by partner and month: months of UTC, by when things happened.

    A 0 says that there was none; "unknown", in JSON null, that the partner does not speak of single cases.
    """
    found = asyncio.run(figures(Settings.from_env(), initiative, _span(month)))
    if as_json:
        vector = {str(number): offset for number, offset in found.vector.items()}
        print_json({"until": found.until, "vector": vector, "figures": [line(each) for each in found.figures]})
        return
    print_table("Referrals by month and partner", [shown(each) for each in found.figures], COLUMNS, "No figures yet.")
    if found.until:
        typer.echo(f"From {found.until:%Y-%m} on, figures may still grow.")


async def figures(settings: Settings, initiative: str | None, span: Span) -> Figures:
    """Return the figures of the initiative, with every partner that has joined.  Raises InitiativeUnknown."""
    store = await gathered(settings)
    chosen = named(store, initiative)
    reporters = [
        Reporter(key.id, partner.joined.date(), partner.reporting == "client-level")
        for key, partner in states(store, "partner", chosen)
    ]
    async with serving(settings, "measurement") as pool:
        return await read(pool, chosen, span, reporters)


def line(figure: Figure) -> Line:
    """Return the figure for machines: None where nobody knows."""
    sums = asdict(figure.sums) if figure.sums else dict.fromkeys(asdict(Sums()))
    return {"month": f"{figure.month:%Y-%m}", "partner": figure.partner, **sums}


def shown(figure: Figure) -> Line:
    """Return the figure for people, with the share of its counts that is history loaded later."""
    if figure.sums is None:
        return {"month": f"{figure.month:%Y-%m}", "partner": figure.partner, "backfilled": UNKNOWN}
    sums = figure.sums
    whole = sums.sent + sums.received + sums.served
    later = sums.sent_backfilled + sums.received_backfilled + sums.served_backfilled
    return {**line(figure), "backfilled": f"{100 * later // whole} %" if whole else ""}


def _span(text: str | None) -> Span:
    if text is None:
        return Span()
    first = month_of(text)
    return Span(first, first)
