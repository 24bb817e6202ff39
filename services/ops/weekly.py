"""`manyhands partners weekly`: what the weekly mail will ask each partner, and why some get none.  It sends nothing."""

import asyncio
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, NamedTuple
from zoneinfo import ZoneInfo

import typer

from projections.memory import MemoryStore
from services.admission.directory import note
from services.admission.standing import Standing
from services.gateway.links.addresses import Addresses
from services.gateway.store import Keep
from services.notifications.weekly.listing import Listed, asked, services_of
from services.notifications.weekly.schedule import Schedule
from services.ops.gathering import gathered, states
from services.ops.keeping import asked as kept
from services.ops.reading import Line
from services.ops.shown import AsJson, print_json, print_table
from services.runtime.settings import Settings

SQL = Path(__file__).with_name("weekly.sql")
Whose = tuple[str, str]


class Mails(NamedTuple):
    """What `keep` knows: addresses, and the latest mail to each, by initiative and partner."""

    addresses: Mapping[Whose, str]
    last: Mapping[Whose, Mapping[str, Any]]


def weekly(
    partner: Annotated[str | None, typer.Option(help="Only this partner, by its id.")] = None,
    initiative: Annotated[str | None, typer.Option(help="Only of this initiative, by its id.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show what the next weekly mail asks each partner, and whether the last one went out; it sends nothing."""
    settings = Settings.from_env()
    schedule = Schedule.read(settings.weekly_mail)
    store = asyncio.run(gathered(settings))
    mails, now = kept("manyhands-weekly", _mails), datetime.now(UTC)
    names = [key.id for key, _ in states(store, "initiative", initiative)]
    lines = [line for name in names for line in lines_of(store, name, mails, schedule, now)]
    lines = [line for line in lines if partner in (None, line["partner"])]
    if as_json:
        print_json(lines)
        return
    for line in lines:
        line["services"] = [each["name"] for each in line["services"]]
    columns = ("partner", "services", "email", "next", "left_out", "last_week", "last_sent")
    print_table("Weekly mails", lines, columns, "No partner has joined yet.")


async def _mails(keep: Keep) -> Mails:
    addresses = {(each.initiative, each.partner): each.email for each in await Addresses(keep).list()}
    last = {(row["initiative"], row["partner"]): dict(row) for row in await keep.fetch(SQL, "last")}
    return Mails(addresses, last)


def lines_of(
    store: MemoryStore, initiative: str, mails: Mails, schedule: Schedule | None, now: datetime
) -> Iterator[Line]:
    """Yield a line for each partner of the initiative, by id.  Pure."""
    standing = Standing()
    for kind in ("initiative", "partner"):
        for key, state in states(store, kind, initiative):
            note(standing, key.id, state)
    due = None if schedule is None else schedule.next(now, standing.zone or ZoneInfo("UTC")).due
    services = asked(services_of(store, initiative), standing)
    for name, member in sorted(standing.members.items()):
        found, email = services.get(name, ()), mails.addresses.get((initiative, name))
        out = "takes-no-part" if not member.active else "no-services" if not found else None if email else "no-address"
        last = mails.last.get((initiative, name), {})
        yield {
            "initiative": initiative,
            "partner": name,
            "services": [_service(each, now) for each in found],
            "email": email,
            "next": None if out else due,
            "left_out": out if schedule else "off",
            "last_week": last.get("week"),
            "last_sent": last.get("sent"),
            "last_given_up": last.get("given_up"),
        }


def _service(each: Listed, now: datetime) -> Line:
    said = each.capacity
    return {
        "id": each.id,
        "name": each.name,
        "capacity": said.status if said else None,
        "available": said.available if said else None,
        "maximum": said.maximum if said else None,
        "unit": said.unit if said else None,
        "capacity_age": now - said.reported if said else None,
    }
