"""What a client changes on their own pages: less shared, with fewer, for a shorter time; and whether a need was met.

The addresses say nothing of what a page is about.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from events.fields import UUID_PATTERN
from services.gateway.links import known
from services.gateway.links.asking import Asking, asked, lists
from services.gateway.links.given import Given
from services.gateway.links.looking import each_own_of, own_of
from services.gateway.links.own import MET, shared_of
from services.gateway.links.page import LinkRoute, redirected
from services.gateway.links.saying import say
from services.gateway.links.sharing import Shared, asks_for_answer, in_force, offers
from services.gateway.links.visit import Visit, proved, typed_of, visit
from services.gateway.pages.asking import WHOLE, read
from services.gateway.pages.choosing import Radios, Select, Yes
from services.gateway.pages.fields import Day, Typed
from services.gateway.pages.words import listed
from services.gateway.problems import ProblemError
from services.gateway.progress import now

router = APIRouter(route_class=LinkRoute, include_in_schema=False)
Id = Annotated[str, Path(pattern=UUID_PATTERN)]
_MET = Radios(name="need_met", label="Did you get what you needed?", options=tuple(MET.items()), required=True)
_STOP = Yes(name="stop_sharing", label="Also stop sharing what this was about")
_UNTIL = Day(name="expires_at", label="The last day", required=True)
_ENDS = "Nothing more is shared from then on, and what is under way because of it ends."


@router.get("/own/e")
async def ask_everything(request: Request) -> Response:
    """Ask whether all sharing is to end."""
    who = await visit(request, "client")
    await _all(who)
    return asked(who, _everything())


@router.post("/own/e")
async def stop_everything(request: Request) -> Response:
    """End every consent in force that whoever holds the link may know of, under each id that is the same person's."""
    who, typed = await proved(request, "client"), await typed_of(request)
    said = [
        (given, _ended(who, each.consent.id))
        for given, own in await each_own_of(who.parts, who.given)
        for each in in_force(own.client, now(), guardian=given.guardian)
    ]
    return await _said(who, _everything(), typed, said)


def _everything() -> Asking:
    return Asking("/own/e", "Stop sharing everything?", _ENDS, button="Yes, stop")


@router.get("/own/a/{consent}")
async def ask_stop(request: Request, consent: Id) -> Response:
    """Ask whether this is to end."""
    who = await visit(request, "client")
    return asked(who, _stopping(who, await _held(who, consent)))


@router.post("/own/a/{consent}")
async def stop(request: Request, consent: Id) -> Response:
    """End one consent."""
    who, typed = await proved(request, "client"), await typed_of(request)
    return await _said(who, _stopping(who, await _held(who, consent)), typed, [(who.given, _ended(who, consent))])


def _stopping(who: Visit, shared: Shared) -> Asking:
    meaning = f"{_named(who, shared)} {_ENDS}"
    return Asking(f"/own/a/{shared.consent.id}", "Stop sharing this?", meaning, button="Yes, stop")


@router.get("/own/b/{consent}")
async def ask_without(request: Request, consent: Id) -> Response:
    """Ask with whom sharing is to end."""
    who = await visit(request, "client")
    return asked(who, _leaving_out(who, await _held(who, consent)))


@router.post("/own/b/{consent}")
async def without(request: Request, consent: Id) -> Response:
    """Leave one organisation out of a consent."""
    who, typed = await proved(request, "client"), await typed_of(request)
    shared = await _held(who, consent)
    left_out = sorted({*shared.consent.except_recipients, typed.one("partner")})
    said = {"type": "consent.narrowed", "data": {"consent_id": consent, "except_recipients": left_out}}
    return await _said(who, _leaving_out(who, shared), typed, [(who.given, said)])


def _leaving_out(who: Visit, shared: Shared) -> Asking:
    names = [(each, known.organisation(who.parts, who.given.initiative, each)) for each in shared.partners]
    chosen = Select(name="partner", label="With whom?", options=names, required=True)
    return Asking(f"/own/b/{shared.consent.id}", "Stop sharing with somebody?", _ENDS, (chosen,), "Yes, stop")


@router.get("/own/c/{consent}")
async def ask_until(request: Request, consent: Id) -> Response:
    """Ask for the last day."""
    who = await visit(request, "client")
    return asked(who, _shorter(who, await _held(who, consent)))


@router.post("/own/c/{consent}")
async def until(request: Request, consent: Id) -> Response:
    """Have a consent end earlier."""
    who, typed = await proved(request, "client"), await typed_of(request)
    asking = _shorter(who, await _held(who, consent))
    last = typed.one(_UNTIL.name)
    said = {"type": "consent.narrowed", "data": {"consent_id": consent, "expires_at": last}}
    return await _said(who, asking, typed, [(who.given, said)])


def _shorter(who: Visit, shared: Shared) -> Asking:
    meaning = f"{_named(who, shared)} Nothing more is shared after that day."
    return Asking(f"/own/c/{shared.consent.id}", "Until when?", meaning, (_UNTIL,))


def _named(who: Visit, shared: Shared) -> str:
    """Return in words what is shared and with whom, so that nobody ends the wrong one."""
    where = (who.parts, who.given.initiative)
    what = listed([each.lower() for each in shared_of(who, shared.consent)])
    whom = listed([known.organisation(*where, each) for each in shared.partners]) or "nobody"
    return f"It is about: {what}, shared with {whom}."


@router.get("/own/d/{referral}/{offer}")
async def ask_answer(request: Request, referral: Id, offer: Id) -> Response:
    """Ask whether the need was met."""
    who = await visit(request, "client")
    return asked(who, await _answering(who, referral, offer))


@router.post("/own/d/{referral}/{offer}")
async def answer(request: Request, referral: Id, offer: Id) -> Response:
    """Keep the client's own answer."""
    who, typed = await proved(request, "client"), await typed_of(request)
    asking = await _answering(who, referral, offer)
    data = {"offer_id": offer, **read(asking.fields, typed, lists(who)).values}
    said = {"type": "referral.client_answered", "subject": referral, "data": data}
    return await _said(who, asking, typed, [(who.given, said)])


async def _answering(who: Visit, referral: str, offer: str) -> Asking:
    """Return what is asked of an offer that whoever holds the link may know of.  Raises ProblemError."""
    own = await own_of(who.parts, who.given)
    found = offers(own.client, own.referrals, guardian=who.given.guardian)
    if not any(name == referral and each.id == offer and asks_for_answer(each) for name, each in found):
        raise ProblemError(404, "not-found")
    meaning = "Your answer helps to do better. Nobody stops helping you because of it."
    return Asking(f"/own/d/{referral}/{offer}", "How did it go?", meaning, (_MET, _STOP))


async def _all(who: Visit) -> list[Shared]:
    """Return what is shared at this moment, as far as whoever holds the link may know."""
    own = await own_of(who.parts, who.given)
    return in_force(own.client, now(), guardian=who.given.guardian)


async def _held(who: Visit, consent: str) -> Shared:
    """Return one of those.  Raises ProblemError."""
    found = next((each for each in await _all(who) if each.consent.id == consent), None)
    if found is None:
        raise ProblemError(404, "not-found")
    return found


def _ended(who: Visit, consent: str) -> dict[str, Any]:
    """Return the end of a consent, for a reason that the initiative has a code for."""
    codes = [code for code, _ in lists(who)("consent-reason")]
    wanted = "guardian-asked" if who.given.guardian else "client-asked"
    reason = next((each for each in (wanted, "other", *codes) if each in codes), wanted)
    return {"type": "consent.revoked", "data": {"consent_id": consent, "reason": reason}}


async def _said(who: Visit, asking: Asking, typed: Typed, said: Sequence[tuple[Given, Mapping[str, Any]]]) -> Response:
    """Say it, each under the id that comes with it, and show the client's page; what is wrong stands at its field."""
    faults = read(asking.fields, typed, lists(who)).faults
    if faults:
        return asked(who, asking, typed, faults)
    for given, each in said:
        refused = await say(who.parts, given, typed.one("once"), each)
        if refused is not None:
            return asked(who, asking, typed, {asking.fields[0].name if asking.fields else WHOLE: refused})
    return redirected("/own")
