"""What became of what a caller said: one event by the caller's own id of it, and all that was refused."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, NamedTuple

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from events.fields import Instant
from events.spoken import EmittedId, IdOrOwn
from projections.timeline import TIMELINE
from services.admission.caller import Partner
from services.gateway.access import Action
from services.gateway.auth import may
from services.gateway.conditional import NOT_MODIFIED, answered
from services.gateway.cursor import Cursors, Paged
from services.gateway.manual import problems
from services.gateway.narrowing import Code
from services.gateway.parts import Parts, parts_of
from services.gateway.principal import Principal
from services.gateway.problems import ProblemError
from services.gateway.progress import PROJECTION
from services.gateway.seeing import READS, not_there, shown_at, taking_part
from services.gateway.store import Row

router = APIRouter(tags=["events"])
Speaker = Annotated[Principal, Depends(may(Action.EVENT_POST))]
REFUSALS = "/v1/refusals"
#: What an answer says of an event, as both its own timeline and the initiative's hold it.
_TOLD = ("subject", "type", "happened", "recorded", "outcome", "refusal", "detail", "copies")


class Became(BaseModel):
    """What became of an event that the caller said."""

    id: str = Field(description="The caller's own id of it.")
    event: str = Field(description="Its id on the log.")
    outcome: Literal["applied", "partly", "refused", "parked"]
    code: str | None = Field(description="Why it was refused.")
    detail: str | None = Field(description="Which part of it, or the state that it left an offer in.")
    type: str | None
    subject: str | None
    happened: datetime | None
    recorded: datetime | None
    copies: int | None = Field(description="How often it was sent again.")
    stale: bool
    lag: int


class About(BaseModel):
    """Under which record an event stands; with neither, it is the initiative's own."""

    model_config = ConfigDict(extra="forbid")

    subject: IdOrOwn | None = Field(None, description="The referral that the event is about.")
    client: IdOrOwn | None = Field(None, description="The client that the event names.")
    token: str | None = Field(None, max_length=512, description="Of an answer to a POST: wait until that event shows.")


class RefusalShown(BaseModel):
    """An event of the caller's that stands on the log and changed nothing."""

    event: str = Field(description="Its id on the log, as the answer to it said.")
    code: str
    detail: str | None
    type: str | None
    subject: str | None
    recorded: datetime


class Refusals(BaseModel):
    """Part of what was refused, the latest first."""

    refusals: list[RefusalShown]
    next: str | None = Field(description="Where the list goes on; null at its end.")
    stale: bool
    lag: int


class Which(Paged):
    """Which refusals are wanted."""

    code: Code | None = None
    since: Instant | None = Field(None, description="Recorded at this instant or later.")


class _Said(NamedTuple):
    """The identity of an event on the log."""

    initiative: str
    record: str
    source: str
    event: str


@router.get(
    "/events/{event:path}",
    operation_id="getEvent",
    response_model=Became,
    responses=NOT_MODIFIED | problems(401, 403, 404),
)
async def one(
    request: Request,
    who: Speaker,
    event: Annotated[EmittedId, Path(description="The caller's own id of the event.")],
    about: Annotated[About, Query()],
) -> Response:
    """Say what became of an event, by the id that the caller gave it.

    Name the referral or the client that it was about; events of the initiative and of partners need neither.
    """
    parts = parts_of(request)
    source = _source(who)
    derived = parts.admission.naming.event(who.initiative, source, event)
    said = _Said(who.initiative, await _record(parts, who, about), source, derived)
    if said.record == who.initiative:
        found, lag = await _of_initiative(parts, who, said, about.token), 0
    else:
        found, lag = await _of_cases(parts, who, said, about.token)
    return answered(request, who, {"id": event, "event": derived, **found, "stale": bool(lag), "lag": lag})


@router.get(
    "/refusals",
    operation_id="listRefusals",
    response_model=Refusals,
    responses=NOT_MODIFIED | problems(401, 403),
)
async def refusals(request: Request, who: Speaker, which: Annotated[Which, Query()]) -> Response:
    """List the caller's own events that were refused, the latest first."""
    parts = parts_of(request)
    source = _source(who)
    cursors = Cursors(parts.binding, who, REFUSALS, which.model_dump(mode="json", include={"code", "since"}))
    recorded, *place = cursors.after(which.cursor, 4)
    after = (recorded and datetime.fromisoformat(recorded), *place)
    at = shown_at(parts, who, which.token)
    if at is not None:
        await parts.progress.reach(at)
    async with parts.keep.snapshot(PROJECTION, who.initiative) as transaction:
        lag = await parts.progress.behind(transaction, at)
        asked = (who.initiative, source, which.code, which.since, *after, which.limit + 1)
        rows = await transaction.fetch(READS, "refusals", *asked)
    kept = rows[: which.limit]
    following = cursors.next(which.limit, _place(kept[-1])) if len(rows) > len(kept) else None
    clients = await _clients(parts, who, map(dict, kept))
    shown = [_refusal(row, clients) for row in kept]
    return answered(request, who, {"refusals": shown, "next": following, "stale": bool(lag), "lag": lag})


def _source(who: Principal) -> str:
    """Return what the caller's events bear.  Raises ProblemError where it speaks for no partner."""
    if who.partner is None:
        raise ProblemError(403, "forbidden")
    return Partner(who.initiative, who.partner).source


async def _record(parts: Parts, who: Principal, about: About) -> str:
    """Return the record that the event stands under.  Raises ProblemError for what the caller takes no part in."""
    if about.client is not None:
        found = await parts.vault.find(who.initiative, who.partner or "", [about.client])
        if about.client not in found:
            raise ProblemError(404, "not-found")
        return found[about.client]
    if about.subject is not None:
        return (await taking_part(parts, who, about.subject)).record
    return who.initiative


async def _of_initiative(parts: Parts, who: Principal, said: _Said, token: str | None) -> dict[str, Any]:
    """Return what became of an event of the initiative's own, which admission folds itself."""
    await parts.admission.catch_up(shown_at(parts, who, token))
    row = parts.admission.initiative_store.tables[TIMELINE.name].get(said)
    if row is None:
        raise ProblemError(404, "not-found")
    return _became({name: row[TIMELINE.place(name)] for name in _TOLD})


async def _of_cases(parts: Parts, who: Principal, said: _Said, token: str | None) -> tuple[dict[str, Any], int]:
    at = shown_at(parts, who, token)
    if at is not None:
        await parts.progress.reach(at)
    async with parts.keep.snapshot(PROJECTION, who.initiative) as transaction:
        lag = await parts.progress.behind(transaction, at)
        row = await transaction.one(READS, "event", *said)
        waiting = await transaction.one(READS, "waiting", *said)
    if row is not None:
        clients = await _clients(parts, who, [{"record": said.record, **row}])
        return _became(dict(row) | {"subject": clients.get(row["subject"], row["subject"])}), lag
    if waiting is not None and waiting["parked"]:
        return _became(dict.fromkeys(_TOLD) | {"outcome": "parked"}), lag
    raise not_there(lag)


async def _clients(parts: Parts, who: Principal, rows: Iterable[Mapping[str, Any]]) -> dict[str, str | None]:
    """Return what to call the clients that the events are about: the caller's own names for them.

    Their ids are told to nobody, as partners who compared them would know whom they have in common.
    """
    about = {row["record"] for row in rows if row["subject"] == row["record"]}
    found = await parts.vault.aliases(who.initiative, who.partner or "", about) if about else {}
    return {client: found.get(client) for client in about}


def _became(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"code": row.pop("refusal")}


def _place(row: Row) -> list[Any]:
    return [row["recorded"].isoformat(), row["topic"], row["partition"], row["record_offset"]]


def _refusal(row: Row, clients: Mapping[str, str | None]) -> dict[str, Any]:
    told = {name: row[name] for name in ("code", "detail", "type", "recorded")}
    return told | {"subject": clients.get(row["subject"], row["subject"]), "event": row["id"]}
