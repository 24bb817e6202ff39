"""Whether work slows down as history grows: the same events after ten thousand referrals, and after a million."""

from collections.abc import Callable
from pathlib import Path
from statistics import median

import asyncpg

from bench.engine import run
from bench.ground import Ground, database
from bench.meter import Measured
from bench.served import SERVED
from projections.sql import statement

SQL = Path(__file__).with_name("history.sql")
#: Referrals that stand there before the clock starts.
FEW, MANY = 10_000, 1_000_000
#: Seconds that one statement over a million referrals may take, and one fold.
LONGEST = 1800.0


async def measure(ground: Ground, events: int, rounds: int, say: Callable[[str], None]) -> float:
    """Return the rate of full work after a long history over that after a short one, the median of some rounds.

    The log's first tenth is folded and its rows are copied under other keys until there are as many as asked for;
    the other nine tenths are what is clocked.
    """
    ratios = []
    for number in range(rounds):
        rates = {}
        for referrals in (FEW, MANY):
            say(f"history of {referrals:,} referrals, round {number + 1} of {rounds}")
            rates[referrals] = await _rate(ground, events, referrals)
        ratios.append(rates[MANY] / rates[FEW])
    return median(ratios)


async def _rate(ground: Ground, events: int, referrals: int) -> float:
    first = events // 10
    async with database(ground) as uri:
        await run("bench.full", ground.job("mixed.", uri, first), LONGEST)
        connection = await asyncpg.connect(uri, server_settings={"search_path": SERVED}, command_timeout=LONGEST)
        try:
            await _grow(connection, referrals)
            await connection.execute("checkpoint")
            # What ended the first run stood somewhere within a batch, and the rest of that was committed too.
            folded = await connection.fetchval(statement(SQL, "folded"))
        finally:
            await connection.close()
        found = await run("bench.full", ground.job("mixed.", uri, events - folded), LONGEST)
    return Measured(**found).rate


async def _grow(connection: asyncpg.Connection, referrals: int) -> None:
    there = await connection.fetchval(statement(SQL, "count"))
    copies = referrals // there
    await connection.execute(statement(SQL, "bare"))
    for table in ("clients", "referrals", "timelines"):
        await connection.execute(statement(SQL, table).replace("$1", str(copies)))
    await connection.execute(statement(SQL, "keyed"))
