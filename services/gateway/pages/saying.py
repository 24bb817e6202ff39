"""What a person says by a form: tried first, said once however often it is sent, and its rulings waited for."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from services.admission.judging import Terms
from services.admission.problem import UNKNOWN
from services.admission.result import Result
from services.gateway.events import Door
from services.gateway.pages.submissions import claim, sent_at
from services.gateway.parts import Parts
from services.gateway.principal import Principal
from services.gateway.progress import now
from services.gateway.rulings import Ruling
from services.gateway.speaking import speaker

#: Seconds that a page waits to learn what became of what was said.
WAIT_S = 8.0
#: The rows of a form at the time at which it was sent first.
Rows = Callable[[datetime], Sequence[bytes]]


class Objection(NamedTuple):
    """Why one of the rows is not taken: its place among them, a code, and where in it."""

    row: int
    code: str
    pointer: str = ""
    detail: str | None = None


class Said(NamedTuple):
    """What came of a form."""

    #: `tried` and nothing published; `objected` to before or after; `unknown` whether the log has it; else `said`.
    end: Literal["tried", "objected", "unknown", "said"]
    results: Sequence[Result] = ()
    objections: Sequence[Objection] = ()
    #: Waits for what was said, where nothing is known of its ruling yet.
    token: str | None = None
    #: Something of it stands on the log.
    published: bool = False


async def tried(parts: Parts, who: Principal, submission: str, rows: Rows) -> Said:
    """Return what would come of the form; nothing is published."""
    door = _door(parts, who)
    at = await sent_at(parts.keep, who, submission) or now()
    rehearsed = await door.rehearse(rows(at))
    objections = [found for place, each in enumerate(rehearsed) if (found := _objection(place, *each))]
    return Said("objected" if objections else "tried", [result for result, _ in rehearsed], objections)


async def say(parts: Parts, who: Principal, submission: str, rows: Rows) -> Said:
    """Publish all of the form's rows, or none of them when one would not be taken.

    Raises Away and ProblemError; sent again, it is the same events, and they change nothing.
    """
    before = await tried(parts, who, submission, rows)
    if before.objections:
        return before
    door = _door(parts, who)
    results = await door.admit(rows(await claim(parts.keep, who, submission, now())))
    if any(each.problem is not None and each.problem.code == UNKNOWN for each in results):
        return Said("unknown", results, published=True)
    # Whoever knows of the last of one client's knows of all of theirs.
    for latest in {each.record: each for each in results}.values():
        await door.ruling(latest, WAIT_S)
    rulings = await door.known(results)
    told = enumerate(zip(results, rulings, strict=True))
    objections = [found for place, each in told if (found := _objection(place, *each))]
    last = results[-1].at
    token = parts.consistency.token(who, last) if last is not None and None in rulings else None
    return Said("objected" if objections else "said", results, objections, token, published=True)


def _door(parts: Parts, who: Principal) -> Door:
    return Door(parts, who, Terms(speaker(parts, who)))


def _objection(place: int, result: Result, ruling: Ruling | None) -> Objection | None:
    if result.problem is not None:
        return Objection(place, result.problem.code, result.problem.pointer, result.problem.detail)
    if ruling is not None and ruling.outcome == "refused":
        return Objection(place, ruling.code or "unreadable", "", ruling.detail)
    return None
