"""A partner that knows a person under two ids asks that they be linked, or unlinked again."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from events.spoken import UUID_OR_OWN
from services.admission.caller import Partner
from services.gateway.access import Action
from services.gateway.agreed import serves
from services.gateway.auth import may
from services.gateway.manual import problems
from services.gateway.me import is_signed_in
from services.gateway.oneperson.requests import LinkRequest, LinkRequests, State
from services.gateway.parts import Parts, parts_of
from services.gateway.principal import Principal
from services.gateway.problems import ProblemError
from services.gateway.speaking import speaker

router = APIRouter(tags=["clients"])
LONGEST = 132
NAME = "`own:<id>`, or the caller's alias."
Client = Annotated[str, Path(pattern=UUID_OR_OWN, max_length=LONGEST, description=f"The client: {NAME}")]
Other = Annotated[str, Path(pattern=UUID_OR_OWN, max_length=LONGEST, description=f"The other one: {NAME}")]


async def reader(request: Request, who: Annotated[Principal, Depends(may(Action.CLIENT_LINK))]) -> Partner:
    """Return the partner whose requests they are; a client asks one that knows both ids.  Raises ProblemError."""
    return speaker(parts_of(request), who)


async def asker(request: Request, caller: Annotated[Partner, Depends(reader)]) -> Partner:
    """Return the partner that asks.  Raises ProblemError.

    Those who approve are of the backbone.  There a person asks, signed in: a token says of nobody that it is not they.
    """
    backbone = parts_of(request).admission.standing(caller.initiative).backbone
    if caller.partner == backbone and not is_signed_in(request):
        raise ProblemError(403, "second-person-required", "at the backbone somebody asks who is signed in")
    return caller


Asker = Annotated[Partner, Depends(asker)]
Reader = Annotated[Partner, Depends(reader)]


class OtherNamed(BaseModel):
    """The other id of the same person."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    other: Annotated[str, StringConstraints(pattern=UUID_OR_OWN, max_length=LONGEST)] = Field(
        description=f"The other client: {NAME}", examples=["own:4712"]
    )


class LinkAsked(BaseModel):
    """What was asked, without a word of whom: by its id partners and backbone speak of it."""

    request: str
    action: Literal["link", "unlink"]
    state: State = Field(
        description="`approved` until it is known what became of the events; approving again says them and asks again. "
        "The rules may refuse what was approved: `not-applied`, or `partly-applied` where one of the two ids took it."
    )
    code: str | None = Field(description="Why the rules refused it: an entry of `/v1/codes`.")
    reason: str | None = Field(description="Why somebody refused it, where they said so.")
    asked_at: datetime
    expires: datetime


class LinksAsked(BaseModel):
    """Requests, the latest first."""

    requests: list[LinkAsked]


@router.post("/clients/{client}/links", operation_id="askLink", status_code=201, responses=problems(401, 403, 404, 409))
async def link(request: Request, caller: Asker, client: Client, named: OtherNamed) -> LinkAsked:
    """Ask that two ids be taken for one person's; two persons of the backbone decide within thirty days.

    The caller knows both. Asking again while it waits finds the same request. No record moves when they are linked.
    """
    return await _asked(parts_of(request), caller, (client, named.other), link=True)


@router.delete(
    "/clients/{client}/links/{other}",
    operation_id="askUnlink",
    status_code=202,
    responses=problems(401, 403, 404, 409),
)
async def unlink(request: Request, caller: Asker, client: Client, other: Other) -> LinkAsked:
    """Ask that two ids be taken for two persons' again; that, too, takes two persons of the backbone."""
    return await _asked(parts_of(request), caller, (client, other), link=False)


@router.get("/clients/{client}/links", operation_id="listLinksAsked", responses=problems(401, 403, 404))
async def list_(request: Request, caller: Reader, client: Client) -> LinksAsked:
    """List what the caller's partner asked about this client, and what became of it."""
    parts = parts_of(request)
    known = await _clients(parts, caller, (client,))
    found = await LinkRequests(parts.keep).of_client(caller.initiative, caller.partner, known[0])
    return LinksAsked(requests=[LinkAsked.model_validate(shown(each)) for each in found])


async def _asked(parts: Parts, caller: Partner, names: tuple[str, str], *, link: bool) -> LinkAsked:
    one, two = await _clients(parts, caller, names)
    if one == two:
        raise ProblemError(409, "already-exists", "both names are of the same id")
    asker = (caller.initiative, caller.partner, caller.actor)
    return LinkAsked.model_validate(shown(await LinkRequests(parts.keep).ask(asker, (one, two), link=link)))


async def _clients(parts: Parts, caller: Partner, names: tuple[str, ...]) -> list[str]:
    """Return the ids on the log; raises ProblemError, `not-found`, for whom the caller does not know."""
    found = await parts.vault.find(caller.initiative, caller.partner, names)
    if not found.keys() >= set(names):
        raise ProblemError(404, "not-found")
    records = [found[name] for name in names]
    for record in records:
        if not await serves(parts, caller, record):
            raise ProblemError(404, "not-found")
    return records


def shown(asked: LinkRequest) -> dict[str, object]:
    """Return what anybody who may know of a request is told of it."""
    return {
        "request": asked.request,
        "action": "link" if asked.link else "unlink",
        "state": asked.state,
        "code": asked.code,
        "reason": asked.reason,
        "asked_at": asked.asked_at,
        "expires": asked.expires,
    }
