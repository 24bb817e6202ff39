"""`manyhands switch`: another build taken into service."""

import asyncio
from typing import Annotated

import typer

from services.ops.builds import PROJECTIONS, Named, database
from services.ops.shown import AsJson, print_json
from services.ops.stock import OfBuild, named
from services.ops.switching import Switch, look
from services.ops.switching import switch as switched
from services.runtime.settings import Settings

app = typer.Typer(help="Take another build of a projection into service.")


@app.command()
def switch(
    projection: Annotated[Named, typer.Argument(help="The projection.")],
    build: OfBuild,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check, say what would happen, and change nothing.")
    ] = False,
    patience: Annotated[
        float, typer.Option(min=0, max=20, help="Seconds in which the build may catch up with the served one.")
    ] = 5,
    as_json: AsJson = False,
) -> None:
    """Have readers use another build, from one moment to the next; the same command goes back to the one before.

    The build must have folded all that the served one has, and be one that survives a crash.
    """
    found = asyncio.run(_switch(projection, build, None if dry_run else patience))
    if as_json:
        print_json(
            {
                "projection": found.projection,
                "before": found.before._asdict(),
                "after": found.after._asdict(),
                "changed": found.changed and not dry_run,
                "behind": found.behind,
            }
        )
        return
    typer.echo(_told(found, dry_run=dry_run))


async def _switch(name: str, build: str, patience: float | None) -> Switch:
    """Switch, or only look when there is no patience to give."""
    projection = PROJECTIONS[name]
    async with database(Settings.from_env(), "manyhands switch", size=2) as pool:
        chosen = named(projection, build)
        return await (
            look(pool, projection, chosen) if patience is None else switched(pool, projection, chosen, patience)
        )


def _told(found: Switch, *, dry_run: bool) -> str:
    if not found.changed:
        return f"{found.after.schema} is served already"
    if not dry_run:
        return f"Served: {found.after.schema}, before it {found.before.schema}"
    lacks = f"; it lacks {found.behind:,} records" if found.behind else ""
    return f"Would serve {found.after.schema} in the place of {found.before.schema}{lacks}"
