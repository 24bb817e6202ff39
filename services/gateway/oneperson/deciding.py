"""Two registrars or coordinators, signed in, decide whether two ids are one person's; then it is said on the log."""

from datetime import UTC
from typing import Annotated
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel, Field

from events.authority import SYSTEM, VAULT
from services.admission.caller import System
from services.gateway.access import Action
from services.gateway.answers import turned_away
from services.gateway.auth import may
from services.gateway.manual import problems
from services.gateway.me import somebody_of
from services.gateway.oneperson.asking import LinkAsked, shown
from services.gateway.oneperson.requests import LinkRequest, LinkRequests
from services.gateway.parts import Parts, parts_of
from services.gateway.principal import Principal
from services.gateway.problems import ProblemError
from services.gateway.protection import is_protected

router = APIRouter(tags=["approvals"])
Decider = Annotated[Principal, Depends(may(Action.CLIENT_LINK_DECIDE))]
Named = Annotated[UUID, Path(description="The request's id.")]


class LinkToDecide(LinkAsked):
    """A request to link or unlink, as who decides sees it: of the two clients it tells nothing."""

    asked_by: str | None = Field(description="The partner that asked, and can be asked why; null where protected.")
    first_by: str | None
    second_by: str | None
    refused_by: str | None


class LinksToDecide(BaseModel):
    """Requests, the latest first."""

    requests: list[LinkToDecide]


@router.get("/client-links", operation_id="listLinksToDecide", responses=problems(401, 403))
async def list_(request: Request, who: Decider) -> LinksToDecide:
    """List the initiative's last hundred requests to link or unlink two ids of clients."""
    parts = parts_of(request)
    await parts.admission.catch_up()
    found = await LinkRequests(parts.keep).all(who.initiative)
    return LinksToDecide(requests=[_told(parts, who, each) for each in found])


@router.post("/client-links/{link}/approve", operation_id="approveLink", responses=problems(401, 403, 404, 409))
async def approve(request: Request, who: Decider, link: Named) -> LinkToDecide:
    """Approve as one of two persons; with the second one it is said under both ids.

    Should the log not answer, the approval stands, and approving once more publishes the events.
    """
    person, parts = somebody_of(request).session.person, parts_of(request)
    requests = LinkRequests(parts.keep)
    asked = await _found(requests, who, link)
    if asked.state == "waiting":
        if person in (asked.person, asked.first_by):
            raise ProblemError(403, "second-person-required")
        if not await requests.approve(asked, person):
            raise _late()
        asked = await _found(requests, who, link)
    if asked.state == "approved":
        await _publish(parts, asked)
        await requests.published(asked)
        asked = await _found(requests, who, link)
    if asked.state in ("refused", "expired"):
        raise _late()
    return _told(parts, who, asked)


@router.post("/client-links/{link}/refuse", operation_id="refuseLink", responses=problems(401, 403, 404, 409))
async def refuse(request: Request, who: Decider, link: Named) -> LinkToDecide:
    """Refuse what still waits; one person is enough."""
    person, parts = somebody_of(request).session.person, parts_of(request)
    requests = LinkRequests(parts.keep)
    if not await requests.refuse(await _found(requests, who, link), person):
        raise _late()
    return _told(parts, who, await _found(requests, who, link))


async def _found(requests: LinkRequests, who: Principal, link: UUID) -> LinkRequest:
    found = await requests.find(who.initiative, str(link))
    if found is None:
        raise ProblemError(404, "not-found")
    return found


def _late() -> ProblemError:
    return ProblemError(409, "precondition-failed", "the request does not wait any more")


async def _publish(parts: Parts, asked: LinkRequest) -> None:
    """Say it under each of the two ids, always as the same events.  Raises ProblemError."""
    caller = System(asked.initiative, VAULT.removeprefix(SYSTEM))
    for result in await parts.admission.admit(caller, said(asked)):
        if result.problem is not None:
            raise turned_away(result.problem)


def said(asked: LinkRequest) -> list[bytes]:
    """Return the two events of an approved request: the same bytes whenever they are said again."""
    if asked.approved_at is None:
        raise ValueError("the request is not approved")
    common = {
        "type": "client.linked" if asked.link else "client.unlinked",
        "time": asked.approved_at.astimezone(UTC).isoformat(),
        "actor": asked.first_by,
        "approver": asked.second_by,
    }
    pairs = ((asked.client, asked.other), (asked.other, asked.client))
    return [
        orjson.dumps(
            common
            | {"id": f"link-{asked.request}-{number}", "subject": one, "partitionkey": one}
            | {"data": {"other_client": other}}
        )
        for number, (one, other) in enumerate(pairs, 1)
    ]


def _told(parts: Parts, who: Principal, asked: LinkRequest) -> LinkToDecide:
    hidden = is_protected(parts, who, asked.partner)
    return LinkToDecide.model_validate(
        shown(asked)
        | {"asked_by": None if hidden else asked.partner}
        | {"first_by": asked.first_by, "second_by": asked.second_by, "refused_by": asked.refused_by}
    )
