"""`manyhands partners`: who takes part, and what each offers."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated

import typer

from projections.initiative.state import Partner, Service
from projections.projection import Key
from services.ops import addresses, weekly
from services.ops.gathering import gathered, states
from services.ops.reading import Line
from services.ops.shown import AsJson, print_json, print_table
from services.runtime.settings import Settings

Of = Annotated[str | None, typer.Option(help="Only of this initiative, by its id.")]

app = typer.Typer(no_args_is_help=True, help="Show who takes part, and what each offers.")
app.command()(addresses.address)
app.command()(weekly.weekly)


@app.command("list")
def list_(initiative: Of = None, as_json: AsJson = False) -> None:
    """List the partners with what decides whether they may speak about clients."""
    lines = asyncio.run(_partners(initiative))
    if as_json:
        print_json(lines)
        return
    columns = ("id", "name", "sector", "classes", "reporting", "agreement", "active", "successor")
    print_table("Partners", lines, columns, "No partner has joined yet.")


@app.command()
def services(
    need: Annotated[str | None, typer.Option(help="Only services that meet this need, by its code.")] = None,
    partner: Annotated[str | None, typer.Option(help="Only this partner's services, by its id.")] = None,
    initiative: Of = None,
    as_json: AsJson = False,
) -> None:
    """List the services with the ids that offers name, and the capacity each reported last, with its age."""
    found = asyncio.run(_services(initiative))
    lines = [line for line in found if need in (None, *line["needs"]) and partner in (None, line["partner"])]
    if as_json:
        print_json(lines)
        return
    columns = ("id", "partner", "name", "needs", "accepts_referrals", "capacity", "capacity_age")
    print_table("Services", lines, columns, "No service matches.")


async def _partners(initiative: str | None) -> list[Line]:
    store = await gathered(Settings.from_env())
    return [partner_line(key, state) for key, state in states(store, "partner", initiative)]


async def _services(initiative: str | None) -> list[Line]:
    store = await gathered(Settings.from_env())
    now = datetime.now(UTC)
    return [service_line(key, state, now) for key, state in states(store, "service", initiative)]


def partner_line(key: Key, partner: Partner) -> Line:
    """Return a partner as it is shown."""
    return {
        "initiative": key.initiative,
        "id": key.id,
        "name": partner.name,
        "sector": partner.sector,
        "classes": list(partner.classes),
        "networks": list(partner.networks),
        "reporting": partner.reporting,
        "agreement": partner.agreement.version if partner.agreement else None,
        "active": partner.active,
        "successor": partner.successor,
    }


def service_line(key: Key, service: Service, now: datetime) -> Line:
    """Return a service as it is shown, its capacity with the time since it was reported."""
    told = service.capacity
    return {
        "initiative": key.initiative,
        "id": key.id,
        "partner": service.partner,
        "name": service.name,
        "needs": list(service.needs),
        "areas": list(service.areas),
        "accepts_referrals": service.accepts_referrals,
        "programme_class": service.programme_class,
        "capacity": told.status if told else None,
        "available": told.available if told else None,
        "unit": told.unit if told else None,
        "capacity_age": now - told.reported if told else None,
    }
