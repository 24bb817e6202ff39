"""`manyhands disclosures`: to whom anything about one client was disclosed, also once the client is erased."""

import asyncio
from typing import Annotated

import typer

from services.disclosure.account import PERIOD
from services.disclosure.whole import START, After, NoPlace, heard, said
from services.ops.accounted import Wanted, read
from services.ops.disclosures_shown import COLUMNS, as_csv
from services.ops.shown import AsJson, Limit, in_zone, print_json, print_table
from services.ops.zone import InZone, zone_named
from services.runtime.settings import Settings

app = typer.Typer(help="Show to whom anything about one client was disclosed.")


@app.command()
def disclosures(  # noqa: PLR0913, PLR0917 - a command's options are its parameters
    client: Annotated[
        str,
        typer.Argument(help="The client's id on the log (a UUID), or with --as what a partner calls it: own:4711."),
    ],
    partner: Annotated[str | None, typer.Option("--as", help="The id of the partner whose name this is.")] = None,
    initiative: Annotated[
        str | None, typer.Option(help="The id of the initiative; needed when several are open.")
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=36_525, help="How far back, in days.")] = PERIOD.days,
    after: Annotated[str | None, typer.Option(help="Where the page before ended.")] = None,
    limit: Limit = 50,
    zone: InZone = "UTC",
    as_json: AsJson = False,
    csv: Annotated[
        bool, typer.Option("--csv", help="Answer as comma-separated lines: all there are, however many a page has.")
    ] = False,
) -> None:
    """Show who was given or shown what about a client, what for and under which consent, the latest first.

    It is the whole account, of all partners: the offers that were sent and claimed, and what was opened.  An erased
    client's is answered too, by the id: it is all that is left.
    """
    place = zone_named(zone)
    wanted = Wanted(client, partner, initiative, days, _after(after), None if csv else limit)
    found = asyncio.run(read(Settings.from_env(), wanted))
    following = found.next and said(found.next)
    if csv:
        typer.echo(as_csv(found.lines, place), nl=False)
    elif as_json:
        print_json({"client": found.client, "disclosures": found.lines, "next": following, "behind": found.behind})
        return
    else:
        shown = [in_zone(line, place) for line in found.lines]
        print_table("Disclosures", shown, COLUMNS, "Nothing about this client was disclosed.")
        if following is not None:
            typer.echo(f"More with --after {following}")
    if found.behind:
        text = "records are not counted yet: `manyhands run disclosure` and `manyhands run referral` fold them."
        # Whatever reads lines of a file must not take this for one.
        typer.echo(f"{found.behind} {text}", err=csv)


def _after(text: str | None) -> After:
    try:
        return START if text is None else heard(text)
    except NoPlace:
        raise typer.BadParameter("that is no place where a page ended", param_hint="--after") from None
