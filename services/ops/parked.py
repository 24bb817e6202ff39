"""`manyhands parked`: entries that a view could not take, and those that wait behind them."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from projections.referral import REFERRAL
from projections.sql import statement
from projections.store.schema import quoted
from services.ops.builds import looking
from services.ops.errors import NotParked
from services.ops.place import Place, placed
from services.ops.reading import Line
from services.ops.shown import AsJson, print_json, print_table
from services.runtime.settings import Settings

SQL = Path(__file__).with_name("parked.sql")
COLUMNS = ("at", "view", "kind", "aggregate", "error", "waiting")
FACTS = (
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

Build = Annotated[str | None, typer.Option(help="The build to look at, by its name.", show_default="the served one")]
app = typer.Typer(no_args_is_help=True, help="Show the entries that a view could not take.")


@app.callback()
def main() -> None:
    """Show the entries that a view could not take, why, and what waits behind them."""


@app.command("list")
def list_(build: Build = None, as_json: AsJson = False) -> None:
    """List the aggregates that wait: why the first entry failed, and how many wait behind it."""
    lines = [_placed(line) for line in asyncio.run(_list(build))]
    if as_json:
        print_json(lines)
    else:
        print_table("Parked", lines, COLUMNS, "Nothing is parked.")


@app.command()
def show(
    at: Annotated[str, typer.Argument(help="The record, topic-partition:offset, as `list` gives it.")],
    view: Annotated[str | None, typer.Option(help="Only what this view could not take, such as timeline.")] = None,
    build: Build = None,
    as_json: AsJson = False,
) -> None:
    """Show a parked entry: the ruling, and the states that the view was given."""
    lines = [_placed(line) for line in asyncio.run(_show(placed(at, "AT"), view, build))]
    if as_json:
        print_json(lines)
        return
    for line in lines:
        for name in FACTS:
            typer.echo(f"{name:<12}{'-' if line[name] is None else line[name]}")
        typer.echo(orjson.dumps(line["entry"], option=orjson.OPT_INDENT_2).decode())


def _placed(line: Line) -> Line:
    at = f"{line.pop('topic')}-{line.pop('partition')}:{line.pop('record_offset')}"
    return {"at": at, **line}


async def _list(build: str | None) -> list[Line]:
    async with looking(Settings.from_env(), REFERRAL, build) as seen:
        query = statement(SQL, "list").format(schema=quoted(seen.schema))
        return [dict(row) for row in await seen.connection.fetch(query)]


async def _show(at: Place, view: str | None, build: str | None) -> list[Line]:
    """Return what is parked of one record.  Raises NotParked."""
    async with looking(Settings.from_env(), REFERRAL, build) as seen:
        schema = quoted(seen.schema)
        rows = await seen.connection.fetch(statement(SQL, "show").format(schema=schema), *at, view)
        if not rows:
            raise NotParked(f"{at.topic}-{at.partition}:{at.offset}")
        behind = statement(SQL, "behind").format(schema=schema)
        return [_whole(dict(row), await seen.connection.fetch(behind, *tuple(row)[:5])) for row in rows]


def _whole(line: Line, others: list[Any]) -> Line:
    """Return the entry with what stands before and behind it in its aggregate's queue."""
    offsets = [int(row["record_offset"]) for row in others]
    place = offsets.index(line["record_offset"])
    entry = orjson.loads(line["entry"])
    return {**line, "entry": entry, "before": place, "behind": len(offsets) - place - 1}
