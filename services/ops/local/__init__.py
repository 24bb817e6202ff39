"""A real Kafka and a real PostgreSQL on this machine, with nothing installed.

All calls are blocking; from a running event loop use `asyncio.to_thread`.

    servers = up(home)            both servers, healthy, as Servers(kafka="127.0.0.1:port", postgres="postgresql://…")
    status(home)                  what runs, without touching it
    down(home)                    both stopped cleanly; data stays
    reset(home)                   both stopped, and all data of this folder removed

    Kafka(home).start() / .stop(kill=False) / .restart(kill=False)
    Postgres(home).start() / .stop("fast" | "immediate") / .restart(mode)

A server keeps its address over restarts.  Servers are detached: they outlive the process that
started them, and any other process may stop them.
"""

from services.ops.local.kafka import Kafka
from services.ops.local.lifecycle import Servers, Status, down, reset, status, up
from services.ops.local.postgres import Postgres

__all__ = ["Kafka", "Postgres", "Servers", "Status", "down", "reset", "status", "up"]
