"""The page on which an organisation that took somebody on says by which number of its own it knows them."""

from typing import Annotated, NamedTuple

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from events.fields import UUID_PATTERN
from services.gateway.access import Action
from services.gateway.agreed import is_served
from services.gateway.pages.asking import Faults, read, show, summary
from services.gateway.pages.fields import Line, Typed
from services.gateway.pages.html import Html, form, page, tag, together
from services.gateway.pages.route import PageRoute
from services.gateway.pages.seen import Seen, seen
from services.gateway.pages.signing import redirected
from services.gateway.pages.staff import proof, typed, ways
from services.gateway.problems import ProblemError
from services.gateway.sight import Sight
from services.vault.errors import KeyDestroyed

router = APIRouter(route_class=PageRoute, include_in_schema=False)
Referral = Annotated[str, Path(pattern=UUID_PATTERN)]
TITLE = "Your number for this person"
TAKEN = "You know somebody by this number already. If they are one person, ask that the two be linked."
_NUMBER = Line(
    name="own",
    label="Your number for the person",
    hint="The number or code that you know the person by, never a name. It stays with you: others are told nothing "
    "of it.",
    required=True,
)


class _Desk(NamedTuple):
    """One person for whom somebody gives a number."""

    seen: Seen
    #: The number that stands so far, empty where there is none.
    now: str


def may_number(sight: Sight, partner: str | None) -> bool:
    """Say whether the partner may give a number: it took the person on, whom another registered."""
    client = sight.client
    taken = sight.role == "recipient" and is_served(client, partner)
    return taken and partner != client.by and not client.erased


def leading(referral: str, sight: Sight, partner: str | None, own: str | None) -> Html:
    """Lead those to the page who may give a number."""
    if not may_number(sight, partner):
        return together()
    text = "By it your staff find the person again, here and in lists. Nobody else is told."
    way = "Change your number for the person" if own else "Give the person a number of yours"
    link = tag("a", way, href=f"/referrals/{referral}/number")
    return together(tag("h2", TITLE), tag("p", text), tag("p", link))


@router.get("/referrals/{referral}/number")
async def ask(request: Request, referral: Referral) -> Response:
    """Ask for the number."""
    desk = await _desk(request, referral)
    return _shown(request, desk, Typed([("own", desk.now)]), {})


@router.post("/referrals/{referral}/number")
async def give(request: Request, referral: Referral) -> Response:
    """Keep it, unless somebody else has it."""
    desk, now = await _desk(request, referral), await typed(request)
    found = read((_NUMBER,), now, desk.seen.known.lists)
    if found.faults:
        return _shown(request, desk, now, found.faults)
    scope = (desk.seen.who.initiative, desk.seen.who.partner or "")
    try:
        known_by = await desk.seen.parts.vault.know_by(scope, desk.seen.place.record, found.values["own"])
    except KeyDestroyed:
        raise ProblemError(410, "client-erased") from None
    return redirected(f"/referrals/{referral}") if known_by else _shown(request, desk, now, {"own": TAKEN})


async def _desk(request: Request, referral: str) -> _Desk:
    """Return what the number is for.  Raises ProblemError for whoever has not taken the person on."""
    found = await seen(request, referral, Action.CLIENT_ALIAS, may_number)
    who, record = found.who, found.place.record
    name = (await found.parts.vault.names(who.initiative, who.partner or "", [record])).get(record)
    return _Desk(found, (name and name.own) or "")


def _shown(request: Request, desk: _Desk, now: Typed, faults: Faults) -> Response:
    place = f"/referrals/{desk.seen.place.referral}"
    field = show((_NUMBER,), now, desk.seen.known.lists, faults)
    button = tag("button", "Keep the number", type="submit")
    asked = form(f"{place}/number", proof(request), field, button, novalidate=True)
    text = "Your staff find the person by it from now on."
    text += f" {desk.now} names nobody any more then." if desk.now else ""
    back = tag("p", tag("a", "Back without saying anything", href=place))
    title = f"To be mended: {TITLE}" if faults else TITLE
    body = (summary((_NUMBER,), faults), tag("p", text), asked, back)
    return page(title, *body, nav=ways(""), status=422 if faults else 200)
