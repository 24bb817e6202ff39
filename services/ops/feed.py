"""`manyhands feed`: what a partner is told, page by page."""

import asyncio
from dataclasses import asdict
from typing import Annotated

import typer

from services.notifications.feed import Cursor, Entry, Page, Whose, after, newest
from services.ops.gathering import gathered, named
from services.ops.reading import Line, serving
from services.ops.shown import AsJson, Limit, in_zone, print_json, print_table
from services.ops.zone import InZone, zone_named
from services.runtime.settings import Settings

COLUMNS = ("recorded", "kind", "why", "next", "counterpart", "code", "referral")

app = typer.Typer(help="Show what a partner is told, page by page.")


@app.command()
def feed(  # noqa: PLR0913, PLR0917 - a command's options are its parameters
    partner: Annotated[str, typer.Argument(help="The partner's id, such as alder-school.")],
    begin: Annotated[
        str | None,
        typer.Option("--after", help="Show what follows this cursor, oldest first; '' begins at the beginning."),
    ] = None,
    initiative: Annotated[
        str | None, typer.Option(help="The id of the initiative; needed when several are open.")
    ] = None,
    limit: Limit = 50,
    zone: InZone = "UTC",
    as_json: AsJson = False,
) -> None:
    """Show the newest entries of a partner's feed, or those that follow a cursor.

    Each says what happened, why the partner is told and what it can do next.
    """
    place = zone_named(zone)
    page = asyncio.run(read(Settings.from_env(), initiative, partner, begin, limit))
    if as_json:
        print_json({"entries": [line(each) for each in page.entries], "cursor": str(page.cursor), "more": page.more})
        return
    lines = [in_zone(asdict(each), place) for each in page.entries]
    print_table(f"Feed of {partner}", lines, COLUMNS, "There is nothing new." if begin else "Nothing was told yet.")
    typer.echo(f"{'More' if page.more and begin is not None else 'What comes next'} with --after '{page.cursor}'")


async def read(settings: Settings, initiative: str | None, partner: str, begin: str | None, limit: int) -> Page:
    """Return a page of the partner's feed.  Raises InitiativeUnknown and CursorUnreadable."""
    cursor = None if begin is None else Cursor.read(begin)
    whose = Whose(named(await gathered(settings), initiative), partner)
    async with serving(settings, "communication") as pool:
        return await newest(pool, whose, limit) if cursor is None else await after(pool, whose, cursor, limit)


def line(entry: Entry) -> Line:
    """Return the entry for machines, without its place: the cursor says where a reader stands."""
    found = asdict(entry)
    return {name: value for name, value in found.items() if name not in ("partition", "place")}
