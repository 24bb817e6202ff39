"""Two registrars or coordinators, signed in, decide whether two ids are one person's; then it is said on the log."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from services.gateway.access import Action
from services.gateway.auth import may
from services.gateway.manual import problems
from services.gateway.me import somebody_of
from services.gateway.oneperson.asking import LinkAsked, shown
from services.gateway.oneperson.decisions import Reason, approved, refused
from services.gateway.oneperson.requests import LinkRequest, LinkRequests
from services.gateway.parts import Parts, parts_of
from services.gateway.principal import Principal
from services.gateway.protection import is_protected

router = APIRouter(tags=["approvals"])
Decider = Annotated[Principal, Depends(may(Action.CLIENT_LINK_DECIDE))]
Named = Annotated[UUID, Path(description="The request's id.")]
#: Seconds that an answer waits for the rulings at most, and where nothing is said.
LONGEST_WAIT, USUAL_WAIT = 30, 10
Wait = Annotated[
    float, Query(ge=0, le=LONGEST_WAIT, allow_inf_nan=False, description="Seconds to wait for what became of it.")
]
NOT_KNOWN: dict[int | str, dict[str, Any]] = {
    202: {"description": "It is approved and said, and what the rules make of it is not known yet."},
}


class Refusal(BaseModel):
    """Why it is refused."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    reason: Reason


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


@router.post(
    "/client-links/{link}/approve", operation_id="approveLink", responses=NOT_KNOWN | problems(401, 403, 404, 409)
)
async def approve(
    request: Request, answer: Response, who: Decider, link: Named, wait: Wait = USUAL_WAIT
) -> LinkToDecide:
    """Approve as one of two persons; with the second one it is said under both ids.

    The state says what became of it. Should the log not answer, or it take longer until that is known, the approval
    stands, and approving once more says the same events and asks again.
    """
    person, parts = somebody_of(request).session.person, parts_of(request)
    asked, known = await approved(parts, who, person, link, wait)
    if not known:
        answer.status_code = 202
    return _told(parts, who, asked)


@router.post("/client-links/{link}/refuse", operation_id="refuseLink", responses=problems(401, 403, 404, 409))
async def refuse(request: Request, who: Decider, link: Named, why: Refusal | None = None) -> LinkToDecide:
    """Refuse what still waits, with a reason that the partner reads where one is given; one person is enough."""
    person, parts = somebody_of(request).session.person, parts_of(request)
    return _told(parts, who, await refused(parts, who, person, link, None if why is None else why.reason))


def _told(parts: Parts, who: Principal, asked: LinkRequest) -> LinkToDecide:
    hidden = is_protected(parts, who, asked.partner)
    return LinkToDecide.model_validate(
        shown(asked)
        | {"asked_by": None if hidden else asked.partner}
        | {"first_by": asked.first_by, "second_by": asked.second_by, "refused_by": asked.refused_by}
    )
