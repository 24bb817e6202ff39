"""What needs two people over HTTP: a registrar asks, and another one, signed in, approves or refuses."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel, Field

from events.fields import PartnerId
from services.admission.caller import Partner
from services.gateway.access import Action
from services.gateway.answers import turned_away
from services.gateway.auth import may
from services.gateway.manual import problems
from services.gateway.me import somebody_of
from services.gateway.parts import Parts, parts_of
from services.gateway.people.approvals import Approval, State
from services.gateway.principal import Principal
from services.gateway.problems import ProblemError

router = APIRouter(tags=["approvals"])
Registrar = Annotated[Principal, Depends(may(Action.APPROVAL))]
Named = Annotated[UUID, Path(description="The request's id.")]


class Wish(BaseModel, extra="forbid"):
    """A person who is to be a coordinator."""

    role: Literal["coordinator"]
    partner: PartnerId = Field(description="Whose person it is.")
    person_id: UUID = Field(description="The person's random id.")


class ApprovalShown(BaseModel):
    """A request and what became of it."""

    approval: str
    role: Literal["coordinator"] = "coordinator"
    partner: str
    person_id: str
    state: State = Field(description="`approved` until the event stands on the log; approving it again publishes it.")
    asked_by: str
    asked_at: datetime
    expires: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None
    event: str | None = Field(None, description="The event's id on the log.")


class ApprovalsShown(BaseModel):
    """Requests, the latest first."""

    approvals: list[ApprovalShown]


@router.post("/approvals", operation_id="askApproval", status_code=201, responses=problems(401, 403, 404))
async def ask(request: Request, who: Registrar, wish: Wish) -> ApprovalShown:
    """Ask for what a second person has to approve within seven days."""
    parts = parts_of(request)
    if wish.partner not in parts.admission.standing(who.initiative).members:
        raise ProblemError(404, "not-found")
    made = await parts.people.approvals.ask(who.initiative, wish.partner, str(wish.person_id), _person(who))
    return _shown(made)


@router.get("/approvals", operation_id="listApprovals", responses=problems(401, 403))
async def list_(request: Request, who: Registrar) -> ApprovalsShown:
    """List the initiative's last hundred requests."""
    found = await parts_of(request).people.approvals.list(who.initiative)
    return ApprovalsShown(approvals=[_shown(each) for each in found])


@router.post("/approvals/{approval}/approve", operation_id="approve", responses=problems(401, 403, 404, 409))
async def approve(request: Request, who: Registrar, approval: Named) -> ApprovalShown:
    """Approve as the second person, and publish the event.

    Should the log not answer, the approval stands, and approving once more publishes the event.
    """
    somebody_of(request)
    asked = await _found(request, who, approval)
    if asked.asked_by == who.actor:
        raise ProblemError(403, "second-person-required")
    if asked.state == "waiting":
        asked = await _decided(request, who, asked, approved=True)
    if asked.state == "approved":
        asked = await _published(request, asked)
    if asked.state != "published":
        raise ProblemError(409, "precondition-failed", f"the request is {asked.state}")
    return _shown(asked)


@router.post("/approvals/{approval}/refuse", operation_id="refuse", responses=problems(401, 403, 404, 409))
async def refuse(request: Request, who: Registrar, approval: Named) -> ApprovalShown:
    """Refuse what somebody asked for, or take back what one asked for oneself."""
    somebody_of(request)
    return _shown(await _decided(request, who, await _found(request, who, approval), approved=False))


async def _found(request: Request, who: Principal, approval: UUID) -> Approval:
    found = await parts_of(request).people.approvals.find(who.initiative, str(approval))
    if found is None:
        raise ProblemError(404, "not-found")
    return found


async def _decided(request: Request, who: Principal, asked: Approval, *, approved: bool) -> Approval:
    decided = await parts_of(request).people.approvals.decide(asked, _person(who), approved)
    if decided is None:
        raise ProblemError(409, "precondition-failed", "the request does not wait any more")
    return decided


async def _published(request: Request, asked: Approval) -> Approval:
    """Publish the event of an approved request, always under the same id."""
    parts = parts_of(request)
    standing = parts.admission.standing(asked.initiative)
    asker = Partner(asked.initiative, standing.backbone, asked.asked_by, door="http", as_registrar=True)
    [result] = await parts.admission.admit(replace(asker, approver=asked.decided_by), [_row(asked)])
    if result.problem is not None or result.event is None:
        raise turned_away(result.problem) if result.problem else ProblemError(500, "internal")
    refusal = parts.admission.refusal(result.at) if result.at else None
    if refusal is not None:
        raise ProblemError(409, refusal)
    await parts.people.approvals.published(asked, result.event)
    return await _found_again(parts, asked)


async def _found_again(parts: Parts, asked: Approval) -> Approval:
    found = await parts.people.approvals.find(asked.initiative, asked.approval)
    return found or asked


def _row(asked: Approval) -> bytes:
    time = asked.decided_at or asked.asked_at
    return orjson.dumps(
        {
            "id": f"approval-{asked.approval}",
            "type": "partner.role_assigned",
            "time": time.isoformat(),
            "subject": asked.partner,
            "approver": asked.decided_by,
            "data": {"person_id": asked.person, "role": "coordinator"},
        }
    )


def _person(who: Principal) -> str:
    """Return the person's id.  Raises ProblemError for a caller that is none."""
    if who.actor is None:
        raise ProblemError(403, "forbidden")
    return who.actor


def _shown(asked: Approval) -> ApprovalShown:
    return ApprovalShown(
        approval=asked.approval,
        partner=asked.partner,
        person_id=asked.person,
        state=asked.state,
        asked_by=asked.asked_by,
        asked_at=asked.asked_at,
        expires=asked.expires,
        decided_by=asked.decided_by,
        decided_at=asked.decided_at,
        event=asked.event,
    )
