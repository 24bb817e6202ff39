"""How much processor time PostgreSQL took: what an engine makes the server do, whatever else the machine does."""

from pathlib import Path

import psutil

from services.ops.local import Postgres


def postgres_cpu(home: Path) -> float:
    """Return the CPU seconds of the server until now: its own, its backends', and those of backends that ended."""
    server = psutil.Process(Postgres(home).daemon.pid())
    own = server.cpu_times()
    ended = own.children_user + own.children_system
    return float(own.user + own.system + ended + sum(map(_seconds, server.children())))


def _seconds(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0  # it ended meanwhile, and its time is about to count as the server's
    return float(times.user + times.system)
