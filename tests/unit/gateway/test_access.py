"""Who may do what, written down a second time: every caller and every action, with nothing left out."""

from itertools import product

import pytest

from services.gateway import access
from services.gateway.access import ACCESS, Action, Reach, granted
from services.gateway.principal import Kind, Principal
from tests.support import rights

#: Where more is put on record than was settled: whatever leaves as a file, and the figures that an auditor reads.
STRICTER = {
    (Action.REFERRAL_EXPORT, Kind.PARTNER_SYSTEM),
    (Action.REFERRAL_EXPORT, Kind.AUDITOR),
    (Action.LOOPS_READ, Kind.AUDITOR),
}
#: An analyst of the backbone who is no registrar signs in as its staff, and reads as its column says.
AS_BACKBONE = {(Action.LOOPS_READ, Kind.STAFF): Reach.ANALYST}
ON_PAGE = [(action, kind) for action, kind in product(rights.ON_PAGE, Kind) if rights.may(action, kind)]


def test_every_action_is_settled_once() -> None:
    assert rights.ON_PAGE.keys() | rights.BESIDE.keys() == set(Action)
    assert not rights.ON_PAGE.keys() & rights.BESIDE.keys()
    assert all(len(row.split(" | ")) == len(rights.COLUMNS) for row in rights.PAGE.values())


@pytest.mark.parametrize(("action", "kind"), ON_PAGE)
def test_grant_is_as_it_was_settled(action: Action, kind: Kind) -> None:
    grant, said = ACCESS[action][kind], rights.cells(action, kind)
    words = {word.rstrip(",") for cell in said for word in cell.split()}
    assert grant.disclosed == ("A" in words or (action, kind) in STRICTER)
    assert grant.second == ("2" in words and action is not Action.EVENT_POST)
    wanted = {AS_BACKBONE.get((action, kind), rights.reach(cell)) for cell in said} - {None}
    assert wanted <= {grant.reach}


def principal(kind: Kind, *scopes: Action) -> Principal:
    return Principal(kind, "riverbend", "clinic", "somebody", frozenset(each.value for each in scopes))


@pytest.mark.parametrize(("action", "kind"), list(product(Action, Kind)))
def test_table_is_as_written(action: Action, kind: Kind) -> None:
    assert (granted(action, principal(kind, *Action)) is not None) == rights.may(action, kind)


def test_a_grant_that_is_missing_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: the code's table alone would be content with it."""
    without = {kind: grant for kind, grant in ACCESS[Action.REFERRAL_EXPORT].items() if kind is not Kind.AUDITOR}
    monkeypatch.setattr(access, "ACCESS", {**ACCESS, Action.REFERRAL_EXPORT: without})
    assert granted(Action.REFERRAL_EXPORT, principal(Kind.AUDITOR)) is None
    assert rights.may(Action.REFERRAL_EXPORT, Kind.AUDITOR)


@pytest.mark.parametrize(("action", "kind"), list(product(Action, [Kind.PARTNER_SYSTEM, Kind.STAFF, Kind.REGISTRAR])))
def test_token_is_narrowed_to_its_scopes(action: Action, kind: Kind) -> None:
    other = next(each for each in Action if each is not action)
    allowed = granted(action, principal(kind, other)) is not None
    assert allowed == (action is Action.CODES_READ)


@pytest.mark.parametrize("action", sorted(set(Action) - {Action.CODES_READ}))
def test_system_without_scopes_may_nothing(action: Action) -> None:
    assert granted(action, principal(Kind.PARTNER_SYSTEM)) is None


@pytest.mark.parametrize("action", list(Action))
def test_person_signed_in_is_not_narrowed(action: Action) -> None:
    assert (granted(action, principal(Kind.STAFF)) is not None) == rights.may(action, Kind.STAFF)
