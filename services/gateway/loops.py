"""How loops close: live figures, as they were, and the events behind them."""

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from services.gateway.access import Action, Reach, granted
from services.gateway.accounting import PURPOSE, Shown, account
from services.gateway.auth import may
from services.gateway.conditional import NOT_MODIFIED, answered
from services.gateway.cursor import Cursors
from services.gateway.loopshapes import (
    EventsShown,
    LoopsShown,
    Which,
    WhichEvents,
    WhichFigures,
    event_shown,
    figures_shown,
)
from services.gateway.manual import problems
from services.gateway.parts import Parts, parts_of
from services.gateway.principal import Kind, Principal
from services.gateway.problems import ProblemError
from services.gateway.progress import now
from services.measurement.asking import CannotBeCut, Question, Scope, protected_partners
from services.measurement.loops import Behind, Place, behind
from services.measurement.loops import loops as read

router = APIRouter(tags=["figures"])
Reader = Annotated[Principal, Depends(may(Action.LOOPS_READ))]
PROJECTION = "measurement"
EVENTS = "/v1/loops/events"
#: Months that are read at once: those asked for at most, and when nothing is said.
MOST_MONTHS, USUAL_MONTHS = 60, 12


@router.get(
    "/loops",
    operation_id="getLoops",
    response_model=LoopsShown,
    response_model_exclude_unset=True,
    responses=NOT_MODIFIED | problems(401, 403),
)
async def loops(request: Request, who: Reader, which: Annotated[WhichFigures, Query()]) -> Response:
    """Count how loops closed, by the month they were sent: a partner's own, or all of them where that is agreed."""
    parts = parts_of(request)
    asked = await _question(parts, who, which, which.by)
    async with parts.keep.snapshot(PROJECTION, who.initiative) as transaction:
        found = await read(transaction.connection, asked)
    await _account(parts, who, [Shown(who.partner or "", who.partner or "", ["loop-figures"], PURPOSE)])
    head = {"at": found.moment and found.moment.at, "maturity_days": asked.maturity_days}
    return answered(request, who, head | figures_shown(found))


@router.get(
    "/loops/events",
    operation_id="listLoopEvents",
    response_model=EventsShown,
    responses=NOT_MODIFIED | problems(401, 403),
)
async def events(request: Request, who: Reader, which: Annotated[WhichEvents, Query()]) -> Response:
    """List the events that a figure counts; protected loops are listed to those who take part in them alone."""
    parts = parts_of(request)
    asked = await _question(parts, who, which, [])
    cursors = Cursors(parts.binding, who, EVENTS, which.model_dump(mode="json", exclude={"limit", "cursor"}))
    after = _place(cursors.after(which.cursor, 5))
    async with parts.keep.snapshot(PROJECTION, who.initiative) as transaction:
        found = await behind(transaction.connection, asked, which.figure, after, which.limit)
    await _account(parts, who, _listed(found))
    following = found.next and cursors.next(which.limit, [found.next.at.isoformat(), *found.next[1:]])
    by_day = asked.scope.by_day
    shown = [event_shown(each, who.partner or "", by_day=by_day) for each in found.events]
    return answered(request, who, {"at": found.moment and found.moment.at, "events": shown, "next": following})


async def _question(parts: Parts, who: Principal, which: Which, by: list[Any]) -> Question:
    """Return what the caller may ask.  Raises ProblemError where it cannot be asked."""
    await parts.admission.catch_up()
    first, last = _span(which)
    days = which.maturity_days
    try:
        return Question(
            _scope(parts, who),
            of=which.of,
            cuts=frozenset(by),
            first=first,
            last=last,
            as_of=which.as_of,
            maturity_days=parts.admission.standing(who.initiative).maturity_days if days is None else days,
            only=which.only(),
        )
    except CannotBeCut:
        raise _wrong("of") from None


def _scope(parts: Parts, who: Principal) -> Scope:
    """Return whose loops the caller reads: those it sends or receives, or all where that is its task."""
    standing = parts.admission.standing(who.initiative)
    analyst = who.partner == standing.backbone and who.actor in standing.analysts
    grant = granted(Action.LOOPS_READ, who)
    reach = grant.reach if grant else Reach.OWN
    if reach is not Reach.ALL and not (reach is Reach.ANALYST and analyst):
        return Scope(who.initiative, own=who.partner, hidden=None)
    member = standing.members.get(who.partner or "")
    if who.kind is Kind.COORDINATOR and not (member and member.agreed and member.active):
        raise ProblemError(403, "forbidden")
    offered = [(each.partner, each.programme_class) for each in standing.services.values()]
    return Scope(who.initiative, hidden=protected_partners(offered, standing.protected), by_day=True)


def _span(which: Which) -> tuple[date, date]:
    last = _month(which.last) or now().date().replace(day=1)
    first = _month(which.first) or _earlier(last, USUAL_MONTHS - 1)
    if not _earlier(last, MOST_MONTHS - 1) <= first <= last:
        raise _wrong("first")
    return first, last


def _month(said: str | None) -> date | None:
    return None if said is None else date.fromisoformat(f"{said}-01")


def _earlier(month: date, months: int) -> date:
    number = month.year * 12 + month.month - 1 - months
    return date(number // 12, number % 12 + 1, 1)


def _wrong(name: str) -> ProblemError:
    return ProblemError(422, "bad-parameter", parameters=[{"in": "query", "name": name}])


def _place(ended: list[Any]) -> Place | None:
    return None if ended[0] is None else Place(datetime.fromisoformat(ended[0]), *ended[1:])


def _listed(found: Behind) -> list[Shown]:
    """Return each client of whom an event is listed, once for each referral."""
    about = {(each["record"], each["referral"] or each["record"]) for each in found.events}
    return [Shown(client, subject, ["loop-events"], PURPOSE) for client, subject in sorted(about)]


async def _account(parts: Parts, who: Principal, shown: list[Shown]) -> None:
    """Put on record that it is shown, where the table asks for it."""
    grant = granted(Action.LOOPS_READ, who)
    if grant is not None and grant.disclosed:
        await account(parts, who, shown)
