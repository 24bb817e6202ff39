"""Which aggregates an event's rule looks at, and how to name one."""

from collections.abc import Iterator

from events.catalogue import InitiativeEvent
from events.initiative import BackfillClosed, BackfillOpened, CodelistPublished
from events.partner import (
    CapacityReported,
    RoleAssigned,
    RoleEnded,
    ServiceChanged,
    ServicePublished,
    ServiceRetired,
    SucceededBy,
)
from projections.projection import Key


def initiative_key(initiative: str) -> Key:
    return Key("initiative", initiative, initiative, initiative)


def codelist_key(initiative: str, codelist: str) -> Key:
    return Key("codelist", initiative, initiative, codelist)


def partner_key(initiative: str, partner: str) -> Key:
    return Key("partner", initiative, initiative, partner)


def service_key(initiative: str, service: str) -> Key:
    return Key("service", initiative, initiative, service)


def person_key(initiative: str, person: str) -> Key:
    return Key("person", initiative, initiative, person)


def backfill_key(initiative: str, backfill: str) -> Key:
    return Key("backfill", initiative, initiative, backfill)


def needs(event: InitiativeEvent) -> tuple[Key, ...]:
    """Return the aggregates that the event names: the initiative, its subject, and who says it.

    Under another key than the initiative's there are none: no rule may look beyond its own key.
    """
    return tuple(dict.fromkeys(_named(event))) if event.partitionkey == event.initiative else ()


def _named(event: InitiativeEvent) -> Iterator[Key]:
    initiative = event.initiative
    yield initiative_key(initiative)
    for person in (event.actor, event.approver):
        if person is not None:
            yield person_key(initiative, person)
    match event:
        case CodelistPublished():
            yield codelist_key(initiative, event.data.codelist)
        case BackfillOpened() | BackfillClosed():
            yield backfill_key(initiative, event.data.backfill_id)
        case ServicePublished() | ServiceChanged() | ServiceRetired() | CapacityReported():
            yield service_key(initiative, event.data.service_id)
        case RoleAssigned() | RoleEnded():
            yield person_key(initiative, event.data.person_id)
        case SucceededBy():
            yield partner_key(initiative, event.data.successor)
        case _:
            pass
    yield partner_key(initiative, event.subject)
