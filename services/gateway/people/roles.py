"""What a person may act as, by what the log says at this moment."""

from projections.initiative.keys import person_key
from projections.initiative.state import Person
from services.admission.admission import Admission
from services.gateway.principal import Kind

#: Roles that act as something of their own at any partner, and those that do so at the backbone alone.
ANYWHERE, BACKBONE = {"auditor": Kind.AUDITOR}, {"coordinator": Kind.COORDINATOR, "registrar": Kind.REGISTRAR}


async def held(admission: Admission, initiative: str, partner: str, person: str) -> frozenset[str]:
    """Return the roles that the person holds at the partner."""
    key = person_key(initiative, person)
    found = (await admission.initiative_store.load([key])).get(key)
    roles = found.roles if isinstance(found, Person) else ()
    return frozenset(each.role for each in roles if each.partner == partner)


def kinds(admission: Admission, initiative: str, partner: str, roles: frozenset[str]) -> tuple[Kind, ...]:
    """Return what somebody with these roles may act as; whoever belongs to a partner is its staff."""
    special = ANYWHERE | (BACKBONE if admission.standing(initiative).backbone == partner else {})
    return (Kind.STAFF, *(kind for role, kind in special.items() if role in roles))


def takes_part(admission: Admission, initiative: str, partner: str) -> bool:
    """Say whether the partner takes part at present; its people are let in only then."""
    member = admission.standing(initiative).members.get(partner)
    return member is not None and member.active


def suspended(admission: Admission, initiative: str, partner: str) -> bool:
    """Say whether the partner takes no part any more.

    Of one that is not known, or not yet read of, this says nothing: what its system sends is turned away as such.
    """
    member = admission.standing(initiative).members.get(partner)
    return member is not None and not member.active
