"""The forms in which staff say what became of an offer, made from the table of actions."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, NamedTuple

import orjson
from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from events.codes import CODES
from events.fields import UUID_PATTERN
from services.gateway.access import Action as Asked
from services.gateway.accounting import account_status
from services.gateway.pages.actions import Action, Target, is_open, target_of
from services.gateway.pages.asking import WHOLE, Faults, read, show, summary
from services.gateway.pages.fields import Typed
from services.gateway.pages.html import form, hidden, page, tag
from services.gateway.pages.known import Known, known
from services.gateway.pages.outside import Instead, instead
from services.gateway.pages.route import PageRoute
from services.gateway.pages.saying import Objection, Said, say
from services.gateway.pages.signing import redirected
from services.gateway.pages.staff import proof, staff, typed, ways
from services.gateway.pages.submissions import fresh, named, sent_at
from services.gateway.pages.vocabulary import ACTIONS
from services.gateway.parts import Parts, parts_of
from services.gateway.principal import Principal
from services.gateway.problems import ProblemError
from services.gateway.seeing import disclosed, looked
from services.gateway.sight import Sight

router = APIRouter(route_class=PageRoute, include_in_schema=False)
Referral = Annotated[str, Path(pattern=UUID_PATTERN)]
Slug = Annotated[str, Path(max_length=60)]
UNKNOWN = "It is not known whether this was kept. Press the button again: it is not said twice."
TOO_LATE = "This is no longer possible as the referral stands now. Somebody may have been faster."


class _Desk(NamedTuple):
    """One action on one offer, or on the need itself, for one request."""

    parts: Parts
    who: Principal
    known: Known
    action: Action
    referral: str
    #: By which name the partner knows the person.
    person: str
    sight: Sight
    target: Target
    #: Whether it may be said of the target as it stands.
    open: bool


@router.get("/referrals/{referral}/{slug}")
async def ask(
    request: Request, referral: Referral, slug: Slug, offer: Annotated[str, Query(pattern=UUID_PATTERN)] = ""
) -> Response:
    """Ask what an action needs to know."""
    who = await staff(request, Asked.EVENT_POST)
    desk = await _desk(parts_of(request), who, (referral, slug, offer))
    if not desk.open:
        return _too_late(desk)
    return _shown(request, desk, Typed([("submission", fresh())]), {})


@router.post("/referrals/{referral}/{slug}")
async def take(request: Request, referral: Referral, slug: Slug) -> Response:
    """Say it, once."""
    who = await staff(request, Asked.EVENT_POST)
    now = await typed(request)
    submission = named(now.one("submission"))
    if submission is None:
        raise ProblemError(400, "bad-request")
    desk = await _desk(parts_of(request), who, (referral, slug, now.one("offer")))
    # Sent again, it may not be possible any more because it was said.
    if not desk.open and await sent_at(desk.parts.keep, desk.who, submission) is None:
        return _too_late(desk)
    answers = read(desk.action.fields, now, desk.known.lists)
    if answers.faults:
        return _shown(request, desk, now, answers.faults)
    said = await say(desk.parts, desk.who, submission, lambda at: _rows(desk, submission, answers.values, at))
    if said.end == "said" or _is_known(said.objections):
        place = f"/referrals/{_led_to(desk, said) or referral}"
        return redirected(f"{place}?token={said.token}" if said.token else place)
    if said.end == "unknown":
        return _shown(request, desk, now, {WHOLE: UNKNOWN})
    return _objected(request, desk, now, said.objections[0])


def _is_known(objections: Any) -> bool:
    """Say whether the form was sent before, with something else in it: what was said first stands."""
    return bool(objections) and objections[0].code == "id-reused"


def _led_to(desk: _Desk, said: Said) -> str | None:
    """Return the need that was told of instead of this one, if there is one."""
    return said.results[0].subject if desk.action.instead and said.results else None


def _rows(desk: _Desk, submission: str, values: Mapping[str, Any], at: datetime) -> list[bytes]:
    if desk.action.instead:
        codes = [code for code, _ in desk.known.lists("close-reason")]
        reason = next(each for each in (*desk.action.instead, *codes) if each in codes)
        return instead(Instead(desk.person, desk.sight.referral, desk.referral, reason), submission, values, at)
    return [_row(desk, submission, values, at)]


def _row(desk: _Desk, submission: str, values: Mapping[str, Any], at: datetime) -> bytes:
    named = {"offer_id": desk.target.id} if desk.target is not None else {}
    data = {**named, **desk.action.says, **values}
    said = {"id": f"page-{submission}", "type": desk.action.type, "time": at.isoformat(), "subject": desk.referral}
    return orjson.dumps(said | {"data": data})


def _objected(request: Request, desk: _Desk, now: Typed, objection: Objection) -> Response:
    """Show the form with what was objected to; a form of another name, as this one's may be used up."""
    # What was there when the page was asked for is not there for whoever the person left out meanwhile.
    if objection.code in ("illegal-transition", "already-claimed", "unknown-subject"):
        return _too_late(desk)
    name = desk.action.about.get(objection.code) or objection.pointer.removeprefix("/data/").partition("/")[0]
    known = {field.name for field in desk.action.fields}
    meaning = CODES[objection.code].text
    kept = Typed([*((key, value) for key, value in now.pairs() if key != "submission"), ("submission", fresh())])
    return _shown(request, desk, kept, {name if name in known else WHOLE: meaning})


async def _desk(parts: Parts, who: Principal, names: tuple[str, str, str]) -> _Desk:
    """Return the action on the offer, once it is on record that the person sees it.  Raises ProblemError.

    The names are the referral's, the action's and the offer's.
    """
    referral, slug, offer = names
    there = await known(parts, who)
    action = ACTIONS.get(slug)
    if action is None:
        raise ProblemError(404, "not-found")
    place, sight, _ = await looked(parts, who, referral, None, there.now)
    found = None if action.whole else target_of(sight, offer)
    if found is None and not action.whole:
        raise ProblemError(404, "not-found")
    await account_status(parts, who, [disclosed(place, sight, who, ["status"], there.now)])
    may = is_open(action, sight, found, who.partner)
    named = await parts.vault.aliases(who.initiative, who.partner or "", [place.record])
    person = named.get(place.record, place.record)
    return _Desk(parts, who, there, action, place.referral, person, sight, found, may)


def _shown(request: Request, desk: _Desk, now: Typed, faults: Faults) -> Response:
    action, lists = desk.action, desk.known.lists
    kept = (hidden("offer", desk.target.id if desk.target else ""), hidden("submission", now.one("submission")))
    place = f"/referrals/{desk.referral}"
    button = tag("button", action.title, type="submit")
    asked = form(
        f"{place}/{action.slug}",
        proof(request),
        *kept,
        show(action.fields, now, lists, faults),
        button,
        novalidate=True,
    )
    title = f"To be mended: {action.title}" if faults else action.title
    back = tag("p", tag("a", "Back without saying anything", href=place))
    body = (summary(action.fields, faults), tag("p", action.meaning), asked, back)
    return page(title, *body, nav=ways(""), status=422 if faults else 200)


def _too_late(desk: _Desk) -> Response:
    back = tag("p", tag("a", "Look at how it stands", href=f"/referrals/{desk.referral}"))
    return page("Not possible any more", tag("p", TOO_LATE), back, nav=ways(""), status=409)
