"""People over HTTP: asking for a link, who one is, what one acts as, and one's own sessions."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, Response

from services.gateway.access import Action
from services.gateway.auth import may
from services.gateway.manual import problems
from services.gateway.parts import parts_of
from services.gateway.people import entrance
from services.gateway.people.address import LONGEST
from services.gateway.people.cookies import BROWSER, SESSION
from services.gateway.people.way import Somebody
from services.gateway.principal import Kind, Principal
from services.gateway.problems import ProblemError

router = APIRouter(tags=["people"])
Signed = Annotated[Principal, Depends(may(Action.SESSION_MANAGE))]


class Asking(BaseModel, extra="forbid"):
    """Who wants to sign in."""

    email: str = Field(max_length=2 * LONGEST, description="Where the link is sent, if somebody has this address.")


class Sent(BaseModel):
    """The same whether anybody has the address."""

    sent: bool = Field(description="Always true.")


class Me(BaseModel):
    """Somebody signed in."""

    person: str = Field(description="The random id by which the log speaks of this person.")
    initiative: str
    partner: str
    roles: list[str] = Field(description="The roles that the log gives this person at the partner.")
    acting: Kind = Field(description="What the person acts as in this session.")
    may_act: list[Kind] = Field(description="What the person may choose to act as.")
    csrf: str = Field(description="Goes into the header `X-CSRF-Token` of whatever changes something.")


class Acting(BaseModel, extra="forbid"):
    """What to act as from now on."""

    acting: Kind


class SessionShown(BaseModel):
    """A session in force."""

    session: str
    opened: datetime
    seen: datetime = Field(description="When it was used last, to the minute.")
    expires: datetime
    current: bool = Field(description="Whether it is the one that asks.")


class SessionsShown(BaseModel):
    """Every session of the person."""

    sessions: list[SessionShown]


@router.post("/signin", operation_id="signIn", status_code=202, response_model=Sent, responses=problems())
async def signin(request: Request, asking: Asking) -> Response:
    """Send a link to sign in by, if somebody has this address.

    The answer is the same for every address. The link opens a session in the browser that this was asked from.
    """
    entrance.limited(request)
    browser = entrance.browser(request)
    await entrance.ask(request, asking.email, browser)
    answer = JSONResponse({"sent": True}, 202)
    parts_of(request).people.cookies.write(answer, BROWSER, browser)
    return answer


@router.get("/me", operation_id="getMe", responses=problems(401, 403))
async def me(request: Request, _: Signed) -> Me:
    """Say who is signed in, and what they act as."""
    return _me(request, somebody_of(request))


@router.put("/me", operation_id="actAs", responses=problems(401, 403))
async def act(request: Request, _: Signed, chosen: Acting) -> Me:
    """Act as something else from now on, among what the person may."""
    who = somebody_of(request)
    if chosen.acting not in who.kinds:
        raise ProblemError(403, "forbidden")
    await parts_of(request).people.sessions.act(who.session.session, chosen.acting)
    told = _me(request, who)
    return told.model_copy(update={"acting": chosen.acting})


@router.get("/sessions", operation_id="listSessions", responses=problems(401, 403))
async def sessions(request: Request, _: Signed) -> SessionsShown:
    """List where one is signed in."""
    who = somebody_of(request).session
    found = await parts_of(request).people.sessions.list(who.person)
    return SessionsShown(
        sessions=[
            SessionShown(
                session=each.session,
                opened=each.opened,
                seen=each.seen,
                expires=each.expires,
                current=each.session == who.session,
            )
            for each in found
        ]
    )


@router.delete("/sessions/{session}", operation_id="endSession", status_code=204, responses=problems(401, 403, 404))
async def end(
    request: Request, _: Signed, session: Annotated[UUID, Path(description="One of the person's own sessions.")]
) -> Response:
    """End one of one's own sessions; the one that asks, too."""
    who, people = somebody_of(request).session, parts_of(request).people
    if not await people.sessions.end(str(session), who.person):
        raise ProblemError(404, "not-found")
    answer = Response(status_code=204)
    if str(session) == who.session:
        people.cookies.write(answer, SESSION, None)
    return answer


def is_signed_in(request: Request) -> bool:
    """Say whether the caller came by a session, and not by a token."""
    return getattr(request.state, "somebody", None) is not None


def somebody_of(request: Request) -> Somebody:
    """Return who is signed in.  Raises ProblemError for a caller that came by a token."""
    found: Somebody | None = getattr(request.state, "somebody", None)
    if found is None:
        raise ProblemError(403, "forbidden")
    return found


def _me(request: Request, who: Somebody) -> Me:
    return Me(
        person=who.session.person,
        initiative=who.session.initiative,
        partner=who.session.partner,
        roles=sorted(who.roles),
        acting=who.principal.kind,
        may_act=list(who.kinds),
        csrf=parts_of(request).people.cookies.proof(who.text),
    )
