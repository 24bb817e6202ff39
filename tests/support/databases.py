"""Databases for tests: a fresh one each, thrown away afterwards."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg


@asynccontextmanager
async def fresh(server: str) -> AsyncIterator[str]:
    """Create an empty database on the server of this URI; yield its own URI; drop it, whoever is connected."""
    name = f"test_{uuid4().hex[:12]}"
    await _run(server, f"create database {name} template template0")
    try:
        yield urlsplit(server)._replace(path=f"/{name}").geturl()
    finally:
        await _run(server, f"drop database {name} with (force)")


async def _run(server: str, statement: str) -> None:
    connection = await asyncpg.connect(server)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
