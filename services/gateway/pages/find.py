"""The page on which staff find a referral of theirs again, whether anything waits in it or not.

What is looked for stands in no address as it was typed: browsers keep those, and so do the logs of whatever is between.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from events.spoken import OWN
from projections.referral.status import Loop
from services.gateway.access import Action
from services.gateway.binding import LONGEST
from services.gateway.cursor import Cursors
from services.gateway.listing import Asked, Listed, paged
from services.gateway.pages.asking import Faults, read, show, summary
from services.gateway.pages.choosing import Select
from services.gateway.pages.fields import Field, Line, Typed
from services.gateway.pages.html import NOTHING, Html, form, page, tag, together
from services.gateway.pages.known import Known, known
from services.gateway.pages.route import PageRoute
from services.gateway.pages.rows import COLUMNS, Shown, row
from services.gateway.pages.signing import redirected
from services.gateway.pages.staff import FIND, proof, staff, typed, ways
from services.gateway.pages.tables import table
from services.gateway.parts import Parts, parts_of
from services.gateway.principal import Principal
from services.gateway.problems import ProblemError
from services.gateway.seeing import names_shown

router = APIRouter(route_class=PageRoute, include_in_schema=False)
#: Referrals of a page: each that is shown goes on record.
LIMIT = 25
#: Bytes that what was typed is filled up to: a number has 128 of them at most, codes 40.
FILLED = 256
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


@router.post(FIND)
async def ask(request: Request) -> Response:
    """Lead to the page that answers what was typed, or say what is wrong with it."""
    who = await staff(request, Action.REFERRAL_READ)
    parts, said = parts_of(request), await typed(request)
    there = await known(parts, who)
    values, faults = read(FIELDS, said, there.lists)
    if faults:
        return _page(together(summary(FIELDS, faults), _form(proof(request), said, there, faults)), 422)
    return redirected(f"{FIND}?asked={_closed(parts, who, values)}" if values else FIND)


@router.get(FIND)
async def find(
    request: Request,
    asked: Annotated[str, Query(max_length=LONGEST)] = "",
    cursor: Annotated[str | None, Query(max_length=LONGEST)] = None,
) -> Response:
    """Show the form, and the referrals that it found: all of the partner's, the latest first, where nothing is said."""
    who = await staff(request, Action.REFERRAL_READ)
    parts = parts_of(request)
    said = _opened(parts, who, asked)
    there = await known(parts, who)
    cursors = Cursors(parts.binding, who, FIND, {"asked": asked or None})
    found = await paged(parts, who, Asked(limit=LIMIT, cursor=cursor, **_narrowed(said)), cursors, there.now)
    shown = await _shown(parts, who, found, there)
    further = tag("p", tag("a", "More of these", href=found.next, class_="button")) if found.next else NOTHING
    asking = _form(proof(request), Typed(list(said.items())), there, {})
    return _page(together(asking, _table(shown, there), further))


def _closed(parts: Parts, who: Principal, said: Mapping[str, str]) -> str:
    """Return what was typed as it stands in an address: for its typist alone, and as long whatever it was."""
    lines = "\n".join(said.get(field.name, "") for field in FIELDS)
    return parts.binding.bind(FIND, who, lines.encode().ljust(FILLED))


def _opened(parts: Parts, who: Principal, asked: str) -> Mapping[str, str]:
    """Return what was typed.  Raises ProblemError where somebody else typed it."""
    if not asked:
        return {}
    payload = parts.binding.unbind(FIND, who, asked)
    if payload is None:
        raise ProblemError(400, "bad-cursor")
    lines = payload.decode().rstrip(" ").split("\n")
    return {field.name: line for field, line in zip(FIELDS, lines, strict=True) if line}


def _narrowed(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was typed as the list takes it."""
    rest = {name: value for name, value in said.items() if name != "number"}
    return rest | ({"client": OWN + said["number"]} if "number" in said else {})


async def _shown(parts: Parts, who: Principal, found: Listed, there: Known) -> list[Shown]:
    """Return the rows, after it is on record that they are shown."""
    names = await names_shown(parts, who, found.seen, there.now)
    return [Shown(place, sight, sight.standing.offer, names.get(place.record)) for place, sight in found.seen]


def _form(proof: str, said: Typed, there: Known, faults: Faults) -> Html:
    button = tag("p", tag("button", "Find", type="submit"))
    return form(FIND, proof, show(FIELDS, said, there.lists, faults), button, role="search", novalidate=True)


def _table(shown: list[Shown], there: Known) -> Html:
    if not shown:
        return tag("p", "There is none like this.", class_="empty")
    return table("Referrals found", (*COLUMNS, "Stands", "Next step"), [row(each, there, None) for each in shown])


def _page(body: Html, status: int = 200) -> Response:
    title = "Find a referral" if status == 200 else "To be mended: Find a referral"
    return page(title, body, status=status, nav=ways(FIND), wide=True)
