"""The pages on which staff send a referral: who and what, to which service, what the person agreed to, and a look
at all of it before it is sent."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from events.codes import CODES
from events.fields import UUID_PATTERN
from projections.referral.state import draft_of
from projections.referral.transitions import OPEN
from services.gateway.access import Action
from services.gateway.accounting import account_status
from services.gateway.pages.asking import WHOLE, Faults
from services.gateway.pages.desk import Desk
from services.gateway.pages.drafting import Draft, packed, unpacked
from services.gateway.pages.fields import Typed
from services.gateway.pages.html import page, tag
from services.gateway.pages.known import known
from services.gateway.pages.referring import ABOUT, NEW, STEP_OF, Plan, Row, kept, rows, written
from services.gateway.pages.route import PageRoute
from services.gateway.pages.saying import Objection, Said, say, tried
from services.gateway.pages.signing import redirected
from services.gateway.pages.staff import REFER, proof, staff, typed, ways
from services.gateway.pages.steps import shown
from services.gateway.pages.submissions import fresh
from services.gateway.parts import parts_of
from services.gateway.seeing import disclosed, looked
from services.gateway.speaking import speaker

router = APIRouter(route_class=PageRoute, include_in_schema=False)
Referral = Annotated[str, Path(pattern=UUID_PATTERN)]
UNKNOWN = "It is not known whether this was sent. Press the button again: it is not sent twice."
UNKNOWN_KEPT = "It is not known whether this was kept. Press the button again: it is not kept twice."
AGAIN = "This was sent already and is another one now. Look at it before you send anything again."


@router.get(REFER)
async def begin(request: Request) -> Response:
    """Begin a referral."""
    desk = await _desk(request)
    return await _step(request, desk, Draft())


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
    if sight.role != "sender" or (lead is not None and (lead.status in OPEN or lead.status == "completed")):
        return redirected(f"/referrals/{referral}")
    said = [("need", sight.referral.need), ("area", sight.referral.area or "")]
    replaces = lead.id if lead is not None else None
    prepared = draft_of(sight.referral, draft)
    if draft and (prepared is None or prepared.discarded):
        return redirected(f"/referrals/{referral}")
    if prepared is not None and prepared.service:
        said.append(("service_id", prepared.service))
    made = Draft(step="service", typed=Typed(said), referral=referral, replaces=replaces, taken_up=draft or None)
    return await _step(request, desk, made)


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
        return await _send(request, desk, draft)
    names = [name for field in desk.fields(_chosen(draft, now)) for name in field.names]
    if way == "keep":
        return await _keep(request, desk, draft.with_typed(names, now))
    if way == "back":
        return await _step(request, desk, draft.with_typed(names, now).beside(-1))
    return await _onwards(request, desk, draft, now.pairs(names))


def _chosen(draft: Draft, now: Typed) -> Draft:
    """Return the draft with the consent that was chosen just now, on which it depends what else is asked."""
    return draft.with_typed(["consent_id"], now) if draft.step == "agreement" else draft


async def _onwards(request: Request, desk: Desk, draft: Draft, pairs: list[tuple[str, str]]) -> Response:
    now = Typed(pairs)
    names = [name for field in desk.fields(_chosen(draft, now)) for name in field.names]
    typed_in = draft.with_typed(names, now)
    if draft.step == "agreement" and now.one("consent_id") == NEW and not now.pairs(["subject_capacity", "form"]):
        return await _step(request, desk, typed_in)
    found = await desk.answers(typed_in)
    if found.faults:
        return await _step(request, desk, typed_in, found.faults)
    following = typed_in.beside(1)
    if following.step != "preview":
        return await _step(request, desk, following)
    await desk.laid(following)
    plan, step, faults = await desk.plan(following)
    if plan is None:
        return await _step(request, desk, replace(following, step=step), faults)
    said = await tried(desk.parts, desk.who, plan.submission, lambda at: written(rows(plan), at))
    return await _judged(request, desk, following, (plan, said))


async def _send(request: Request, desk: Desk, draft: Draft) -> Response:
    plan, step, faults = await desk.plan(draft)
    if plan is None:
        return await _step(request, desk, replace(draft, step=step), faults)
    said = await say(desk.parts, desk.who, plan.submission, lambda at: written(rows(plan), at))
    if said.end == "said":
        place = f"/referrals/{said.results[-1].subject}"
        return redirected(f"{place}?token={said.token}" if said.token else place)
    return await _judged(request, desk, draft, (plan, said))


async def _keep(request: Request, desk: Desk, draft: Draft) -> Response:
    """Keep what is not sent yet, so that a colleague can go on with it as well."""
    plan, faults = await desk.kept(draft)
    if plan is None:
        return await _step(request, desk, replace(draft, step="need"), faults)
    planned = kept(plan, desk.reason("other"))
    said = await say(desk.parts, desk.who, plan.submission, lambda at: written(planned, at))
    if said.end == "said":
        place = f"/referrals/{said.results[-1].subject}"
        return redirected(f"{place}?token={said.token}" if said.token else place)
    if said.end == "unknown":
        return await _step(request, desk, draft, {WHOLE: UNKNOWN_KEPT})
    objection = said.objections[0]
    if objection.code == "id-reused":
        return await _step(request, desk, draft, {WHOLE: AGAIN})
    name, text = _about(planned[objection.row], objection)
    step = STEP_OF.get(name, draft.step)
    return await _step(request, desk, replace(draft, step=step if step in draft.steps else "service"), {name: text})


async def _judged(request: Request, desk: Desk, draft: Draft, came: tuple[Plan, Said]) -> Response:
    """Show what would come of the draft, or the field that an objection is about."""
    plan, said = came
    if said.end == "tried":
        return await _step(request, desk, draft, plan=plan)
    if said.end == "unknown":
        return await _step(request, desk, draft, {WHOLE: UNKNOWN}, plan)
    objection, planned = said.objections[0], rows(plan)
    if objection.code == "id-reused":
        return await _step(request, desk, draft, {WHOLE: AGAIN}, plan)
    name, text = _about(planned[objection.row], objection)
    draft = replace(draft, rival=draft.rival or objection.code == "duplicate-open-offer")
    if said.published:
        draft = replace(draft, submission=fresh(), referral=draft.referral or _opened(planned, said))
    step = STEP_OF.get(name, draft.steps[-2])
    return await _step(request, desk, replace(draft, step=step if step in draft.steps else "service"), {name: text})


def _opened(planned: list[Row], said: Said) -> str | None:
    """Return the referral that stands although the offer does not: it is the one to be offered again."""
    objected = {each.row for each in said.objections}
    opened = (each for each, row in enumerate(planned) if row.type == "referral.requested" and each not in objected)
    place = next(opened, None)
    return None if place is None else said.results[place].subject


def _about(row: Row, objection: Objection) -> tuple[str, str]:
    named = ABOUT.get((row.type, objection.pointer)) or ABOUT.get((row.type, objection.code), WHOLE)
    meaning = CODES[objection.code].text
    return named, f"{meaning} ({objection.detail})" if objection.detail else meaning


async def _desk(request: Request) -> Desk:
    who = await staff(request, Action.EVENT_POST)
    parts = parts_of(request)
    speaker(parts, who)
    return Desk(parts, who, await known(parts, who))


async def _step(
    request: Request, desk: Desk, draft: Draft, faults: Faults | None = None, plan: Plan | None = None
) -> Response:
    """Show the draft's step, with what is wrong there."""
    if faults is None:
        await desk.laid(draft)
        draft = desk.settled(draft)
    elif draft.step != "preview":
        await desk.laid(draft)
    carried = packed(desk.parts, desk.who, draft), proof(request)
    return shown(desk, draft, carried, faults or {}, plan)
