"""`manyhands timeline`: everything that was said about one referral, refused claims included."""

import asyncio
from datetime import datetime, timedelta
from typing import Annotated

import typer

from services.ops.reading import Line, reading
from services.ops.shown import AsJson, in_zone, print_json, print_table
from services.ops.zone import InZone, zone_named
from services.runtime.settings import Settings

COLUMNS = ("happened", "after", "event", "by", "became")

app = typer.Typer(help="Show everything that was said about one referral.")


@app.command()
def timeline(
    referral: Annotated[str, typer.Argument(help="The referral's id, a UUID as `manyhands board list` shows it.")],
    zone: InZone = "UTC",
    as_json: AsJson = False,
) -> None:
    """Show each event in order: when, how long after the one before, who, and what became of it."""
    shown = zone_named(zone)
    row, lines = asyncio.run(_read(referral))
    if as_json:
        print_json({"referral": row, "timeline": lines})
        return
    print_timeline(row, [in_zone(line, shown) for line in lines])


def print_timeline(row: Line, lines: list[Line]) -> None:
    """Print a referral's timeline for people."""
    title = (
        f"Referral {row['id']}: {row['need']}, {row['sender']} → {row['recipient'] or 'nobody yet'}, {row['status']}"
    )
    zone = lines[0]["happened"].tzname() if lines else ""
    print_table(f"{title} (times in {zone})", told(lines), COLUMNS, "Nothing was said about it.")


def told(lines: list[Line]) -> list[Line]:
    """Return the lines with who spoke in short, what came of it, and the time since the last applied one."""
    before: datetime | None = None
    found = []
    for line in lines:
        since = line["happened"] - before if before is not None else None
        short = {"event": line["type"].removeprefix("referral."), "by": line["source"].rsplit(":", 1)[-1]}
        short["happened"] = f"{line['happened']:%Y-%m-%d %H:%M}"
        found.append({**line, **short, "became": _became(line), "after": _forward(since)})
        if line["outcome"] != "refused":
            before = line["happened"]
    return found


def _became(line: Line) -> str:
    """Say what state it led to, or why it was refused, and how often it was said again."""
    what = f"refused: {line['refusal']}" if line["refusal"] else line["detail"] or line["outcome"]
    return f"{what} (said {line['copies'] + 1} times)" if line["copies"] else what


def _forward(since: timedelta | None) -> timedelta | None:
    """A claim may tell of an earlier time than the one before: that is no duration."""
    return since if since is not None and since >= timedelta(0) else None


async def _read(referral: str) -> tuple[Line, list[Line]]:
    async with reading(Settings.from_env()) as tables:
        row = await tables.referral(referral)
        return row, await tables.timeline(row)
