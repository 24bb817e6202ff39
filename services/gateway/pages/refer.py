"""The pages on which staff send a referral: who and what, to which service, what the person agreed to, and a look
at all of it before it is sent."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from events.fields import UUID_PATTERN
from projections.referral.state import Offer, draft_of
from projections.referral.transitions import OPEN
from services.gateway.access import Action
from services.gateway.accounting import account_status
from services.gateway.owed import disputed
from services.gateway.pages.desk import Desk
from services.gateway.pages.drafting import Draft, unpacked
from services.gateway.pages.fields import Typed
from services.gateway.pages.html import page, tag
from services.gateway.pages.known import known
from services.gateway.pages.referring import NEW
from services.gateway.pages.route import PageRoute
from services.gateway.pages.sending import at_step, keep, send, tries
from services.gateway.pages.signing import redirected
from services.gateway.pages.staff import REFER, staff, typed, ways
from services.gateway.pages.whom import of_class
from services.gateway.parts import parts_of
from services.gateway.seeing import disclosed, looked
from services.gateway.speaking import speaker

router = APIRouter(route_class=PageRoute, include_in_schema=False)
Referral = Annotated[str, Path(pattern=UUID_PATTERN)]


@router.get(REFER)
async def begin(request: Request) -> Response:
    """Begin a referral."""
    desk = await _desk(request)
    return await at_step(request, desk, Draft())


@router.get("/referrals/{referral}/offer")
async def again(
    request: Request, referral: Referral, draft: Annotated[str, Query(pattern=UUID_PATTERN)] = ""
) -> Response:
    """Begin to offer a referral that nobody has taken on to somebody, or go on with an offer in preparation."""
    desk = await _desk(request)
    parts, who, now = desk.parts, desk.who, desk.known.now
    place, sight, _ = await looked(parts, who, referral, None, now)
    await account_status(parts, who, [disclosed(place, sight, who, ["status"], now)])
    lead = sight.standing.offer
    if sight.role != "sender" or (lead is not None and (lead.status in OPEN or _met(lead))):
        return redirected(f"/referrals/{referral}")
    said = [("need", sight.referral.need), ("area", sight.referral.area or "")]
    replaces = lead.id if lead is not None else None
    prepared = draft_of(sight.referral, draft)
    if draft and (prepared is None or prepared.discarded):
        return redirected(f"/referrals/{referral}")
    if prepared is not None and prepared.service:
        said.append(("service_id", of_class(prepared.to_class) if prepared.to_class else prepared.service))
    made = Draft(step="service", typed=Typed(said), referral=referral, replaces=replaces, taken_up=draft or None)
    return await at_step(request, desk, made)


def _met(offer: Offer) -> bool:
    return offer.status == "completed" and not disputed(offer)


@router.post(REFER)
async def go(request: Request) -> Response:
    """Take what was typed at a step, and go on, back, or send it all."""
    desk = await _desk(request)
    now = await typed(request)
    draft = unpacked(desk.parts, desk.who, now.one("draft"))
    if draft is None:
        again = tag("p", tag("a", "Begin again", href=REFER))
        return page("This form is too old", tag("p", "Nothing was sent."), again, status=400, nav=ways(REFER))
    way = now.one("go")
    await desk.laid(draft)
    if way == "send" and draft.step == "preview":
        return await send(request, desk, draft)
    names = [name for field in desk.fields(_chosen(draft, now)) for name in field.names]
    if way == "keep":
        return await keep(request, desk, draft.with_typed(names, now))
    if way == "back":
        return await at_step(request, desk, draft.with_typed(names, now).beside(-1))
    return await _onwards(request, desk, draft, now.pairs(names))


def _chosen(draft: Draft, now: Typed) -> Draft:
    """Return the draft with the consent that was chosen just now, on which it depends what else is asked."""
    return draft.with_typed(["consent_id"], now) if draft.step == "agreement" else draft


async def _onwards(request: Request, desk: Desk, draft: Draft, pairs: list[tuple[str, str]]) -> Response:
    now = Typed(pairs)
    names = [name for field in desk.fields(_chosen(draft, now)) for name in field.names]
    typed_in = draft.with_typed(names, now)
    if draft.step == "agreement" and now.one("consent_id") == NEW and not now.pairs(["subject_capacity", "form"]):
        return await at_step(request, desk, typed_in)
    found = await desk.answers(typed_in)
    if found.faults:
        return await at_step(request, desk, typed_in, found.faults)
    following = typed_in.beside(1)
    if following.step != "preview":
        return await at_step(request, desk, following)
    await desk.laid(following)
    plan, step, faults = await desk.plan(following)
    if plan is None:
        return await at_step(request, desk, replace(following, step=step), faults)
    return await tries(request, desk, following, plan)


async def _desk(request: Request) -> Desk:
    who = await staff(request, Action.EVENT_POST)
    parts = parts_of(request)
    speaker(parts, who)
    return Desk(parts, who, await known(parts, who))
