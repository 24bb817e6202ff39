"""`manyhands lag`: how far each projection is behind its log, and what stopped."""

import asyncio
from collections.abc import Iterable
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
from projections.referral import REFERRAL
from projections.store import PostgresStore, schema_exists
from services.ops.shown import AsJson
from services.ops.operator import operating
from services.runtime.builds import schema_of, served
from services.runtime.health import HOST
from services.runtime.log import spans
from services.runtime.settings import Settings

PROJECTIONS: tuple[Projection, ...] = (REFERRAL,)
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


async def lags(settings: Settings) -> list[Lag]:
    """Return the lag of every partition of every projection's served build."""
    ends = await spans(settings, [topic for topic in ALL if topic in {each.topic for each in PROJECTIONS}])
    stopped = await _stopped(await asyncio.to_thread(_ports, settings.home))
    now = datetime.now(UTC)
    pool = await operating(settings, "manyhands lag", size=2)
    try:
        found = [
            _lag(projection.name, place, position, (ends[place][1], now, stopped.get(place)))
            for projection in PROJECTIONS
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


def _ports(home: Path) -> list[int]:
    """Return where the processors of this folder say they answer."""
    return [int(orjson.loads(file.read_bytes())["port"]) for file in home.glob("run/*.json")]


async def _stopped(ports: Iterable[int]) -> dict[Partition, str]:
    """Ask every processor which partitions it stopped; one that does not answer says nothing."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(PATIENCE_S)) as session:
        answers = await asyncio.gather(*(_health(session, port) for port in ports))
    return {Partition(each["topic"], each["partition"]): each["code"] for answer in answers for each in answer}


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
