"""`manyhands parked`: entries that a view could not take, those that wait behind them, and what is done with them."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import orjson
import typer

from projections.sql import statement
from projections.store.releasing import Done
from projections.store.schema import quoted
from projections.store.times import quick_times
from services.ops import resolving
from services.ops.builds import PROJECTIONS, Named, Seen, database, existing, looking, served_schema
from services.ops.errors import NothingFolded, NotParked
from services.ops.place import Place, placed
from services.ops.reading import Line
from services.ops.resolving import Wish
from services.ops.shown import AsJson, Limit, print_json, print_table
from services.runtime.builds import schema_of
from services.runtime.settings import Settings
from services.runtime.store import upgrade

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

RESOLVED = ("at", "deed", "why", "person", "projection", "view", "kind", "aggregate", "entries", "error")
WHY = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")

Projected = Annotated[Named, typer.Argument(help="The projection.")]
OfView = Annotated[str, typer.Argument(help="The view, by its table's name as `list` shows it.")]
Aggregate = Annotated[
    str | None,
    typer.Argument(help="One aggregate, by its id as `list` shows it.", show_default="all that wait for the view"),
]
Person = Annotated[UUID, typer.Option("--person", help="The random id (a UUID) of the person who decides.")]
Of = Annotated[Named | None, typer.Option("--projection", help="Only of this projection.", show_default="all")]
Build = Annotated[str | None, typer.Option(help="The build to look at, by its name.", show_default="the served one")]
app = typer.Typer(no_args_is_help=True, help="Show the entries that a view could not take.")


@app.callback()
def main() -> None:
    """Show the entries that a view could not take, why, and what waits behind them."""


@app.command("list")
def list_(
    projection: Of = None,
    build: Build = None,
    resolved: Annotated[
        bool, typer.Option("--resolved", help="List what was retried and skipped instead, the latest first.")
    ] = False,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """List the aggregates that wait: why the first entry failed, and how many wait behind it."""
    if resolved:
        told = [_placed(line) for line in asyncio.run(_resolved(projection, limit))]
        if as_json:
            print_json(told)
        else:
            print_table("Resolved", told, RESOLVED, "Nothing was retried or skipped yet.")
        return
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


@app.command()
def retry(  # noqa: PLR0913, PLR0917 - a command's options are its parameters
    projection: Projected,
    view: OfView,
    person: Person,
    key: Aggregate = None,
    build: Build = None,
    as_json: AsJson = False,
) -> None:
    """Offer what waits to its mended view again, in order; exit code 1 when something still waits."""
    done = asyncio.run(_resolve(projection, build, Wish(view, key, str(person))))
    _tell(done, as_json=as_json)
    if any(each.left for each in done):
        raise typer.Exit(1)


@app.command()
def skip(  # noqa: PLR0913, PLR0917 - a command's options are its parameters
    projection: Projected,
    view: OfView,
    key: Annotated[str, typer.Argument(help="The aggregate, by its id as `list` shows it.")],
    person: Person,
    why: Annotated[str, typer.Option(help="The reason as a code: small letters, digits, hyphens.")],
    build: Build = None,
    as_json: AsJson = False,
) -> None:
    """Drop what waits for good: the view goes on without it, and what was dropped is shown nowhere any more."""
    if not WHY.fullmatch(why):
        raise typer.BadParameter("not a code", param_hint="--why")
    _tell(asyncio.run(_resolve(projection, build, Wish(view, key, str(person), why))), as_json=as_json)


async def _resolve(name: str, build: str | None, wish: Wish) -> list[Done]:
    settings, projection = Settings.from_env(), PROJECTIONS[name]
    await upgrade(settings.postgres)
    async with database(settings, "manyhands parked", init=quick_times) as pool:
        schema = (
            await served_schema(pool, projection, settings)
            if build is None
            else await existing(pool, schema_of(projection, build))
        )
        if wish.why is None:
            return await resolving.retry(settings, pool, projection, schema, wish)
        return await resolving.skip(pool, projection, schema, wish)


async def _resolved(projection: str | None, limit: int) -> list[Line]:
    async with database(Settings.from_env(), "manyhands parked", size=1) as pool:
        return [dict(row) for row in await pool.fetch(statement(resolving.SQL, "resolved"), projection, limit)]


def _tell(done: Sequence[Done], *, as_json: bool) -> None:
    lines = [
        {
            "view": each.queue.waiting.view,
            **each.queue.waiting.key._asdict(),
            "entries": each.entries,
            "left": each.left,
            "error": each.error,
        }
        for each in done
    ]
    if as_json:
        print_json(lines)
    else:
        print_table("Done", lines, ("view", "kind", "id", "entries", "left", "error"), "")


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
