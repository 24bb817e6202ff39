"""`manyhands undo`: take back a batch that a partner sent by mistake."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, NamedTuple

import orjson
import typer
import uvloop

from events.authority import PARTNER, partner_of
from services.admission.admission import Admission
from services.admission.caller import Partner
from services.admission.result import Result
from services.admission.wiring import opened
from services.ops.bar import bar
from services.ops.gathering import named
from services.ops.shown import AsJson, print_json, print_table
from services.ops.undo.finding import Wanted, found
from services.ops.undo.plan import batches, planned
from services.ops.undo.row import row
from services.ops.undo.standing import applied, standing
from services.ops.undo.step import Left, State, Step, Taken
from services.runtime.logging import configure_command
from services.runtime.settings import Settings

#: Exit codes: something was turned away; the log did not answer and the same may be sent again.
TURNED_AWAY, LOG_UNAVAILABLE = 1, 3
#: Lines shown of what a person has to decide.
SHOWN = 50

app = typer.Typer(help="Take back a batch that was sent by mistake.")


@app.command()
def undo(
    source: Annotated[str, typer.Option(help="Who sent it: a partner's id, or its source as a URN.")],
    correlation: Annotated[str, typer.Option(help="The correlation id that its events were sent with.")],
    initiative: Annotated[str | None, typer.Option(help="The initiative; needed when several are open.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be said; publish nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say, on the partner's behalf, what fits to take the batch back from where things stand now.

    Nothing is edited or removed: an offer nobody answered is recalled, one that was accepted is asked to be
    cancelled, and so on.  What only a person can decide is listed.  Said twice it changes nothing more.
    Exit codes: 0 all said, 1 some turned away, 3 the log did not answer (run it again).
    """
    partner = partner_of(source) or source
    settings = Settings.from_env()
    configure_command()
    steps, results = uvloop.run(_undo(settings, Sent(partner, correlation, initiative), dry_run=dry_run))
    _tell(partner, steps, results, as_json=as_json, dry_run=dry_run)
    raise typer.Exit(_exit_code(results))


Steps = list[Step]


class Sent(NamedTuple):
    """The batch: who sent it under which correlation id; the initiative is needed when several are open."""

    partner: str
    correlation: str
    initiative: str | None = None


async def _undo(settings: Settings, sent: Sent, *, dry_run: bool) -> tuple[Steps, list[Result]]:
    with bar() as progress:
        progress.step("reading", None)
        return await taken_back(settings, sent, progress.advance, dry_run=dry_run)


async def taken_back(
    settings: Settings, sent: Sent, advance: Callable[[int], None], *, dry_run: bool = False
) -> tuple[Steps, list[Result]]:
    """Say what takes the batch back; return each step with, of those that are said, what became of it.

    `advance` is told how many records of the log were read.  Raises InitiativeUnknown and NothingFolded.
    """
    async with opened(settings) as admission:
        caller = Partner(named(admission.initiative_store, sent.initiative), sent.partner)
        name = admission.naming.correlation(caller.initiative, caller.source, sent.correlation)
        events = await found(settings, Wanted(caller.initiative, caller.source, name), advance)
        said = batches(await applied(settings, caller.initiative, events))
        states = await standing(settings, caller.initiative, said)
        steps = planned(said, states)
        planned_from = [(step, states[step.subject]) for step in _taken(steps)]
        rows = await _rows(admission, caller, sent.correlation, planned_from)
        return steps, await admission.admit(caller, rows, dry_run=dry_run)


async def _rows(
    admission: Admission, caller: Partner, correlation: str, planned_from: list[tuple[Taken, State]]
) -> list[bytes]:
    """Return the rows as the partner would send them."""
    clients = {step.subject for step, _ in planned_from if step.client}
    names = await admission.vault.aliases(caller.initiative, caller.partner, clients)
    now = datetime.now(UTC)
    return [orjson.dumps(row(step, state, now, correlation, names)) for step, state in planned_from]


def _taken(steps: Steps) -> list[Taken]:
    return [step for step in steps if isinstance(step, Taken)]


def _tell(partner: str, steps: Steps, results: list[Result], *, as_json: bool, dry_run: bool) -> None:
    taken = _taken(steps)
    left = [step for step in steps if isinstance(step, Left)]
    if as_json:
        answered = [
            {"type": step.type, "about": step.subject, "undoes": step.undoes, **result.described()}
            for step, result in zip(taken, results, strict=True)
        ]
        print_json({"dry_run": dry_run, "said": answered, "left": [vars(step) for step in left]})
        return
    counts = Counter((step.type, _became(result, dry_run=dry_run)) for step, result in zip(taken, results, strict=True))
    lines = [{"event": name, "became": became, "count": count} for (name, became), count in counts.items()]
    print_table("Taken back", lines, ("event", "became", "count"), "Nothing of this batch is left to take back.")
    if left:
        shown = [vars(step) for step in left[:SHOWN]]
        print_table(f"{len(left)} for a person to decide", shown, ("subject", "said", "why"), "")
    if taken and not dry_run:
        typer.echo(f"What the rules refuse of it is told by: manyhands refusals list --source {PARTNER}{partner}")


def _became(result: Result, *, dry_run: bool) -> str:
    if result.problem is not None:
        return f"turned away: {result.problem.code}"
    return "would be said" if dry_run else "said"


def _exit_code(results: list[Result]) -> int:
    codes = {result.problem.code for result in results if result.problem is not None}
    return LOG_UNAVAILABLE if "log-unavailable" in codes else TURNED_AWAY if codes else 0
