"""What each partner is asked about: its services that may be sent to, with what it said of their room last.  Pure."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from events.codelists import standard
from projections.initiative import INITIATIVE
from projections.initiative.state import Capacity, Service
from projections.memory import MemoryStore
from services.admission.standing import Standing


class Listed(NamedTuple):
    """A service that a partner is asked about."""

    id: str
    name: str
    capacity: Capacity | None


def asked(services: Iterable[tuple[str, Service]], standing: Standing) -> Mapping[str, tuple[Listed, ...]]:
    """Return the services to ask about, by partner and in the order of their names.

    Left out is what nobody is sent to, and what is protected: a mailbox and a link without an account name no such
    service.  Whoever takes no part is asked nothing.
    """
    found: dict[str, list[Listed]] = {}
    for id_, each in services:
        member = standing.members.get(each.partner)
        if member is not None and member.active and _is_asked_about(each, standing):
            found.setdefault(each.partner, []).append(Listed(id_, each.name, each.capacity))
    return {name: tuple(sorted(of, key=lambda one: (one.name, one.id))) for name, of in sorted(found.items())}


def _is_asked_about(service: Service, standing: Standing) -> bool:
    open_ = service.retired is None and service.accepts_referrals
    return open_ and service.programme_class not in standing.protected


def services_of(store: MemoryStore, initiative: str) -> Iterator[tuple[str, Service]]:
    """Yield the initiative's services, by id."""
    table, decode = INITIATIVE.kinds["service"].table, INITIATIVE.kinds["service"].decode
    for key, row in sorted(store.tables[table.name].items()):
        if key[0] == initiative:
            yield str(key[2]), decode(row[table.place("state")])


def unit_of(store: MemoryStore, initiative: str, code: str | None) -> str:
    """Return what people read in a unit's place; nothing where none was said."""
    if code is None:
        return ""
    table, decode = INITIATIVE.kinds["codelist"].table, INITIATIVE.kinds["codelist"].decode
    row = store.tables[table.name].get((initiative, initiative, "unit"))
    labels = standard()["unit"] if row is None else decode(row[table.place("state")]).labels
    return str(labels.get(code, code)).lower()
