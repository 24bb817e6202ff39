"""A referral that somebody put together is tried, sent, or kept for later; what is wrong leads to its field."""

from dataclasses import replace

from fastapi import Request
from starlette.responses import Response

from events.codes import CODES
from services.gateway.pages.asking import WHOLE, Faults
from services.gateway.pages.desk import Desk
from services.gateway.pages.drafting import Draft, packed
from services.gateway.pages.keeping import kept
from services.gateway.pages.referring import ABOUT, STEP_OF, Plan, Row, rows, written
from services.gateway.pages.saying import Objection, Said, say, tried
from services.gateway.pages.signing import redirected
from services.gateway.pages.staff import proof
from services.gateway.pages.steps import shown
from services.gateway.pages.submissions import fresh

UNKNOWN = "It is not known whether this was sent. Press the button again: it is not sent twice."
UNKNOWN_KEPT = "It is not known whether this was kept. Press the button again: it is not kept twice."
AGAIN = "This was sent already and is another one now. Look at it before you send anything again."


async def tries(request: Request, desk: Desk, draft: Draft, plan: Plan) -> Response:
    """Show what would come of the draft; nothing is said."""
    said = await tried(desk.parts, desk.who, plan.submission, lambda at: written(rows(plan), at))
    return await _judged(request, desk, draft, (plan, said))


async def send(request: Request, desk: Desk, draft: Draft) -> Response:
    plan, step, faults = await desk.plan(draft)
    if plan is None:
        return await at_step(request, desk, replace(draft, step=step), faults)
    said = await say(desk.parts, desk.who, plan.submission, lambda at: written(rows(plan), at))
    if said.end == "said":
        place = f"/referrals/{said.results[-1].subject}"
        return redirected(f"{place}?token={said.token}" if said.token else place)
    return await _judged(request, desk, draft, (plan, said))


async def keep(request: Request, desk: Desk, draft: Draft) -> Response:
    """Keep what is not sent yet, so that a colleague can go on with it as well."""
    plan, step, faults = await desk.kept(draft)
    if plan is None:
        return await at_step(request, desk, replace(draft, step=step), faults)
    planned = kept(plan, desk.reason("other"))
    said = await say(desk.parts, desk.who, plan.submission, lambda at: written(planned, at))
    if said.end == "said":
        place = f"/referrals/{said.results[-1].subject}"
        return redirected(f"{place}?token={said.token}" if said.token else place)
    if said.end == "unknown":
        return await at_step(request, desk, draft, {WHOLE: UNKNOWN_KEPT})
    return await _objected(request, desk, draft, (planned, said))


async def _judged(request: Request, desk: Desk, draft: Draft, came: tuple[Plan, Said]) -> Response:
    """Show what would come of the draft, or the field that an objection is about."""
    plan, said = came
    if said.end == "tried":
        return await at_step(request, desk, draft, plan=plan)
    if said.end == "unknown":
        return await at_step(request, desk, draft, {WHOLE: UNKNOWN}, plan)
    return await _objected(request, desk, draft, (rows(plan), said), plan)


async def _objected(
    request: Request, desk: Desk, draft: Draft, came: tuple[list[Row], Said], plan: Plan | None = None
) -> Response:
    """Show the field that an objection is about."""
    planned, said = came
    objection = said.objections[0]
    if objection.code == "id-reused":
        return await at_step(request, desk, draft, {WHOLE: AGAIN}, plan)
    name, text = _about(planned[objection.row], objection)
    draft = replace(draft, rival=draft.rival or objection.code == "duplicate-open-offer")
    if said.published:
        draft = replace(draft, submission=fresh(), referral=draft.referral or _opened(planned, said))
    step = STEP_OF.get(name, draft.steps[-2])
    return await at_step(request, desk, replace(draft, step=step if step in draft.steps else "service"), {name: text})


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


async def at_step(
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
