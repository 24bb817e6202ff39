"""How referrals stand, and stood, for those who take part in them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from events.fields import Instant
from events.spoken import UUID_OR_OWN
from services.gateway.access import Action
from services.gateway.accounting import account_status
from services.gateway.auth import may
from services.gateway.conditional import NOT_MODIFIED, answered
from services.gateway.listing import Asked, listed
from services.gateway.manual import problems
from services.gateway.naming import naming
from services.gateway.parts import parts_of
from services.gateway.past import Row, stood
from services.gateway.principal import Principal
from services.gateway.problems import ProblemError
from services.gateway.progress import now
from services.gateway.seeing import Look, disclosed, looking, names_shown
from services.gateway.shapes import Page, Whole, summary, whole
from services.gateway.timeline import Past, Timeline, history_rows, told

router = APIRouter(tags=["referrals"])
Reader = Annotated[Principal, Depends(may(Action.REFERRAL_READ))]
Name = Annotated[
    str,
    Path(pattern=UUID_OR_OWN, max_length=132, description="The referral's id, or `own:<id>` to whom opened it."),
]
Token = Annotated[str | None, Query(max_length=512, description="Of an answer to a POST: wait until that event shows.")]
AsOf = Annotated[Instant | None, Query(description="How it stood by what was recorded at this instant or before.")]


@router.get(
    "/referrals",
    operation_id="listReferrals",
    response_model=Page,
    responses=NOT_MODIFIED | problems(401, 403),
)
async def list_(request: Request, who: Reader, asked: Annotated[Asked, Query()]) -> Response:
    """List the referrals that the caller sent, those that it was asked to meet, and what it could claim of its class's.

    Each stands as the offers do that the caller may know of.
    """
    parts = parts_of(request)
    moment = now()
    page = await listed(parts, who, asked, moment)
    clients = await names_shown(parts, who, page.seen, moment)
    shown = [summary(sight, place.referral, clients.get(place.record)) for place, sight in page.seen]
    return answered(request, who, {"referrals": shown, "next": page.next, "stale": bool(page.lag), "lag": page.lag})


@router.get(
    "/referrals/{referral}",
    operation_id="getReferral",
    response_model=Whole,
    responses=NOT_MODIFIED | problems(401, 403, 404),
)
async def one(request: Request, who: Reader, referral: Name, token: Token = None, as_of: AsOf = None) -> Response:
    """Say how a referral stands: its offers, its deadlines, and who owes the next step.

    With `as_of` it says how it stood by what was recorded until then, as far as the caller may see it now. That is
    worked out from its timeline: states, times, outcomes, reasons and expected ends are exact, as far as the caller
    may know what was said; counts of an offer that went on afterwards are left out.
    """
    parts = parts_of(request)
    moment = now()
    async with looking(parts, who, referral, token, moment) as (look, transaction):
        shown = look if as_of is None else _then(look, await history_rows(parts, transaction, who, look), as_of)
    clients = await parts.vault.names(who.initiative, who.partner or "", [look.place.record])
    await account_status(parts, who, [disclosed(look.place, look.sight, who, ["status"], moment)])
    told_of = whole(
        shown.sight, look.place.referral, clients.get(look.place.record), as_of or moment, naming(parts, who)
    )
    return answered(request, who, told_of | {"stale": bool(look.lag), "lag": look.lag})


def _then(look: Look, rows: Sequence[Row], as_of: datetime) -> Look:
    """Return the look with what was on record at the instant.  Raises ProblemError where it was not yet."""
    referral = stood(rows, look.sight.referral, look.sight.offers, as_of)
    if referral is None:
        raise ProblemError(404, "not-found")
    return look._replace(sight=replace(look.sight, referral=referral, offers=referral.offers))


@router.get(
    "/referrals/{referral}/timeline",
    operation_id="getTimeline",
    response_model=Timeline,
    responses=NOT_MODIFIED | problems(401, 403, 404),
)
async def timeline(
    request: Request,
    who: Reader,
    referral: Name,
    page: Annotated[Past, Query()],
) -> Response:
    """Tell what was said about a referral, the caller's own refused claims included, and how long it stood where."""
    parts = parts_of(request)
    moment = now()
    (place, sight, lag), entries, states, following = await told(parts, who, referral, page, moment)
    await account_status(parts, who, [disclosed(place, sight, who, ["timeline"], moment)])
    found = {"entries": entries, "states": states, "next": following}
    return answered(request, who, found | {"stale": bool(lag), "lag": lag})
