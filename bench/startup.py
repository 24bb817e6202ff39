"""From starting the process to its first visible row: a new database, tables made, partitions taken, a batch folded."""

import time
from statistics import median

import asyncpg

from bench.ground import Ground, database
from bench.process import processor, until
from bench.served import SERVED

#: The longest that one start may take, in seconds.
LONGEST = 60.0


async def measure(ground: Ground, prefix: str, rounds: int) -> float:
    """Return the median seconds over so many starts."""
    return median([await _once(ground, prefix) for _ in range(rounds)])


async def _once(ground: Ground, prefix: str) -> float:
    async with database(ground) as uri:
        connection = await asyncpg.connect(uri)
        began = time.perf_counter()
        async with processor(ground.job(prefix, uri, 0)) as process:
            ended = await until(lambda: any_row(connection), process, LONGEST)
        await connection.close()
    return ended - began


async def any_row(connection: asyncpg.Connection) -> bool:
    """Say whether the timeline has a row yet; the processor makes the table itself."""
    if await connection.fetchval("select to_regclass($1)", f"{SERVED}.timeline") is None:
        return False
    return bool(await connection.fetchval(f"select exists (select from {SERVED}.timeline)"))  # noqa: S608 - a name of our own
