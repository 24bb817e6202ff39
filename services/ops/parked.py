"""`manyhands parked`: entries that a view could not take, and those that wait behind them."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from projections.sql import statement
from projections.store.schema import quoted
from services.ops.builds import PROJECTIONS, Named, Seen, looking
from services.ops.errors import NothingFolded, NotParked
from services.ops.place import Place, placed
from services.ops.reading import Line
from services.ops.shown import AsJson, print_json, print_table
from services.runtime.settings import Settings

SQL = Path(__file__).with_name("parked.sql")
COLUMNS = ("projection", "at", "view", "kind", "aggregate", "error", "waiting")
FACTS = (
    "projection",
    "at",
    "view",
    "kind",
    "initiative",
    "record",
    "aggregate",
    "source",
    "id",
    "error",
    "copies",
    "before",
    "behind",
)

Of = Annotated[Named | None, typer.Option("--projection", help="Only of this projection.", show_default="all")]
Build = Annotated[str | None, typer.Option(help="The build to look at, by its name.", show_default="the served one")]
app = typer.Typer(no_args_is_help=True, help="Show the entries that a view could not take.")


@app.callback()
def main() -> None:
    """Show the entries that a view could not take, why, and what waits behind them."""


@app.command("list")
def list_(projection: Of = None, build: Build = None, as_json: AsJson = False) -> None:
    """List the aggregates that wait: why the first entry failed, and how many wait behind it."""
    lines = [_placed(line) for line in asyncio.run(_list(projection, build))]
    if as_json:
        print_json(lines)
    else:
        print_table("Parked", lines, COLUMNS, "Nothing is parked.")


@app.command()
def show(
    at: Annotated[str, typer.Argument(help="The record, topic-partition:offset, as `list` gives it.")],
    view: Annotated[str | None, typer.Option(help="Only what this view could not take, such as timeline.")] = None,
    projection: Of = None,
    build: Build = None,
    as_json: AsJson = False,
) -> None:
    """Show a parked entry: the ruling, and the states that the view was given."""
    lines = [_placed(line) for line in asyncio.run(_show(placed(at, "AT"), view, projection, build))]
    if as_json:
        print_json(lines)
        return
    for line in lines:
        for name in FACTS:
            typer.echo(f"{name:<12}{'-' if line[name] is None else line[name]}")
        typer.echo(orjson.dumps(line["entry"], option=orjson.OPT_INDENT_2).decode())


def _placed(line: Line) -> Line:
    at = f"{line.pop('topic')}-{line.pop('partition')}:{line.pop('record_offset')}"
    return {"projection": line.pop("projection"), "at": at, **line}


async def _list(projection: str | None, build: str | None) -> list[Line]:
    return await _each(projection, build, _waiting)


async def _show(at: Place, view: str | None, projection: str | None, build: str | None) -> list[Line]:
    """Return what is parked of one record.  Raises NotParked."""
    lines = await _each(projection, build, lambda seen: _of_record(seen, at, view))
    if not lines:
        raise NotParked(f"{at.topic}-{at.partition}:{at.offset}")
    return lines


async def _each(name: str | None, build: str | None, look: Callable[[Seen], Awaitable[list[Line]]]) -> list[Line]:
    """Look at the named projection, else at every one that was ever run.  Raises NothingFolded when none was."""
    found: list[Line] = []
    missing: list[NothingFolded] = []
    names = list(PROJECTIONS) if name is None else [name]
    for each in names:
        try:
            async with looking(Settings.from_env(), PROJECTIONS[each], build) as seen:
                found += [{"projection": each, **line} for line in await look(seen)]
        except NothingFolded as nothing:
            missing.append(nothing)
    if len(missing) == len(names):
        raise missing[0]
    return found


async def _waiting(seen: Seen) -> list[Line]:
    query = statement(SQL, "list").format(schema=quoted(seen.schema))
    return [dict(row) for row in await seen.connection.fetch(query)]


async def _of_record(seen: Seen, at: Place, view: str | None) -> list[Line]:
    schema = quoted(seen.schema)
    rows = await seen.connection.fetch(statement(SQL, "show").format(schema=schema), *at, view)
    behind = statement(SQL, "behind").format(schema=schema)
    return [_whole(dict(row), await seen.connection.fetch(behind, *tuple(row)[:5])) for row in rows]


def _whole(line: Line, others: list[Any]) -> Line:
    """Return the entry with what stands before and behind it in its aggregate's queue."""
    offsets = [int(row["record_offset"]) for row in others]
    place = offsets.index(line["record_offset"])
    entry = orjson.loads(line["entry"])
    return {**line, "entry": entry, "before": place, "behind": len(offsets) - place - 1}
