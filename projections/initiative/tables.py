"""The rows that an initiative's states are kept in."""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from msgspec import json

from projections.initiative.state import (
    Backfill,
    Codelist,
    Initiative,
    Partner,
    Person,
    Service,
    encode,
)
from projections.projection import Key, Kind, Row, Table

_HERE = Path(__file__).parent


def _kind(name: str, state: type[Any], columns: Mapping[str, str], read: Callable[[Any], Row]) -> Kind:
    """Return the kind whose table has the key, the state, and these columns read from the state."""
    table = Table(
        name=name,
        columns={"initiative": "text", "record": "text", "id": "text", "state": "text", **columns},
        key=("initiative", "record", "id"),
        sql=_HERE / f"{name}.sql",
    )

    def row(key: Key, found: Any) -> Row:
        return (*key[1:], encode(found), *read(found))

    return Kind(table, json.Decoder(state).decode, row)


def _initiative(found: Initiative) -> Row:
    return (found.name, found.backbone, found.opened)


def _codelist(found: Codelist) -> Row:
    return (len(found.labels), found.published)


def _partner(found: Partner) -> Row:
    return (found.name, found.sector, found.reporting, found.agreement is not None, found.active, found.joined)


def _service(found: Service) -> Row:
    capacity = None if found.capacity is None else found.capacity.status
    return (found.partner, found.name, found.accepts_referrals, found.programme_class, capacity, found.published)


def _person(found: Person) -> Row:
    return (len(found.roles),)


def _backfill(found: Backfill) -> Row:
    return (found.since, found.until, found.opened, found.closed)


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "initiative": _kind(
            "initiative",
            Initiative,
            {"name": "text", "backbone": "text", "opened_at": "timestamptz"},
            _initiative,
        ),
        "codelist": _kind("codelist", Codelist, {"codes": "int4", "published_at": "timestamptz"}, _codelist),
        "partner": _kind(
            "partner",
            Partner,
            {
                "name": "text",
                "sector": "text",
                "reporting": "text",
                "agreed": "bool",
                "active": "bool",
                "joined_at": "timestamptz",
            },
            _partner,
        ),
        "service": _kind(
            "service",
            Service,
            {
                "partner": "text",
                "name": "text",
                "accepts_referrals": "bool",
                "programme_class": "text",
                "capacity": "text",
                "published_at": "timestamptz",
            },
            _service,
        ),
        "person": _kind("person", Person, {"roles": "int2"}, _person),
        "backfill": _kind(
            "backfill",
            Backfill,
            {
                "since": "timestamptz",
                "until": "timestamptz",
                "opened_at": "timestamptz",
                "closed_at": "timestamptz",
            },
            _backfill,
        ),
    }
)
