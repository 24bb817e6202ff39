"""How referrals stand, for those who take part in them."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from events.spoken import UUID_OR_OWN
from services.gateway.access import Action
from services.gateway.accounting import account_status
from services.gateway.auth import may
from services.gateway.conditional import NOT_MODIFIED, answered
from services.gateway.cursor import Paged
from services.gateway.listing import Asked, listed
from services.gateway.manual import problems
from services.gateway.parts import parts_of
from services.gateway.principal import Principal
from services.gateway.progress import now
from services.gateway.seeing import disclosed, looked
from services.gateway.shapes import Page, Whole, summary, whole
from services.gateway.timeline import Timeline, told

router = APIRouter(tags=["referrals"])
Reader = Annotated[Principal, Depends(may(Action.REFERRAL_READ))]
Name = Annotated[
    str,
    Path(pattern=UUID_OR_OWN, max_length=132, description="The referral's id, or `own:<id>` to whom opened it."),
]
Token = Annotated[str | None, Query(max_length=512, description="Of an answer to a POST: wait until that event shows.")]


@router.get(
    "/referrals",
    operation_id="listReferrals",
    response_model=Page,
    responses=NOT_MODIFIED | problems(401, 403),
)
async def list_(request: Request, who: Reader, asked: Annotated[Asked, Query()]) -> Response:
    """List the referrals that the caller sent, and those whose leading offer went to it."""
    parts = parts_of(request)
    moment = now()
    page = await listed(parts, who, asked, moment)
    clients = await parts.vault.aliases(who.initiative, who.partner or "", {place.record for place, _ in page.seen})
    await account_status(parts, who, [disclosed(place, sight, who, ["status"], moment) for place, sight in page.seen])
    shown = [summary(sight, place.referral, clients.get(place.record)) for place, sight in page.seen]
    return answered(request, who, {"referrals": shown, "next": page.next, "stale": bool(page.lag), "lag": page.lag})


@router.get(
    "/referrals/{referral}",
    operation_id="getReferral",
    response_model=Whole,
    responses=NOT_MODIFIED | problems(401, 403, 404),
)
async def one(request: Request, who: Reader, referral: Name, token: Token = None) -> Response:
    """Say how a referral stands: its offers, its deadlines, and who owes the next step."""
    parts = parts_of(request)
    moment = now()
    place, sight, lag = await looked(parts, who, referral, token, moment)
    clients = await parts.vault.aliases(who.initiative, who.partner or "", [place.record])
    await account_status(parts, who, [disclosed(place, sight, who, ["status"], moment)])
    shown = whole(sight, place.referral, clients.get(place.record), moment)
    return answered(request, who, shown | {"stale": bool(lag), "lag": lag})


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
    page: Annotated[Paged, Query()],
) -> Response:
    """Tell what was said about a referral, the caller's own refused claims included."""
    parts = parts_of(request)
    moment = now()
    (place, sight, lag), entries, following = await told(parts, who, referral, page, moment)
    await account_status(parts, who, [disclosed(place, sight, who, ["timeline"], moment)])
    return answered(request, who, {"entries": entries, "next": following, "stale": bool(lag), "lag": lag})
