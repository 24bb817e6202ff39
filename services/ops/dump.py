"""`manyhands dump`: what a projection amounts to, as one hash a table."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

import typer

from projections.batch import Parked
from projections.dump import Dump, dump
from projections.projection import Projection, Row, Table
from projections.record import Partition, Position
from projections.store import Snapshot
from services.ops.bar import Bar, bar
from services.ops.builds import PROJECTIONS, Named, looking
from services.ops.rebuild.shown import parked, vector
from services.ops.shown import AsJson, print_json, print_table
from services.runtime.settings import Settings

#: Rows between two reports of progress.
STRIDE = 5_000

app = typer.Typer(no_args_is_help=True, help="Show what a projection amounts to, as one hash a table.")


@app.command("dump")
def dump_(
    projection: Annotated[Named, typer.Argument(help="The projection, by its name.")],
    build: Annotated[
        str | None, typer.Option(help="The build to look at, by its name.", show_default="the served one")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Hash the projection's tables as of one moment; two equal hashes mean equal rows, byte for byte.

    The same log up to the same vector gives the same hashes.
    """
    with bar() as shown:
        schema, found = asyncio.run(_dump(PROJECTIONS[projection], build, shown))
    tables = [{"table": name, **content._asdict()} for name, content in found.tables.items()]
    if as_json:
        print_json({"schema": schema, "vector": vector(found), "tables": tables, "parked": parked(found)})
        return
    print_table(schema, tables, ("table", "rows", "sha256"), "")
    stands = [{"partition": name, "next_offset": offset} for name, offset in vector(found).items()]
    print_table("Folded up to", stands, ("partition", "next_offset"), "Nothing is folded yet.")
    for left in sorted(found.left):
        typer.echo(f"Left out, as an entry is parked: {left.view} of {left.initiative} {left.record}")


async def _dump(projection: Projection, build: str | None, shown: Bar) -> tuple[str, Dump]:
    async with looking(Settings.from_env(), projection, build) as seen:
        return seen.schema, await dump(_Counted(seen.snapshot, shown), projection)


class _Counted:
    """A moment of a build that tells how many of its rows were read."""

    def __init__(self, snapshot: Snapshot, shown: Bar) -> None:
        self._snapshot = snapshot
        self._shown = shown

    async def vector(self) -> dict[Partition, Position]:
        return await self._snapshot.vector()

    async def stuck(self) -> list[tuple[Partition, Parked]]:
        return await self._snapshot.stuck()

    async def rows(self, table: Table) -> AsyncIterator[Row]:
        self._shown.step(table.name, None)
        passed = 0
        async for row in self._snapshot.rows(table):
            yield row
            passed += 1
            if passed % STRIDE == 0:
                self._shown.advance(STRIDE)
