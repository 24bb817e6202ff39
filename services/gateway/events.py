"""`POST /v1/events`: one event, an array of them, or a stream without end, onto the log."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Query, Request
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from events.topics import INITIATIVES
from projections.batch import Away
from services.admission.caller import Partner
from services.admission.judging import Terms
from services.admission.problem import UNKNOWN
from services.admission.result import Result
from services.admission.scan import LARGEST
from services.gateway import cloudevents
from services.gateway.access import Action
from services.gateway.answers import Teller, turned_away
from services.gateway.auth import may
from services.gateway.body import Feed, whole
from services.gateway.cloudevents import Mode, mode_of
from services.gateway.elements import elements
from services.gateway.guard import STREAMS
from services.gateway.manual import POST_EVENTS
from services.gateway.parts import Parts, parts_of
from services.gateway.principal import Kind, Principal
from services.gateway.problems import ProblemError, log_unavailable, problem
from services.gateway.rehearsal import rehearsed
from services.gateway.rulings import Ruling
from services.gateway.store import NotServed
from services.gateway.streaming import Streaming

router = APIRouter(tags=["events"])
Speaker = Annotated[Principal, Depends(may(Action.EVENT_POST))]
#: Seconds that an answer may wait for the ruling.
LONGEST_WAIT = 30
#: Bytes of an event in binary mode whose attributes are in the headers.
ONE = LARGEST + (64 << 10)


class Door:
    """One request's way onto the log."""

    def __init__(self, parts: Parts, who: Principal, terms: Terms) -> None:
        self.parts = parts
        self.terms = terms
        self.teller = Teller(who, terms.caller, parts.consistency)

    async def admit(self, rows: Sequence[bytes]) -> list[Result]:
        """Publish the rows."""
        terms = self.terms
        results = await self.parts.admission.admit(terms.caller, rows, backfill=terms.backfill)
        self.count(results)
        return results

    async def rehearse(self, rows: Sequence[bytes]) -> list[tuple[Result, Ruling | None]]:
        """Return what would become of the rows; nothing is known of their rulings before a build is served."""
        terms = self.terms
        decided = await self.parts.admission.rehearse(terms.caller, rows, terms.backfill)
        try:
            rulings = await rehearsed(self.parts, terms.caller.initiative, decided)
        except NotServed:
            rulings = [None] * len(decided)
        return [(each.result, ruling) for each, ruling in zip(decided, rulings, strict=True)]

    async def known(self, results: Sequence[Result]) -> list[Ruling | None]:
        """Return the rulings there are already: of events that were sent before, and of the initiative's own."""
        rulings = [self._folded_here(each) for each in results]
        asked = [(place, each) for place, result in enumerate(results) if (each := self.teller.asked(result))]
        open_ = [(place, each) for place, each in asked if rulings[place] is None]
        try:
            found = await self.parts.rulings.known([each for _, each in open_])
        except Away:
            # They stand on the log whatever PostgreSQL does.
            return rulings
        for (place, _), ruling in zip(open_, found, strict=True):
            rulings[place] = ruling
        return rulings

    async def ruling(self, result: Result, wait: float) -> Ruling | None:
        """Return one event's ruling, for which the caller waits some seconds."""
        here, asked = self._folded_here(result), self.teller.asked(result)
        if here is not None or asked is None:
            return here
        if wait > 0:
            return await self.parts.rulings.wait(asked, wait)
        [known] = await self.known([result])
        return known

    def _folded_here(self, result: Result) -> Ruling | None:
        """Return the ruling of an initiative's event, which admission itself folds before it answers."""
        if result.at is None or result.at.topic != self.parts.settings.topic(INITIATIVES):
            return None
        refusal = self.parts.admission.refusal(result.at)
        return Ruling("applied") if refusal is None else Ruling("refused", refusal)

    def count(self, results: Sequence[Result]) -> None:
        """Count what became of the rows."""
        for each in results:
            self.parts.telemetry.rows.labels(each.problem.code if each.problem else "published").inc()


@router.post("/events", operation_id="postEvents", **POST_EVENTS)
async def post(
    request: Request,
    who: Speaker,
    dry_run: Annotated[
        bool, Query(description="Say what would become of the events now; publish and keep nothing.")
    ] = False,
    wait: Annotated[
        float,
        Query(ge=0, le=LONGEST_WAIT, allow_inf_nan=False, description="Seconds to wait for a single event's ruling."),
    ] = 0,
    backfill: Annotated[
        str | None,
        Query(min_length=1, max_length=128, description="The open window of history that the events belong to."),
    ] = None,
) -> Response:
    """Say what happened.

    Each event is validated, authorised, sealed and kept, or turned away with a code. An answer of success means
    that it stands on the log for good; what the system makes of it is its ruling.
    """
    mode = mode_of(request.headers)
    if wait and mode in (Mode.BATCH, Mode.STREAM):
        raise ProblemError(422, "bad-parameter", parameters=[{"in": "query", "name": "wait"}])
    if who.partner is None:
        raise ProblemError(403, "forbidden")
    parts = parts_of(request)
    acts = who.kind is Kind.REGISTRAR
    caller = Partner(who.initiative, who.partner, who.actor, door="http", as_registrar=acts)
    door = Door(parts, who, Terms(caller, dry_run, backfill))
    if mode is Mode.STREAM:
        request.scope["state"][STREAMS] = True
        return Streaming(_lines(door, Feed(request)), Mode.STREAM)
    if mode is Mode.BATCH:
        return await _array(door, await elements(await whole(request)))
    body = await whole(request, ONE)
    row = cloudevents.row_of(request.headers, body) if mode is Mode.BINARY else body
    return await _single(door, row, wait)


async def _single(door: Door, row: bytes, wait: float) -> Response:
    if door.terms.dry_run:
        [(result, ruling)] = await door.rehearse([row])
    else:
        [result] = await door.admit([row])
        ruling = await door.ruling(result, wait) if result.problem is None else None
    if result.problem is not None:
        raise turned_away(result.problem, id=result.id)
    told = door.teller.row(result, ruling, dry_run=door.terms.dry_run)
    if wait and ruling is not None and ruling.outcome == "refused" and not door.terms.dry_run:
        raise ProblemError(409, ruling.code or "unreadable", ruling.detail, **_without(told, "row", "ok", "ruling"))
    settled = door.terms.dry_run or (ruling is not None and ruling.outcome != "parked")
    return _json(200 if settled else 202, told)


async def _array(door: Door, rows: Sequence[bytes]) -> Response:
    dry_run = door.terms.dry_run
    if dry_run:
        told = [door.teller.row(*each, dry_run=True) for each in await door.rehearse(rows)]
    else:
        results = await door.admit(rows)
        rulings = await door.known(results)
        told = [door.teller.row(result, ruling) for result, ruling in zip(results, rulings, strict=True)]
    if any(each.get("code") == UNKNOWN for each in told):
        raise log_unavailable(results=told)
    good = sum(each["ok"] for each in told)
    return _json(200, {"published": 0 if dry_run else good, "turned_away": len(told) - good, "results": told})


async def _lines(door: Door, feed: Feed) -> AsyncGenerator[bytes, None]:
    """Yield the answers as lines; what ends the stream early is its last line, a problem that names the next row."""
    done = 0
    try:
        async with aclosing(_rehearsed(door, feed) if door.terms.dry_run else _published(door, feed)) as answers:
            async for told in answers:
                done += len(told)
                yield b"".join(orjson.dumps(each, option=orjson.OPT_APPEND_NEWLINE) for each in told)
                if any(each.get("code") == UNKNOWN for each in told):
                    # What follows might otherwise come before what has to be sent again.
                    feed.halt()
                    ended = log_unavailable()
                    break
            else:
                return
    except ClientDisconnect:
        return
    except Away:
        ended = ProblemError(503, "store-unavailable")
    except ProblemError as error:
        ended = error
    last = problem(ended.status, ended.code, ended.detail, next_row=done)
    yield orjson.dumps(last, option=orjson.OPT_APPEND_NEWLINE)


async def _published(door: Door, feed: Feed) -> AsyncGenerator[list[dict[str, Any]], None]:
    async with aclosing(feed.batches()) as batches, aclosing(door.parts.admission.answers(door.terms, batches)) as all_:
        async for results in all_:
            door.count(results)
            yield [door.teller.row(each) for each in results]


async def _rehearsed(door: Door, feed: Feed) -> AsyncGenerator[list[dict[str, Any]], None]:
    done = 0
    async with aclosing(feed.batches()) as batches:
        async for rows in batches:
            found = await door.rehearse(rows)
            yield [door.teller.row(each._replace(row=done + each.row), ruling, dry_run=True) for each, ruling in found]
            done += len(rows)


def _json(status: int, told: dict[str, Any]) -> Response:
    return Response(orjson.dumps(told), status, media_type="application/json")


def _without(told: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in told.items() if name not in names}
