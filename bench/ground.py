"""Where it is measured: both embedded servers in a folder thrown away afterwards, a new database a run."""

import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg

from bench.engine import Job
from services.ops.local import Servers, down, up


@dataclass(frozen=True)
class Ground:
    """The running servers and their folder."""

    home: Path
    servers: Servers
    partitions: int

    def job(self, prefix: str, postgres: str, events: int) -> Job:
        """Return the job of reading this many events of the log with this prefix into that database."""
        return Job(self.servers.kafka, postgres, str(self.home), prefix, self.partitions, events)


@contextmanager
def ground(partitions: int, report: Callable[[str], None]) -> Iterator[Ground]:
    """Bring both servers up in a new folder, and take them down and away at the end."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        home = Path(folder) / "home"
        try:
            yield Ground(home, up(home, report), partitions)
        finally:
            down(home)


_numbers = count()


@asynccontextmanager
async def database(ground: Ground) -> AsyncIterator[str]:
    """Give the URI of a new, empty database; what an earlier run left to be written is written first."""
    name = f"bench_{next(_numbers)}"
    admin = await asyncpg.connect(ground.servers.postgres)
    try:
        await admin.execute(f"create database {name}")
        await admin.execute("checkpoint")
        yield urlsplit(ground.servers.postgres)._replace(path=f"/{name}").geturl()
    finally:
        await admin.execute(f"drop database if exists {name} with (force)")
        await admin.close()
