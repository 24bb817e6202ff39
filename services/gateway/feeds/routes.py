"""`/v1/feed`: what concerns the caller's partner, by pages and live."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.gateway.access import Action
from services.gateway.auth import may
from services.gateway.conditional import NOT_MODIFIED, answered
from services.gateway.feeds import tickets
from services.gateway.feeds.cursors import LONGEST, Cursors
from services.gateway.feeds.reading import Asked, read, whose
from services.gateway.feeds.sending import MEDIA, Sending
from services.gateway.feeds.shapes import FeedShown
from services.gateway.manual import problems
from services.gateway.parts import parts_of
from services.gateway.principal import Principal

router = APIRouter(tags=["feed"])
Reader = Annotated[Principal, Depends(may(Action.FEED_READ))]
Place = Annotated[
    str | None, Query(max_length=LONGEST, description="The `cursor` of a page: what follows it comes first.")
]
Last = Annotated[
    str | None, Header(max_length=LONGEST, description="The last `id` that was received; it counts before `after`.")
]
Shown = Annotated[str | None, Query(max_length=64, description="A ticket, in place of a token or a session.")]


STREAM: dict[int | str, dict[str, Any]] = {
    200: {"description": "A stream without end.", "content": {MEDIA: {"schema": {"type": "string"}}}},
}


class TicketShown(BaseModel):
    """A ticket that was just made."""

    ticket: str = Field(description="Shown here and never again.")
    expires: datetime


@router.get("/feed", operation_id="getFeed", response_model=FeedShown, responses=NOT_MODIFIED | problems(401, 403))
async def page(request: Request, who: Reader, asked: Annotated[Asked, Query()]) -> Response:
    """Tell what concerns the caller's partner: the newest, or what follows a cursor, oldest first."""
    found = await read(parts_of(request), who, asked)
    return answered(request, who, found.told())


@router.get(
    "/feed/live",
    operation_id="followFeed",
    response_class=Response,
    responses=STREAM | problems(401, 403),
)
async def live(
    request: Request, who: Reader, after: Place = None, last_event_id: Last = None, ticket: Shown = None
) -> Response:
    """Tell what concerns the caller's partner as it happens, as server-sent events.

    Each `entry` has the cursor of one who has seen it as its `id`; an `end` says why nothing more comes.
    """
    parts = parts_of(request)
    cursors = Cursors(parts.binding, who)
    place = last_event_id or after
    begin = None if place is None else cursors.read(place)
    return Sending(parts.live, await parts.live.open(who, whose(who), begin), cursors)


@router.post("/feed/tickets", operation_id="issueTicket", status_code=201, responses=problems(401, 403))
async def ticket(request: Request, who: Reader) -> TicketShown:
    """Give a ticket that opens the caller's live feed once, within a minute."""
    made = await tickets.make(parts_of(request).keep, who)
    return TicketShown(ticket=made.text, expires=made.expires)
