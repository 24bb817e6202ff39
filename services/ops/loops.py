"""`manyhands loops`: how loops close, in four rates and never one, and the events behind each figure."""

import asyncio
from datetime import datetime
from typing import Annotated, Any

import typer

from services.measurement.asking import CUTS, CannotBeCut, Cut, Figure, Of, Question, Scope, protected_partners
from services.measurement.loops import Behind, Line, Loops, Place, behind
from services.measurement.loops import loops as read
from services.ops.gathering import gathered, named, states
from services.ops.loops_shown import as_csv, as_json, as_tables, events_shown
from services.ops.month import month
from services.ops.reading import serving
from services.ops.shown import AsJson, Limit, print_json
from services.runtime.moment import moment
from services.runtime.settings import Settings

Initiative = Annotated[str | None, typer.Option(help="The id of the initiative; needed when several are open.")]
Counted = Annotated[Of, typer.Option("--of", help="Count each need once, or each offer that was made.")]
First = Annotated[str | None, typer.Option("--from", help="The first month sent, such as 2026-03.")]
Last = Annotated[str | None, typer.Option("--to", help="The last month sent, itself included.")]
AsOf = Annotated[
    datetime | None,
    typer.Option(
        "--as-of",
        formats=["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M%z"],
        help="What it was at this instant, by what was recorded, as in 2026-04-30T00:00Z.",
        show_default="now",
    ),
]
Maturity = Annotated[
    int | None, typer.Option(min=0, max=3650, help="Days until it counts as known.", show_default="the policy's")
]
Only = Annotated[
    list[str] | None, typer.Option(help="Narrow it, as in sender=clinic; an empty value means none.  May be repeated.")
]

#: What makes the ids that readers at the gateway are told.
_TOLD_BY = frozenset({"apart", "joined", "at", "tie", "digest"})
app = typer.Typer(invoke_without_command=True, help="Show how loops close: four rates, never one.")


@app.callback()
def main(context: typer.Context) -> None:
    """Show how loops close: four rates, never one, and the events behind each figure."""
    if context.invoked_subcommand is None:
        as_tables(asyncio.run(figures(Settings.from_env(), None, {})), ["month"])


@app.command("figures")
def shown(  # noqa: PLR0913, PLR0917 - a command's options are its parameters
    initiative: Initiative = None,
    of: Counted = "needs",
    by: Annotated[
        list[str] | None, typer.Option(help=f"One of {', '.join(CUTS)}; may be repeated.", show_default="month")
    ] = None,
    first: First = None,
    last: Last = None,
    as_of: AsOf = None,
    maturity: Maturity = None,
    only: Only = None,
    json: AsJson = False,
    csv: Annotated[bool, typer.Option("--csv", help="Answer as comma-separated lines, the figures alone.")] = False,
) -> None:
    """Show the figures of each cohort: months of UTC, by when the first offer was sent.

    Every rate is told as two counts; what is not yet mature may still grow.
    """
    cuts = [cut for cut in CUTS if cut in _known(by or ["month"])]
    asked = _asked(of=of, cuts=frozenset(cuts), span=(first, last), as_of=as_of, maturity=maturity, only=only)
    found = asyncio.run(figures(Settings.from_env(), initiative, asked))
    if json:
        print_json(as_json(found))
    elif csv:
        typer.echo(as_csv(found), nl=False)
    else:
        as_tables(found, cuts)


@app.command()
def events(  # noqa: PLR0913, PLR0917 - a command's options are its parameters
    figure: Annotated[Figure, typer.Argument(help="The count whose events to list.")],
    initiative: Initiative = None,
    of: Counted = "needs",
    first: First = None,
    last: Last = None,
    as_of: AsOf = None,
    maturity: Maturity = None,
    only: Only = None,
    after: Annotated[str | None, typer.Option(help="Where the page before ended.")] = None,
    limit: Limit = 50,
    json: AsJson = False,
) -> None:
    """List the events that a figure counts, in the order they were recorded; those of protected loops are left out."""
    asked = _asked(of=of, span=(first, last), as_of=as_of, maturity=maturity, only=only)
    page = _page(after, limit)
    found = asyncio.run(listed(Settings.from_env(), initiative, asked, figure, page))
    if json:
        print_json({"events": [_plain(each) for each in found.events], "next": found.next and _said(found.next)})
        return
    events_shown(figure, found)
    if found.next:
        typer.echo(f"More with --after '{_said(found.next)}'")


def _plain(event: Line) -> Line:
    """Return the event without what only readers at the gateway are told it by."""
    return {name: value for name, value in event.items() if name not in _TOLD_BY}


async def figures(settings: Settings, initiative: str | None, asked: dict[str, Any]) -> Loops:
    """Return the figures of the initiative.  Raises InitiativeUnknown and NothingFolded."""
    question = await _question(settings, initiative, asked)
    async with serving(settings, "measurement") as pool, moment(pool, question.scope.initiative) as connection:
        return await read(connection, question)


async def listed(
    settings: Settings, initiative: str | None, asked: dict[str, Any], figure: Figure, page: tuple[Place | None, int]
) -> Behind:
    """Return a page of the events behind a figure.  Raises InitiativeUnknown and NothingFolded."""
    question = await _question(settings, initiative, asked)
    async with serving(settings, "measurement") as pool, moment(pool, question.scope.initiative) as connection:
        return await behind(connection, question, figure, *page)


async def _question(settings: Settings, initiative: str | None, asked: dict[str, Any]) -> Question:
    """Return what is asked of the initiative, by its policy, with protected partners hidden."""
    store = await gathered(settings)
    chosen = named(store, initiative)
    policy = next(state for _, state in states(store, "initiative", chosen)).policy
    offered = [(state.partner, state.programme_class) for _, state in states(store, "service", chosen)]
    scope = Scope(chosen, hidden=protected_partners(offered, policy.protected_programmes))
    return Question(scope, **{"maturity_days": policy.maturity_days, **asked})


def _asked(
    *, span: tuple[str | None, str | None], maturity: int | None, only: list[str] | None, **rest: Any
) -> dict[str, Any]:
    """Return the question's parts as they were given.  Raises BadParameter for what cannot be asked."""
    first, last = (each and month(each) for each in span)
    given = {} if maturity is None else {"maturity_days": maturity}
    asked = {**rest, "first": first, "last": last, "only": dict(_narrowed(only or [])), **given}
    try:
        Question(Scope(""), **asked)
    except CannotBeCut:
        message = "needs cannot be cut by recipient, service or programme_class: say --of offers"
        raise typer.BadParameter(message) from None
    return asked


def _known(by: list[str]) -> list[str]:
    wrong = [each for each in by if each not in CUTS]
    if wrong:
        raise typer.BadParameter(f"{wrong[0]!r} is nothing to cut by: {', '.join(CUTS)}", param_hint="--by")
    return by


def _narrowed(only: list[str]) -> list[tuple[Cut, str]]:
    found: list[tuple[Cut, str]] = []
    for each in only:
        name, _, value = each.partition("=")
        cut = next((cut for cut in CUTS if cut == name != "month"), None)
        if cut is None or "=" not in each:
            raise typer.BadParameter(f"{each!r} narrows nothing: say it as in sender=clinic", param_hint="--only")
        found.append((cut, value))
    return found


def _page(after: str | None, limit: int) -> tuple[Place | None, int]:
    if after is None:
        return None, limit
    try:
        recorded, partition, offset, number = after.split("/")
        place = Place(datetime.fromisoformat(recorded), "", int(partition), int(offset), int(number))
    except ValueError:
        raise typer.BadParameter("that is no place where a page ended", param_hint="--after") from None
    return place, limit


def _said(place: Place) -> str:
    return "/".join((place.at.isoformat(), *map(str, place[2:])))
