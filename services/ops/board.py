"""`manyhands board`: how the referrals stand."""

import asyncio
from typing import Annotated

import typer

from services.ops.reading import Line, Wanted, reading
from services.ops.shown import AsJson, Limit, in_zone, print_json, print_table
from services.ops.zone import InZone, zone_named
from services.runtime.settings import Settings

COLUMNS = ("id", "status", "detail", "sender", "recipient", "need", "urgency", "requested_at", "respond_by")
Initiative = Annotated[str | None, typer.Option(help="Only referrals of this initiative, by its id.")]
Status = Annotated[
    str | None,
    typer.Option(help="Only referrals with this status, such as requested, accepted, in-progress or completed."),
]
Sender = Annotated[str | None, typer.Option(help="Only referrals that this partner sent, by its id: alder-school.")]
Recipient = Annotated[
    str | None, typer.Option(help="Only referrals whose leading offer went to this partner, by its id.")
]
Need = Annotated[str | None, typer.Option(help="Only referrals for this need, by its code in the referral's taxonomy.")]

app = typer.Typer(no_args_is_help=True, help="Show how the referrals stand.")


@app.command()
def summary(initiative: Initiative = None, as_json: AsJson = False) -> None:
    """Count the referrals by status."""
    lines = asyncio.run(_summary(initiative))
    if as_json:
        print_json(lines)
    else:
        names = ("status", "detail", "loop", "referrals", "backfilled")
        print_table("Referrals by status", lines, names, "There are no referrals yet.")


@app.command("list")
def list_(  # noqa: PLR0913, PLR0917 - a command's options are its parameters
    status: Status = None,
    sender: Sender = None,
    recipient: Recipient = None,
    need: Need = None,
    initiative: Initiative = None,
    after: Annotated[
        str | None,
        typer.Option(help="Begin after this referral: the id that the page before ended with, its `next` in JSON."),
    ] = None,
    limit: Limit = 50,
    zone: InZone = "UTC",
    as_json: AsJson = False,
) -> None:
    """List the referrals that match, page by page."""
    shown = zone_named(zone)
    lines = asyncio.run(_page(Wanted(initiative, status, sender, recipient, need), after, limit))
    rest = str(lines[-1]["id"]) if len(lines) == limit else None
    if as_json:
        print_json({"referrals": lines, "next": rest})
        return
    print_table("Referrals", [in_zone(line, shown) for line in lines], COLUMNS, "No referral matches.")
    if rest:
        typer.echo(f"More with --after {rest}")


async def _summary(initiative: str | None) -> list[Line]:
    async with reading(Settings.from_env()) as tables:
        return await tables.summary(initiative)


async def _page(wanted: Wanted, after: str | None, limit: int) -> list[Line]:
    async with reading(Settings.from_env()) as tables:
        return await tables.board(wanted, after, limit)
