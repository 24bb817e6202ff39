"""`manyhands lag`: how far each projection is behind its log, and what stopped."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import typer
from rich.console import Console
from rich.table import Table

from events.topics import ALL
from projections.projection import Projection
from projections.record import Partition, Position
from projections.store import PostgresStore, schema_exists
from services.ops.builds import PROJECTIONS
from services.ops.operator import operating
from services.ops.shown import AsJson
from services.runtime.builds import schema_of, served
from services.runtime.health import HOST
from services.runtime.log import spans
from services.runtime.settings import Settings

#: Seconds that a processor may take to say how it is.
PATIENCE_S = 2


@dataclass(frozen=True)
class Lag:
    """One partition of one projection.  `clock` is the newest broker time folded, `stopped` a code."""

    projection: str
    topic: str
    partition: int
    position: int
    end: int
    clock: str | None
    clock_age_s: float | None
    stopped: str | None

    @property
    def behind(self) -> int:
        return max(0, self.end - self.position)


app = typer.Typer(help="Show how far each projection is behind its log, and what stopped.")


@app.command()
def lag(as_json: AsJson = False) -> None:
    """Show each partition's position, end and clock; exit code 1 when one is stopped."""
    found = asyncio.run(lags(Settings.from_env()))
    if as_json:
        typer.echo(orjson.dumps([asdict(each) | {"behind": each.behind} for each in found]).decode())
    else:
        Console().print(_table(found))
    if any(each.stopped for each in found):
        raise typer.Exit(1)


async def lags(settings: Settings, names: Iterable[str] = tuple(PROJECTIONS)) -> list[Lag]:
    """Return the lag of every partition of these projections' served builds."""
    projections = [PROJECTIONS[name] for name in names]
    ends = await spans(settings, [topic for topic in ALL if topic in {each.topic for each in projections}])
    stopped = await _stopped(await asyncio.to_thread(_processors, settings.home))
    now = datetime.now(UTC)
    pool = await operating(settings, "manyhands lag", size=2)
    try:
        found = [
            _lag(projection.name, place, position, (ends[place][1], now, stopped.get((projection.name, place))))
            for projection in projections
            for place, position in (await _positions(pool, projection, settings)).items()
        ]
    finally:
        await pool.close()
    return sorted(found, key=lambda each: (each.projection, each.topic, each.partition))


async def _positions(pool: Any, projection: Projection, settings: Settings) -> dict[Partition, Position]:
    name, count = settings.topic(projection.topic), settings.count(projection.topic)
    places = [Partition(name, number) for number in range(count)]
    schema = await served(pool, projection.name) or schema_of(projection, settings.build)
    async with pool.acquire() as connection:
        there = await schema_exists(connection, schema)
    return (
        await PostgresStore(pool, projection, schema).positions(places) if there else dict.fromkeys(places, Position())
    )


def _lag(name: str, place: Partition, position: Position, seen: tuple[int, datetime, str | None]) -> Lag:
    end, now, code = seen
    clock = datetime.fromtimestamp(position.clock / 1000, UTC) if position.clock else None
    return Lag(
        projection=name,
        topic=place.topic,
        partition=place.number,
        position=position.next_offset,
        end=end,
        clock=clock.isoformat() if clock else None,
        clock_age_s=round((now - clock).total_seconds(), 3) if clock else None,
        stopped=code,
    )


def _processors(home: Path) -> list[tuple[str, int]]:
    """Return which projection's processors run in this folder, and at which port each says that it answers."""
    found = [orjson.loads(file.read_bytes()) for file in home.glob("run/*.json")]
    return [(each["name"].partition(".")[0], int(each["port"])) for each in found]


async def _stopped(processors: Sequence[tuple[str, int]]) -> dict[tuple[str, Partition], str]:
    """Ask every processor which partitions it stopped; one that does not answer says nothing."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(PATIENCE_S)) as session:
        answers = await asyncio.gather(*(_health(session, port) for _, port in processors))
    return {
        (name, Partition(each["topic"], each["partition"])): each["code"]
        for (name, _), answer in zip(processors, answers, strict=True)
        for each in answer
    }


async def _health(session: aiohttp.ClientSession, port: int) -> list[dict[str, Any]]:
    try:
        async with session.get(f"http://{HOST}:{port}/healthz") as response:
            answer: list[dict[str, Any]] = orjson.loads(await response.read())["stopped"]
            return answer
    except (OSError, TimeoutError, aiohttp.ClientError, ValueError, LookupError):
        return []


def _table(found: Iterable[Lag]) -> Table:
    table = Table(
        "projection: topic", "no.", "position", "end", "behind", "clock age", "stopped", title="Behind the log"
    )
    for each in found:
        age = "-" if each.clock_age_s is None else f"{each.clock_age_s:.0f} s"
        numbers = [str(number) for number in (each.partition, each.position, each.end, each.behind)]
        table.add_row(f"{each.projection}: {each.topic}", *numbers, age, each.stopped or "")
    return table
