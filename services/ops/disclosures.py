"""`manyhands disclosures`: to whom anything about one client was disclosed, also once the client is erased."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, NamedTuple
from uuid import UUID

import typer

from services.disclosure.account import PERIOD, About, Line, of_client
from services.disclosure.describing import NAMES, described, reading
from services.ops.erasure import ClientUnknown
from services.ops.gathering import gathered, named, states
from services.ops.lag import lags
from services.ops.operator import operating
from services.ops.reading import serving
from services.ops.shown import AsJson, Limit, in_zone, print_json, print_table
from services.ops.zone import InZone, zone_named
from services.runtime.moment import moment
from services.runtime.settings import Settings
from services.vault.secrets import Secrets
from services.vault.vault import Vault

COLUMNS = ("recorded", "recipient", "description", "referral", "consent")

app = typer.Typer(help="Show to whom anything about one client was disclosed.")


class Wanted(NamedTuple):
    """Whose account, and which part of it."""

    client: str
    partner: str | None
    initiative: str | None
    days: int
    after: int | None
    limit: int


class Found(NamedTuple):
    """A page, the client's id, and how many disclosures of anybody are not in it yet."""

    client: str
    lines: list[dict[str, Any]]
    next: int | None
    behind: int


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
    after: Annotated[int | None, typer.Option(help="Go on after the line with this number.")] = None,
    limit: Limit = 50,
    zone: InZone = "UTC",
    as_json: AsJson = False,
) -> None:
    """Show who was shown what about a client, what for and under which consent, the latest first.

    An erased client's is answered too, by the id: it is all that is left.
    """
    place = zone_named(zone)
    found = asyncio.run(read(Settings.from_env(), Wanted(client, partner, initiative, days, after, limit)))
    if as_json:
        told = {"client": found.client, "disclosures": found.lines, "next": found.next, "behind": found.behind}
        print_json(told)
        return
    shown = [in_zone(line, place) for line in found.lines]
    print_table("Disclosures", shown, COLUMNS, "Nothing about this client was disclosed.")
    if found.next is not None:
        typer.echo(f"More with --after {found.next}")
    if found.behind:
        typer.echo(f"{found.behind} records of disclosures are not counted yet: `manyhands run disclosure` folds them.")


async def read(settings: Settings, wanted: Wanted) -> Found:
    """Return a page of the account.  Raises InitiativeUnknown, ClientUnknown and NothingFolded."""
    store = await gathered(settings)
    initiative = named(store, wanted.initiative)
    names = {**NAMES, **{key.id: partner.name for key, partner in states(store, "partner", initiative)}}
    purposes = {key.id: codelist.labels for key, codelist in states(store, "codelist", initiative)}.get("purpose", {})
    client = await _client(settings, initiative, wanted)
    about = About(initiative, client, datetime.now(UTC) - timedelta(days=wanted.days))
    behind = sum(each.behind for each in await lags(settings, ["disclosure"]))
    async with serving(settings, "disclosure") as pool, moment(pool, initiative) as connection:
        lines = await of_client(connection.fetch, about, None, wanted.after, wanted.limit + 1)
    kept = lines[: wanted.limit]
    following = kept[-1].place if len(lines) > len(kept) else None
    return Found(client, [_told(line, client, names, purposes) for line in kept], following, behind)


async def _client(settings: Settings, initiative: str, wanted: Wanted) -> str:
    """Return the client's id on the log."""
    if wanted.partner is None:
        try:
            return str(UUID(wanted.client))
        except ValueError:
            raise ClientUnknown("without --as a client is named by its id on the log, a UUID") from None
    pool = await operating(settings, "manyhands disclosures", size=1)
    try:
        vault = Vault(pool, Secrets(settings.home / "secrets"))
        found = await vault.find(initiative, wanted.partner, [wanted.client])
    finally:
        await pool.close()
    if wanted.client not in found:
        raise ClientUnknown(f"{wanted.partner} has no client of this name")
    return found[wanted.client]


def _told(line: Line, client: str, names: dict[str, str], purposes: dict[str, str]) -> dict[str, Any]:
    maker = None if line.link_by is None else names.get(line.link_by, line.link_by)
    return {
        "number": line.place,
        "recorded": line.recorded,
        "happened": line.happened,
        "recipient": reading(names.get(line.reader, line.reader), maker),
        "reader": line.reader,
        "person": line.actor,
        "description": described(line.kind, line.fields, purposes.get(line.purpose, line.purpose)),
        "purpose": line.purpose,
        "fields": list(line.fields),
        "referral": None if line.subject == client else line.subject,
        "consent": line.consent,
        "link_by": line.link_by,
        "event": line.event,
    }
