"""The page on which staff find a referral of theirs again, whether anything waits in it or not."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from events.spoken import OWN
from projections.referral.status import Loop
from services.gateway.access import Action
from services.gateway.cursor import Cursors
from services.gateway.listing import Asked, Listed, paged
from services.gateway.pages.asking import Faults, read, show, summary
from services.gateway.pages.choosing import Select
from services.gateway.pages.fields import Field, Line, Typed
from services.gateway.pages.html import NOTHING, Html, page, tag, together
from services.gateway.pages.known import Known, known
from services.gateway.pages.route import PageRoute
from services.gateway.pages.rows import COLUMNS, Shown, row
from services.gateway.pages.staff import FIND, staff, ways
from services.gateway.pages.tables import table
from services.gateway.parts import Parts, parts_of
from services.gateway.principal import Principal
from services.gateway.seeing import names_shown

router = APIRouter(route_class=PageRoute, include_in_schema=False)
#: Referrals of a page: each that is shown goes on record.
LIMIT = 25
LOOPS: Mapping[Loop, str] = MappingProxyType(
    {
        "not-opened": "Not sent yet",
        "open": "Open",
        "closed-served": "Served",
        "closed-not-served": "Not served",
        "closed-unknown": "Nobody ever answered",
        "handed-off": "Arranged outside",
        "handed-off-heard": "Arranged outside, and heard of",
    }
)
ROLES = (("sender", "We sent it"), ("recipient", "We were asked"))
#: All of them may be left empty; `depends` says so of each without repeating it.
FIELDS: tuple[Field, ...] = (
    Line(name="number", label="Your number for the person", depends=True),
    Select(name="need", label="What is needed", of="need", nothing="Any", depends=True),
    Select(name="loop", label="How it stands", options=tuple(LOOPS.items()), nothing="Any", depends=True),
    Select(name="role", label="Your part", options=ROLES, nothing="Any", depends=True),
)


@router.get(FIND)
async def find(request: Request) -> Response:
    """Show the form, and the referrals that it found: all of the partner's, the latest first, where nothing is said."""
    who = await staff(request, Action.REFERRAL_READ)
    parts, typed = parts_of(request), Typed(request.query_params.multi_items())
    there = await known(parts, who)
    said, faults = read(FIELDS, typed, there.lists)
    if faults:
        return _page(together(summary(FIELDS, faults), _form(typed, there, faults)), 422)
    cursor = typed.one("cursor") or None
    asked = Asked(limit=LIMIT, cursor=cursor, **_narrowed(said))
    found = await paged(parts, who, asked, Cursors(parts.binding, who, FIND, said), there.now)
    shown = await _shown(parts, who, found, there)
    further = tag("p", tag("a", "More of these", href=found.next, class_="button")) if found.next else NOTHING
    return _page(together(_form(typed, there, {}), _table(shown, there), further))


def _narrowed(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was typed as the list takes it."""
    rest = {name: value for name, value in said.items() if name != "number"}
    return rest | ({"client": OWN + said["number"]} if "number" in said else {})


async def _shown(parts: Parts, who: Principal, found: Listed, there: Known) -> list[Shown]:
    """Return the rows, after it is on record that they are shown."""
    names = await names_shown(parts, who, found.seen, there.now)
    return [Shown(place, sight, sight.standing.offer, names.get(place.record)) for place, sight in found.seen]


def _form(typed: Typed, there: Known, faults: Faults) -> Html:
    button = tag("p", tag("button", "Find", type="submit"))
    return tag("form", show(FIELDS, typed, there.lists, faults), button, method="get", action=FIND, role="search")


def _table(shown: list[Shown], there: Known) -> Html:
    if not shown:
        return tag("p", "There is none like this.", class_="empty")
    return table("Referrals found", (*COLUMNS, "Stands", "Next step"), [row(each, there, None) for each in shown])


def _page(body: Html, status: int = 200) -> Response:
    title = "Find a referral" if status == 200 else "To be mended: Find a referral"
    return page(title, body, status=status, nav=ways(FIND), wide=True)
