"""Every caller at every route: what the table says is what the door does."""

import re
from collections.abc import Iterable, Mapping
from itertools import product

from services.gateway.access import Action, granted
from services.gateway.app import make
from services.gateway.auth import caller
from services.gateway.parts import Parts
from services.gateway.principal import NOBODY, Kind, Principal
from tests.support import doors
from tests.support.events import INITIATIVE

#: Routes by what they ask for: method, path, and a body that is turned away once the caller may.
ROUTES: Mapping[Action, tuple[tuple[str, str], ...]] = {
    Action.EVENT_POST: (("POST", "/v1/events"), ("GET", "/v1/events/not-found"), ("GET", "/v1/refusals")),
    Action.REFERRAL_READ: (
        ("GET", "/v1/referrals"),
        ("GET", "/v1/referrals/own:nothing"),
        ("GET", "/v1/referrals/own:nothing/timeline"),
    ),
    Action.SEALED_OPEN: (("GET", "/v1/referrals/own:nothing/sealed"),),
    Action.SEALED_MAKE: (("POST", "/v1/sealed"),),
    Action.CLIENT_ALIAS: (("POST", "/v1/clients"),),
    Action.DIRECTORY_READ: (
        ("GET", "/v1/partners"),
        ("GET", "/v1/partners/clinic"),
        ("GET", "/v1/services"),
    ),
    Action.CODES_READ: (("GET", "/v1/codes"), ("GET", "/v1/codes/not-found")),
}
REQUESTS = [(action, *request) for action, requests in ROUTES.items() for request in requests]
#: Come to their own pages, and speak through those.
ELSEWHERE = {(Action.EVENT_POST, Kind.LINK), (Action.EVENT_POST, Kind.CLIENT)}


def principal(kind: Kind) -> Principal:
    if kind is Kind.PUBLIC:
        return NOBODY
    belongs = "clinic" if kind in (Kind.PARTNER_SYSTEM, Kind.STAFF, Kind.REGISTRAR, Kind.COORDINATOR) else None
    return Principal(kind, INITIATIVE, belongs, None, frozenset(Action), f"test:{kind}")


async def test_table_is_what_the_door_does(parts: Parts) -> None:
    app = make(parts)
    wrong = []
    for kind, (action, method, path) in product(Kind, REQUESTS):
        who = principal(kind)
        app.dependency_overrides[caller] = lambda who=who: who
        async with doors.client(app) as door:
            answer = await door.request(method, path, content=b"{}", headers={"Content-Type": "application/json"})
        allowed = granted(action, who) is not None and (action, kind) not in ELSEWHERE
        refused = 401 if kind is Kind.PUBLIC else 403
        if (answer.status_code not in (401, 403)) if allowed else (answer.status_code == refused):
            continue
        wrong.append((kind, action, path, answer.status_code))
    assert wrong == []


async def test_every_route_is_tried(parts: Parts) -> None:
    described = make(parts).openapi()["paths"]
    found = {(method.upper(), path) for path, operations in described.items() for method in operations}
    tried = {(method, _template(described, path)) for _, method, path in REQUESTS}
    assert found == tried


def _template(described: Iterable[str], path: str) -> str:
    """Return the described path that this one is an instance of, the one with the fewest places to fill in."""
    fits = [each for each in described if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", each), path)]
    return min(fits, key=lambda each: each.count("{"))
