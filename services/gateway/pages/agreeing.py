"""The page on which staff see what a person agreed to, and end or narrow it when the person says so."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from events.codes import CODES
from events.fields import UUID_PATTERN
from services.gateway.links.saying import PLAIN
from services.gateway.pages.answering import UNKNOWN
from services.gateway.pages.asking import WHOLE, Faults, show, summary
from services.gateway.pages.consenting import STEPS, Desk, Theirs, Which, desk_of
from services.gateway.pages.fields import Typed
from services.gateway.pages.html import Html, form, hidden, page, tag, together
from services.gateway.pages.route import PageRoute
from services.gateway.pages.saying import Said, say
from services.gateway.pages.signing import redirected
from services.gateway.pages.staff import proof, typed, ways
from services.gateway.pages.submissions import fresh, named, sent_at
from services.gateway.pages.telling import terms
from services.gateway.pages.words import listed
from services.gateway.problems import ProblemError

router = APIRouter(route_class=PageRoute, include_in_schema=False)
Referral = Annotated[str, Path(pattern=UUID_PATTERN)]
Name = Annotated[str, Query(pattern=UUID_PATTERN)]
TITLE = "What this person agreed to"
GONE = "This is not in force any more. Somebody may have been faster."
#: What people are told where a code's own words are for those who write programs.
_PLAIN: Mapping[str, str] = MappingProxyType(
    {**PLAIN, "self-consent": "Then it would be for your organisation alone. End it instead."}
)


@router.get("/referrals/{referral}/agreed")
async def look(request: Request, referral: Referral) -> Response:
    """Show what the person agreed to, to those who may change it."""
    desk = await desk_of(request, referral)
    lead = tag("p", "When the person wants less to be shared, say it here. Service never depends on it.")
    back = tag("p", tag("a", "Back to the referral", href=f"/referrals/{referral}"))
    found = desk.showing.list(desk.shared, several=desk.several)
    return page(TITLE, terms([("Person", desk.name.shown)]), lead, found, back, nav=ways(""))


@router.get("/referrals/{referral}/agreed/{which}")
async def ask(request: Request, referral: Referral, which: Which, consent: Name = "") -> Response:
    """Ask what a change needs to know."""
    desk = await desk_of(request, referral)
    if not desk.about(which, consent):
        return _gone(desk)
    return _shown(request, desk, which, Typed([("consent", consent), ("submission", fresh())]), {})


@router.post("/referrals/{referral}/agreed/{which}")
async def change(request: Request, referral: Referral, which: Which) -> Response:
    """Say it, once."""
    desk, now = await desk_of(request, referral), await typed(request)
    submission = named(now.one("submission"))
    if submission is None:
        raise ProblemError(400, "bad-request")
    if not desk.about(which, now.one("consent")):
        # Sent again, it is not in force any more because that was said.
        sent = await sent_at(desk.parts.keep, desk.who, submission)
        return _gone(desk) if sent is None else redirected(desk.place)
    faults = desk.read(which, now).faults
    if faults:
        return _shown(request, desk, which, now, faults)
    said = await say(desk.parts, desk.who, submission, lambda at: desk.rows(which, now, submission, at))
    return _answered(request, desk, which, now, said)


def _answered(request: Request, desk: Desk, which: Which, now: Typed, said: Said) -> Response:
    """Show what is left, or why it was not taken."""
    if said.end == "unknown":
        return _shown(request, desk, which, now, {WHOLE: UNKNOWN})
    # Of a form that was sent before, with something else in it, what was said first stands.
    objections = [each.code for each in said.objections if each.code != "id-reused"]
    if not objections:
        return redirected(desk.place)
    if set(objections) == {"consent-missing"}:
        return _gone(desk)
    fault = _PLAIN.get(objections[0]) or CODES[objections[0]].text
    # Its own name may be used up.
    kept = Typed([("submission", fresh()), *((name, text) for name, text in now.pairs() if name != "submission")])
    [field, *_] = desk.fields(which, now.one("consent"))
    return _shown(request, desk, which, kept, {field.name: fault})


def _shown(request: Request, desk: Desk, which: Which, now: Typed, faults: Faults) -> Response:
    step, consent = STEPS[which], now.one("consent")
    fields, kept = desk.fields(which, consent), hidden("consent", consent)
    asked = together(show(fields, now, desk.known.lists, faults), tag("button", step.button, type="submit"))
    once = hidden("submission", now.one("submission"))
    sending = form(f"{desk.place}/{which}", proof(request), kept, once, asked, novalidate=True)
    told = (_told(desk, desk.about(which, consent)), tag("p", step.meaning))
    title = f"To be mended: {step.title}" if faults else step.title
    body = (summary(fields, faults), *told, sending, _back(desk, "Back without saying anything"))
    return page(title, *body, nav=ways(""), status=422 if faults else 200)


def _told(desk: Desk, about: Sequence[Theirs]) -> Html:
    """Return what a change is about, so that nobody ends or narrows the wrong one."""
    showing, names = desk.showing, list(dict.fromkeys(each.name.shown for each in about))
    person = ("Person", listed(names))
    if len(about) == 1:
        return terms([person, *showing.facts(about[0].shared)])
    lines = (tag("li", showing.title(each.shared), _elsewhere(desk, each)) for each in about)
    return together(terms([person]), tag("ul", *lines, role="list"))


def _elsewhere(desk: Desk, about: Theirs) -> str:
    return "" if about.name == desk.name else f" (as {about.name.shown})"


def _gone(desk: Desk) -> Response:
    look = _back(desk, "Look at what is in force")
    return page("Not possible any more", tag("p", GONE), look, nav=ways(""), status=409)


def _back(desk: Desk, text: str) -> Html:
    return tag("p", tag("a", text, href=desk.place))
