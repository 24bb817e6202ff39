"""A batch taken back: planned from where things stand, said on the partner's behalf, and what the rules made of it."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import NamedTuple

import orjson

from projections.batch import Away
from services.admission.admission import Admission
from services.admission.caller import Partner
from services.admission.result import Result
from services.admission.wiring import opened
from services.gateway.rulings import Asked, Ruling, Rulings
from services.gateway.store import Keep
from services.ops.gathering import named
from services.ops.operator import operating
from services.ops.undo.finding import Wanted, found
from services.ops.undo.plan import Batch, batches, planned
from services.ops.undo.row import row
from services.ops.undo.standing import applied, standing
from services.ops.undo.step import State, Step, Taken
from services.runtime.settings import Settings

#: Seconds that the rulings are waited for, where nothing is said.
PATIENCE_S = 30.0


class Sent(NamedTuple):
    """The batch: who sent it under which correlation id; the initiative is needed when several are open."""

    partner: str
    correlation: str
    initiative: str | None = None


class Plan(NamedTuple):
    """What takes the batch back, and the rows of those steps that are said."""

    caller: Partner
    #: What was said by mistake, as far as it was applied.
    said: list[Batch]
    steps: list[Step]
    rows: list[bytes]


class Undone(NamedTuple):
    """Each step; and of those that are said what became of it: at the door, and by the rules where that is known."""

    steps: list[Step]
    results: list[Result]
    rulings: list[Ruling | None]


async def taken_back(
    settings: Settings,
    sent: Sent,
    advance: Callable[[int], None],
    *,
    dry_run: bool = False,
    wait: float = PATIENCE_S,
) -> Undone:
    """Say what takes the batch back, and wait so many seconds for what the rules make of it.

    What has ended by that, or had before, is said to be an error next, so that no figure counts it: said at once, it
    would end what somebody accepts at this moment, where a recall is refused.

    `advance` is told how many records of the log were read.  Raises InitiativeUnknown and NothingFolded.
    """
    async with opened(settings) as admission:
        plan = await plan_of(settings, admission, sent, advance)
        if dry_run:
            results = await admission.admit(plan.caller, plan.rows, dry_run=True)
            return Undone(plan.steps, results, [None] * len(results))
        undone = await say(settings, admission, plan, wait)
        if not undone.rulings or not all(each is not None and each.outcome == "applied" for each in undone.rulings):
            return undone
        following = await say(settings, admission, await replanned(settings, admission, sent, plan), wait)
        said = [*taken(undone.steps), *following.steps]
        return Undone(said, undone.results + following.results, undone.rulings + following.rulings)


async def plan_of(settings: Settings, admission: Admission, sent: Sent, advance: Callable[[int], None]) -> Plan:
    """Return what takes the batch back from where things stand now.  Raises InitiativeUnknown and NothingFolded."""
    caller = Partner(named(admission.initiative_store, sent.initiative), sent.partner)
    name = admission.naming.correlation(caller.initiative, caller.source, sent.correlation)
    events = await found(settings, Wanted(caller.initiative, caller.source, name), advance)
    said = batches(await applied(settings, caller.initiative, events))
    return await replanned(settings, admission, sent, Plan(caller, said, [], []))


async def replanned(settings: Settings, admission: Admission, sent: Sent, plan: Plan) -> Plan:
    """Return what takes the same batch back from where things stand now."""
    states = await standing(settings, plan.caller.initiative, plan.said)
    steps = planned(plan.said, states)
    planned_from = [(step, states[step.subject]) for step in taken(steps)]
    rows = await _rows(admission, plan.caller, sent.correlation, planned_from)
    return plan._replace(steps=steps, rows=rows)


async def say(settings: Settings, admission: Admission, plan: Plan, wait: float) -> Undone:
    """Say it, and wait for the rulings: what was planned may not fit any more, and then it is refused."""
    # Opened before: once it is said, nothing may come between that and the answer.
    pool = await operating(settings, "manyhands undo", size=2)
    rulings = Rulings(Keep(pool))
    try:
        results = await admission.admit(plan.caller, plan.rows)
        return Undone(plan.steps, results, await _known(rulings, plan.caller, results, wait))
    finally:
        await rulings.close()
        await pool.close()


def taken(steps: Sequence[Step]) -> list[Taken]:
    """Return the steps that are said."""
    return [step for step in steps if isinstance(step, Taken)]


async def _rows(
    admission: Admission, caller: Partner, correlation: str, planned_from: list[tuple[Taken, State]]
) -> list[bytes]:
    """Return the rows as the partner would send them."""
    clients = {step.subject for step, _ in planned_from if step.client}
    names = await admission.vault.aliases(caller.initiative, caller.partner, clients)
    now = datetime.now(UTC)
    return [orjson.dumps(row(step, state, now, correlation, names)) for step, state in planned_from]


async def _known(rulings: Rulings, caller: Partner, results: Sequence[Result], wait: float) -> list[Ruling | None]:
    """Return the rulings as far as they are known in time; the events stand on the log whatever PostgreSQL does."""
    asked = {place: each for place, result in enumerate(results) if (each := _asked(caller, result)) is not None}
    known: list[Ruling | None] = []
    with suppress(Away):
        known = await rulings.settled(list(asked.values()), wait)
    told = dict(zip(asked, known, strict=False))
    return [told.get(place) for place in range(len(results))]


def _asked(caller: Partner, result: Result) -> Asked | None:
    if result.at is None or result.record is None or result.event is None or result.digest is None:
        return None
    return Asked(caller.initiative, result.record, caller.source, result.event, result.digest, result.at)
