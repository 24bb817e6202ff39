"""`/v1/inbox/results`: what became of what the caller's partner wrote into its inbox."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from events.authority import PARTNER
from events.spoken import EmittedId
from services.admission.inbox import told
from services.admission.publish import At
from services.gateway.access import Action
from services.gateway.auth import may
from services.gateway.conditional import NOT_MODIFIED, answered
from services.gateway.cursor import MOST, USUAL
from services.gateway.manual import problems
from services.gateway.parts import Parts, parts_of
from services.gateway.principal import Principal
from services.gateway.problems import ProblemError
from services.gateway.store import Row

router = APIRouter(tags=["inbox"])
Reader = Annotated[Principal, Depends(may(Action.INBOX_READ))]
SQL = Path(__file__).with_name("inboxes.sql")
PATH = "/v1/inbox/results"


class Which(BaseModel):
    """Which records are wanted."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(USUAL, ge=1, le=MOST)
    after: str | None = Field(
        None, pattern=r"^[0-9]{1,9}:[0-9]{1,18}$", description="What follows this record, as `record` names it."
    )
    id: EmittedId | None = Field(None, description="Only of the event that the caller calls this.")


class ResultShown(BaseModel):
    """What became of one record."""

    record: str = Field(description="How often the inbox was begun anew, and the record's offset there.")
    recorded: datetime = Field(description="When the broker took it.")
    ok: bool = Field(description="Whether it was let in.")
    code: str | None = Field(description="Why it was turned away: an entry of `/v1/codes`.")
    pointer: str | None = Field(description="JSON pointer of the place that is wrong.")
    detail: str | None
    event: str | None = Field(description="The id that the event has on the log; null where none could be read.")
    subject: str | None = Field(description="What it is about, as the caller names it from now on.")
    alias: str | None = Field(description="The caller's own name for the client, where it was given one.")
    token: str | None = Field(description="Shown at a reading, it waits for this event; null until it is on the log.")


class ResultsShown(BaseModel):
    """Part of what became of the records, in their order."""

    results: list[ResultShown]
    next: str | None = Field(description="Where the list goes on; null where nothing more is decided.")
    decided: int = Field(description="Every record before this offset is decided.")


@router.get(
    "/inbox/results",
    operation_id="listInboxResults",
    response_model=ResultsShown,
    responses=NOT_MODIFIED | problems(401, 403, 404),
)
async def results(request: Request, who: Reader, which: Annotated[Which, Query()]) -> Response:
    """List what became of each record of the caller's inbox, the oldest first.

    What a fold says of an event later stands under `/v1/events/{event}`. Results are kept for 31 days.
    """
    parts = parts_of(request)
    inbox = await parts.keep.one(SQL, "inbox", who.partner, who.initiative)
    if inbox is None:
        raise ProblemError(404, "not-found")
    asked = (*_place(which), _event(parts, who, which), which.limit + 1)
    rows = await parts.keep.fetch(SQL, "results", who.partner, *asked)
    kept = [_shown(parts, who, row) for row in rows[: which.limit]]
    following = _next(which, kept[-1]["record"]) if len(rows) > len(kept) else None
    return answered(request, who, {"results": kept, "next": following, "decided": inbox["next_offset"]})


def _place(which: Which) -> tuple[int, int]:
    life, _, offset = (which.after or "0:-1").partition(":")
    return int(life), int(offset)


def _event(parts: Parts, who: Principal, which: Which) -> str | None:
    if which.id is None:
        return None
    return parts.admission.naming.event(who.initiative, f"{PARTNER}{who.partner}", which.id)


def _shown(parts: Parts, who: Principal, row: Row) -> Mapping[str, Any]:
    """Return a row as its partner is told it: where it stands on the log only as a token."""
    found = told(dict(row))
    recorded = found.pop("recorded_at")
    at = None if row["log_offset"] is None else At(_topic(parts, row), row["log_partition"], row["log_offset"])
    return found | {"recorded": recorded, "token": None if at is None else parts.consistency.token(who, at)}


def _topic(parts: Parts, row: Row) -> str:
    return parts.settings.topic_prefix + str(row["topic"])


def _next(which: Which, record: str) -> str:
    asked = which.model_dump(exclude={"after"}, exclude_none=True) | {"after": record}
    return f"{PATH}?{urlencode(asked)}"
