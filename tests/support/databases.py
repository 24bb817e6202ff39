"""Databases for tests: a fresh one each, thrown away afterwards."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg

#: What roles may do with a database as such is not copied with it.
GRANTED = """
do $$ declare said text; begin
    for said in
        select format('grant %s on database {name} to %I', granted.privilege_type, grantee.rolname)
        from pg_database, aclexplode(datacl) granted join pg_roles grantee on grantee.oid = granted.grantee
        where datname = '{template}'
    loop execute said; end loop;
end $$
"""


@asynccontextmanager
async def fresh(server: str, template: str = "template0") -> AsyncIterator[str]:
    """Create a database on the server of this URI, empty or a copy; yield its own URI; drop it, whoever is connected.

    Nobody may be connected to what is copied.
    """
    name = f"test_{uuid4().hex[:12]}"
    await _run(server, f"create database {name} template {template}")
    await _run(server, GRANTED.format(template=template, name=name))
    try:
        yield urlsplit(server)._replace(path=f"/{name}").geturl()
    finally:
        await _run(server, f"drop database {name} with (force)")


def name_of(uri: str) -> str:
    """Return the database's name."""
    return urlsplit(uri).path.removeprefix("/")


async def _run(server: str, statement: str) -> None:
    connection = await asyncpg.connect(server)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
