"""Who was given or shown what about a client: the account that 42 CFR 2.24 has a person be given."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from events.spoken import UUID_OR_OWN
from services.disclosure.account import PERIOD, Line
from services.gateway.access import Action
from services.gateway.accounted import Account, accounted, telling
from services.gateway.auth import may
from services.gateway.conditional import CACHE, NOT_MODIFIED, answered
from services.gateway.cursor import MOST, USUAL
from services.gateway.disclosureshapes import COLUMNS, Disclosures
from services.gateway.manual import problems
from services.gateway.parts import parts_of
from services.gateway.principal import Principal
from services.gateway.progress import now
from services.gateway.sheets import CSV, MEDIA, form_of, headed, times, written

router = APIRouter(tags=["disclosures"])
Name = Annotated[
    str,
    Path(pattern=UUID_OR_OWN, max_length=132, description="The client: `own:<id>`, or the caller's alias."),
]
JSON = "application/json"
FILE: dict[int | str, dict[str, Any]] = {
    200: {"content": {CSV: {"schema": {"type": "string", "description": "The same as CSV, one disclosure a line."}}}},
}


class Wanted(BaseModel):
    """Which part of the account is wanted."""

    model_config = ConfigDict(extra="forbid")

    days: int = Field(PERIOD.days, ge=1, le=36_525, description="How far back; three years where nothing is said.")
    limit: int = Field(USUAL, ge=1, le=MOST)
    cursor: str | None = Field(None, max_length=512, description="Of the page before, in its `next`.")
    format: Literal["json", "csv"] | None = Field(None, description="Else by `Accept`.")
    bom: bool = Field(False, description="Begin CSV with a byte order mark, for older spreadsheets.")


@router.get(
    "/clients/{client}/disclosures",
    operation_id="listDisclosures",
    response_model=Disclosures,
    responses=FILE | NOT_MODIFIED | problems(401, 403, 404, 406),
)
async def list_(
    request: Request,
    who: Annotated[Principal, Depends(may(Action.DISCLOSURE_READ))],
    client: Name,
    wanted: Annotated[Wanted, Query()],
) -> Response:
    """List to whom something about a client of the caller's was disclosed, when, what, and under which consent.

    The caller is told of the offers that it sent, was sent or claimed; of its own readings; and of those of what it
    told itself: of the referrals that it sent, and of the client where it registered them. What others told, they are
    asked about.
    """
    parts = parts_of(request)
    form = wanted.format or form_of(request, {JSON: "json", CSV: "csv"})
    since = now() - timedelta(days=wanted.days)
    found = await accounted(parts, who, client, since, wanted)
    if form == "json":
        shown = [_shown(found, who, line) for line in found.lines]
        return answered(request, who, {"disclosures": shown, "next": found.next})
    zone = parts.admission.standing(who.initiative).zone or ZoneInfo("UTC")
    return _file(found, zone, wanted)


def _file(found: Account, zone: ZoneInfo, wanted: Wanted) -> Response:
    body = headed(COLUMNS, "csv", bom=wanted.bom) + written(_rows(found, zone), COLUMNS, "csv")
    headers = {"Cache-Control": CACHE, "Content-Disposition": 'attachment; filename="disclosures.csv"'}
    if found.next is not None:
        headers["Link"] = f'<{found.next}>; rel="next"'
    return Response(body, 200, headers, MEDIA["csv"])


def _rows(found: Account, zone: ZoneInfo) -> Sequence[Mapping[str, Any]]:
    return [
        times("recorded", line.recorded, zone)
        | times("disclosed", line.at, zone)
        | telling(found, line)
        | {"fields": " ".join(line.fields)}
        for line in found.lines
    ]


def _shown(found: Account, who: Principal, line: Line) -> dict[str, Any]:
    own = line.reader == who.partner
    return telling(found, line) | {
        "event": line.event,
        "own": own,
        "actor": line.actor if line.by == who.partner else None,
        "happened": line.happened,
        "recorded": line.recorded,
        "disclosed": line.at,
        "fields": list(line.fields),
    }
