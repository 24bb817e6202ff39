"""`manyhands refusals`: records that changed nothing, and why."""

import asyncio
from typing import Annotated

import typer

from events.codes import CODES
from services.ops.place import placed
from services.ops.reading import After, Line, reading
from services.ops.shown import AsJson, Limit, in_zone, print_json, print_table
from services.ops.zone import InZone, zone_named
from services.runtime.settings import Settings

COLUMNS = ("at", "recorded", "code", "detail", "type", "source", "subject")

app = typer.Typer(no_args_is_help=True, help="Show the records that changed nothing, and why.")


@app.command()
def codes(as_json: AsJson = False) -> None:
    """Count the refusals by code, with what each means."""
    lines = meant(asyncio.run(_by_code()))
    if as_json:
        print_json(lines)
    else:
        print_codes(lines)


def print_codes(lines: list[Line]) -> None:
    """Print counts of refusals for people."""
    print_table("Refusals by code", lines, ("code", "detail", "records", "meaning"), "Nothing was refused.")


def meant(lines: list[Line]) -> list[Line]:
    """Return the lines with what each code means."""
    return [{**line, "meaning": CODES[line["code"]].text} for line in lines]


@app.command("list")
def list_(  # noqa: PLR0913, PLR0917 - a command's options are its parameters
    code: Annotated[
        str | None, typer.Option(help="Only refusals with this code, such as not-permitted; `codes` counts them.")
    ] = None,
    source: Annotated[
        str | None,
        typer.Option(help="Only refusals of what this source said, such as urn:manyhands:partner:alder-school."),
    ] = None,
    after: Annotated[
        str | None,
        typer.Option(help="Begin after this record, topic-partition:offset, such as manyhands.cases-3:1041."),
    ] = None,
    limit: Limit = 50,
    zone: InZone = "UTC",
    as_json: AsJson = False,
) -> None:
    """List the refusals in the log's order, page by page."""
    shown = zone_named(zone)
    lines = [{"at": _token(line), **line} for line in asyncio.run(_page(code, source, _after(after), limit))]
    rest = str(lines[-1]["at"]) if len(lines) == limit else None
    if as_json:
        print_json({"refusals": lines, "next": rest})
        return
    print_table("Refusals", [in_zone(line, shown) for line in lines], COLUMNS, "Nothing that matches was refused.")
    if rest:
        typer.echo(f"More with --after {rest}")


def _token(line: Line) -> str:
    return f"{line['topic']}-{line['partition']}:{line['record_offset']}"


def _after(token: str | None) -> After:
    return After() if token is None else After(*placed(token, "--after"))


async def _by_code() -> list[Line]:
    async with reading(Settings.from_env()) as tables:
        return await tables.refusals_by_code()


async def _page(code: str | None, source: str | None, after: After, limit: int) -> list[Line]:
    async with reading(Settings.from_env()) as tables:
        return await tables.refusals(code, source, after, limit)
