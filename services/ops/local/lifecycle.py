"""Both servers of a data folder, brought up and down together."""

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from services.ops.local import state
from services.ops.local.kafka import Kafka
from services.ops.local.lock import exclusive
from services.ops.local.postgres import Postgres

#: Everything of a data folder that a reset removes; whatever else lies there is somebody's own.
CONTENTS = ("kafka", "postgres", "secrets", "logs")

Report = Callable[[str], None]


@dataclass(frozen=True)
class Servers:
    """Where both servers answer: `host:port,…` and a libpq URI."""

    kafka: str
    postgres: str


@dataclass(frozen=True)
class Status:
    """One server as it is now; `address` and `pid` are None where there is none."""

    name: str
    running: bool
    answers: bool
    address: str | None
    pid: int | None


def up(home: Path, report: Report = lambda _: None) -> Servers:
    """Start both servers, or find them running; return when both answer.

    When one fails, or the caller is interrupted, what this call started is stopped again.
    Raises OpsError.
    """
    kafka, postgres = Kafka(home), Postgres(home)
    # Left in reverse order: the starts have ended before what they started is stopped.
    with exclusive(home), ExitStack() as undo, ThreadPoolExecutor(2) as pool:
        undo.callback(_stop, [server for server in (kafka, postgres) if not server.running()])
        starts = [pool.submit(server.start, report) for server in (kafka, postgres)]
        servers = Servers(*(start.result() for start in starts))
        state.publish(
            home,
            {
                "kafka": servers.kafka,
                "postgres": servers.postgres,
                "pids": {server.name: server.daemon.pid() for server in (kafka, postgres)},
            },
        )
        undo.pop_all()
    return servers


def down(home: Path) -> list[str]:
    """Stop both servers; return the names of those that ran.  Data stays.  Raises OpsError."""
    if not home.exists():
        return []
    with exclusive(home):
        ran = [server for server in (Kafka(home), Postgres(home)) if server.running()]
        _stop(ran)
        state.withdraw(home)
        return [server.name for server in ran]


def status(home: Path) -> list[Status]:
    """Return how both servers are, without touching them."""
    kafka, postgres = Kafka(home), Postgres(home)
    return [
        Status(kafka.name, kafka.running(), kafka.answers(), kafka.address, kafka.daemon.pid()),
        Status(postgres.name, postgres.running(), postgres.answers(), postgres.uri, postgres.daemon.pid()),
    ]


def reset(home: Path) -> None:
    """Stop both servers and remove their data, keys and logs for good.  Raises OpsError."""
    if not home.exists():
        return
    with exclusive(home):
        _stop([Kafka(home), Postgres(home)])
        state.withdraw(home)
        for folder in (home / name for name in CONTENTS):
            if folder.exists():
                shutil.rmtree(folder)


def _stop(servers: list[Kafka | Postgres]) -> None:
    with ThreadPoolExecutor(2) as pool:
        for stopping in [pool.submit(server.stop) for server in servers]:
            stopping.result()
