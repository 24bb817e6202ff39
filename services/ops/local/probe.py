"""Health: does a server answer, and is it the right one?"""

import asyncio
import socket
import subprocess
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from services.ops.local.cluster import program

REQUEST_MS = 2000


def listens(address: str) -> bool:
    """Whether something accepts connections on `host:port`."""
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=REQUEST_MS / 1000).close()
    except OSError:
        return False
    return True


def kafka(address: str, cluster: str, **login: Any) -> bool:
    """Whether the node there belongs to this cluster and has opened itself to clients who come with `login`."""
    if not listens(address):
        return False
    # In a thread of its own, so that it may be asked from inside a running event loop too.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, _describes(address, cluster, login)).result()


async def _describes(address: str, cluster: str, login: Mapping[str, Any]) -> bool:
    admin = AIOKafkaAdminClient(bootstrap_servers=address, request_timeout_ms=REQUEST_MS, **login)
    try:
        await admin.start()
        description = await admin.describe_cluster()
    except (KafkaError, OSError, TimeoutError):
        return False
    finally:
        await admin.close()
    return description["cluster_id"] == cluster and bool(description["brokers"])


def postgres(uri: str) -> bool:
    """Whether PostgreSQL answers `select 1` there."""
    command = [program("psql"), "--no-psqlrc", "--quiet", "--dbname", uri, "--command", "select 1"]
    environment = {"PATH": "/usr/bin:/bin", "PGCONNECT_TIMEOUT": str(REQUEST_MS // 1000)}
    return subprocess.run(command, env=environment, capture_output=True, check=False).returncode == 0
