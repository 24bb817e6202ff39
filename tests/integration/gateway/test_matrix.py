"""Every caller at every route: what was settled is what the door does."""

from collections.abc import Iterator
from itertools import product

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from services.gateway.access import Action
from services.gateway.app import ROUTERS, make
from services.gateway.auth import caller
from services.gateway.parts import Parts
from services.gateway.principal import NOBODY, Kind, Principal
from tests.support import doors, rights
from tests.support.events import INITIATIVE, ident

#: Come to their own pages, and speak through those; a client who wants ids linked asks a partner that knows both.
ELSEWHERE = {(Action.EVENT_POST, Kind.LINK), (Action.EVENT_POST, Kind.CLIENT), (Action.CLIENT_LINK, Kind.CLIENT)}

#: Beyond the table these look at the session or the object itself, and are tried beside those.
FURTHER = {"approval", "client.link-decide", "session.manage", "token.manage"}


def principal(kind: Kind) -> Principal:
    if kind is Kind.PUBLIC:
        return NOBODY
    person = kind in (Kind.STAFF, Kind.REGISTRAR, Kind.COORDINATOR, Kind.AUDITOR)
    belongs = "clinic" if person or kind is Kind.PARTNER_SYSTEM else None
    actor = ident("somebody") if person else None
    return Principal(kind, INITIATIVE, belongs, actor, frozenset(Action), f"test:{kind}")


def asked(dependant: Dependant) -> Iterator[Action]:
    """Yield the actions that a route asks leave for."""
    for each in dependant.dependencies:
        name = getattr(each.call, "__name__", "")
        if name.startswith("may_"):
            yield Action[name.removeprefix("may_").upper()]
        yield from asked(each)


def guarded() -> Iterator[tuple[Action, str, str]]:
    """Yield every route that asks leave: for what, its method, and an address of it."""
    for router in ROUTERS:
        for route in router.routes:
            assert isinstance(route, APIRoute)
            for action in asked(route.dependant):
                for method in route.methods or ():
                    names = {each.name: ident("nobody") for each in route.dependant.path_params}
                    yield action, method, "/v1" + route.path_format.format(**names)


async def test_door_does_what_was_settled(parts: Parts) -> None:
    app, wrong = make(parts), []
    for kind, (action, method, path) in product(Kind, sorted(guarded())):
        who = principal(kind)
        app.dependency_overrides[caller] = lambda who=who: who
        async with doors.client(app) as door:
            answer = await door.request(method, path, content=b"{}", headers={"Content-Type": "application/json"})
        allowed = rights.may(action, kind) and (action, kind) not in ELSEWHERE
        refused = 401 if kind is Kind.PUBLIC else 403
        let_in = answer.status_code not in (401, 403) or action in FURTHER
        right = let_in if allowed else answer.status_code == refused
        if not right:
            wrong.append((str(kind), str(action), path, answer.status_code))
    assert not wrong, "\n".join(map(str, wrong))


async def test_events_and_codes_are_among_what_is_tried() -> None:
    assert {(Action.EVENT_POST, "POST", "/v1/events"), (Action.CODES_READ, "GET", "/v1/codes")} <= set(guarded())
