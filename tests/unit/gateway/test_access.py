"""Who may do what, written down a second time: every caller and every action, with nothing left out."""

from itertools import product

import pytest

from services.gateway.access import ACCESS, Action, granted
from services.gateway.principal import Kind, Principal

SYSTEM, STAFF, COORDINATOR, REGISTRAR = Kind.PARTNER_SYSTEM, Kind.STAFF, Kind.COORDINATOR, Kind.REGISTRAR
#: Who may at all; everybody who is not named may not.
ALLOWED = {
    Action.EVENT_POST: {SYSTEM, STAFF, REGISTRAR, Kind.LINK, Kind.CLIENT},
    Action.CLIENT_ALIAS: {SYSTEM, STAFF},
    Action.CLIENT_LINK: {SYSTEM, STAFF, Kind.CLIENT},
    Action.CLIENT_LINK_DECIDE: {COORDINATOR, REGISTRAR},
    Action.CLIENT_ERASE: {SYSTEM, STAFF, COORDINATOR, REGISTRAR, Kind.CLIENT, Kind.OPERATOR},
    Action.REFERRAL_READ: {SYSTEM, STAFF, COORDINATOR, Kind.LINK, Kind.CLIENT},
    Action.REFERRAL_EXPORT: {SYSTEM, STAFF, COORDINATOR},
    Action.DISCLOSURE_READ: {SYSTEM, STAFF},
    Action.SEALED_OPEN: {SYSTEM, STAFF, COORDINATOR, Kind.LINK, Kind.CLIENT, Kind.OPERATOR},
    Action.SEALED_MAKE: {SYSTEM, STAFF},
    Action.DIRECTORY_READ: {SYSTEM, STAFF, COORDINATOR, REGISTRAR},
    Action.CODES_READ: set(Kind),
    Action.FEED_READ: {SYSTEM, STAFF, COORDINATOR, REGISTRAR},
    Action.INBOX_READ: {SYSTEM, STAFF},
    Action.LOOPS_READ: {SYSTEM, STAFF, COORDINATOR, REGISTRAR, Kind.AUDITOR},
    Action.TOKEN_MANAGE: {STAFF, REGISTRAR, Kind.OPERATOR},
    Action.SESSION_MANAGE: {STAFF, COORDINATOR, REGISTRAR, Kind.AUDITOR},
    Action.LINK_MAKE: {SYSTEM, STAFF},
    Action.ADDRESS_SET: {SYSTEM, STAFF},
    Action.APPROVAL: {REGISTRAR},
    Action.OPERATE: {Kind.OPERATOR},
}


#: How far figures reach: whole for coordinators alone, and for whoever of the backbone is an analyst besides.
LOOPS = {SYSTEM: "own", STAFF: "all-as-analyst", COORDINATOR: "all", REGISTRAR: "all-as-analyst", Kind.AUDITOR: "own"}


def test_whole_figures_are_for_coordinators_and_analysts() -> None:
    assert {kind: grant.reach for kind, grant in ACCESS[Action.LOOPS_READ].items()} == LOOPS


def principal(kind: Kind, *scopes: Action) -> Principal:
    return Principal(kind, "riverbend", "clinic", "somebody", frozenset(each.value for each in scopes))


@pytest.mark.parametrize(("action", "kind"), list(product(Action, Kind)))
def test_table_is_as_written(action: Action, kind: Kind) -> None:
    assert (granted(action, principal(kind, *Action)) is not None) == (kind in ALLOWED[action])


@pytest.mark.parametrize(("action", "kind"), list(product(Action, [SYSTEM, STAFF, REGISTRAR])))
def test_token_is_narrowed_to_its_scopes(action: Action, kind: Kind) -> None:
    other = next(each for each in Action if each is not action)
    allowed = granted(action, principal(kind, other)) is not None
    assert allowed == (action is Action.CODES_READ)


@pytest.mark.parametrize("action", sorted(set(Action) - {Action.CODES_READ}))
def test_system_without_scopes_may_nothing(action: Action) -> None:
    assert granted(action, principal(SYSTEM)) is None


@pytest.mark.parametrize("action", list(Action))
def test_person_signed_in_is_not_narrowed(action: Action) -> None:
    assert (granted(action, principal(STAFF)) is not None) == (STAFF in ALLOWED[action])
