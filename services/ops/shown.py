"""Lines of an answer, shown to people as a table or to machines as JSON."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import orjson
import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

AsJson = Annotated[bool, typer.Option("--json", help="Answer as JSON, one document on standard output.")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=1000, help="Lines on a page, at most.")]


def print_json(answer: Any) -> None:
    """Print one JSON document."""
    typer.echo(orjson.dumps(answer, default=_plain).decode())


def _plain(value: Any) -> Any:
    """A span of time as whole seconds; anything else as text."""
    return int(value.total_seconds()) if isinstance(value, timedelta) else str(value)


def print_table(title: str, lines: Sequence[dict[str, Any]], columns: Iterable[str], empty: str) -> None:
    """Print the named columns as a table, or the sentence that says why there is none."""
    if not lines:
        typer.echo(empty)
        return
    names = list(columns)
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for name in names:
        table.add_column(name.replace("_", " "), justify="right" if _counts(lines, name) else "left", overflow="fold")
    for line in lines:
        table.add_row(*(cell(line.get(name)) for name in names))
    Console().print(table)


def cell(value: Any) -> str:
    """Return a value as people read it: times to the minute with their zone, nothing for what is absent."""
    if value is None or value is False:
        return ""
    if value is True:
        return "yes"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M %Z")
    if isinstance(value, timedelta):
        return lasted(value)
    if isinstance(value, list):
        return ", ".join(value)
    return f"{value:,}" if isinstance(value, int) else str(value)


def lasted(span: timedelta) -> str:
    """Return a span of time in its two largest units."""
    minutes = int(span.total_seconds() // 60)
    days, hours = minutes // 1440, minutes % 1440 // 60
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes % 60} min" if hours else f"{minutes} min"


def in_zone(line: dict[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    """Return the line with its times in the zone."""
    return {name: each.astimezone(zone) if isinstance(each, datetime) else each for name, each in line.items()}


def _counts(lines: Sequence[dict[str, Any]], name: str) -> bool:
    return isinstance(lines[0].get(name), int) and not isinstance(lines[0].get(name), bool)
