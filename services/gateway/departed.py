"""`/v1/departed`: what partners that take no part left open, in counts: nobody is named, and somebody has to know."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from services.admission.standing import Absence
from services.gateway.access import Action
from services.gateway.auth import may
from services.gateway.conditional import NOT_MODIFIED, answered
from services.gateway.cursor import MOST, USUAL
from services.gateway.manual import problems
from services.gateway.narrowing import Slug
from services.gateway.parts import Parts, parts_of
from services.gateway.principal import Principal

router = APIRouter(tags=["directory"])
Registrar = Annotated[Principal, Depends(may(Action.DEPARTED_READ))]
SQL = Path(__file__).with_name("departed.sql")
PROJECTION = "referral"


class Which(BaseModel):
    """Which partners are wanted."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(USUAL, ge=1, le=MOST)
    after: Slug | None = Field(None, description="Those whose id comes after this one, as `next` names it.")


class DepartedShown(BaseModel):
    """A partner that takes no part, and how many of its referrals are open."""

    partner: str
    how: Literal["left", "suspended"]
    since: datetime
    untaken: int = Field(description="Somebody was asked, and nobody has taken them on.")
    taken: int = Field(description="Somebody took them on, and they have not ended.")


class DepartedsShown(BaseModel):
    """Partners that take no part, by id."""

    partners: list[DepartedShown]
    next: str | None


@router.get(
    "/departed",
    operation_id="listDeparted",
    response_model=DepartedsShown,
    responses=NOT_MODIFIED | problems(401, 403),
)
async def departed(request: Request, who: Registrar, which: Annotated[Which, Query()]) -> Response:
    """Count for each partner that left or is suspended which of its referrals are open: no person, and no referral."""
    parts = parts_of(request)
    await parts.admission.catch_up()
    found = _absent(parts, who, which.after or "")
    page = found[: which.limit]
    counts = await _left_open(parts, who, [name for name, _ in page])
    partners = [_shown(name, absence, counts.get(name, {})) for name, absence in page]
    following = page[-1][0] if len(found) > len(page) else None
    return answered(request, who, {"partners": partners, "next": following})


def _absent(parts: Parts, who: Principal, after: str) -> list[tuple[str, Absence]]:
    """Return who takes no part, by id, behind this one."""
    members = parts.admission.standing(who.initiative).members
    return sorted((name, each.absence) for name, each in members.items() if each.absence is not None and name > after)


async def _left_open(parts: Parts, who: Principal, partners: list[str]) -> dict[str, dict[str, Any]]:
    async with parts.keep.snapshot(PROJECTION, who.initiative) as transaction:
        rows = await transaction.fetch(SQL, "left_open", who.initiative, partners)
    return {row["sender"]: dict(row) for row in rows}


def _shown(partner: str, absence: Absence, counts: dict[str, Any]) -> dict[str, Any]:
    numbers = {name: counts.get(name, 0) for name in ("untaken", "taken")}
    return {"partner": partner, "how": absence.how, "since": absence.since.isoformat(), **numbers}
