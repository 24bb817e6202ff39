"""`manyhands logins`: a login in PostgreSQL for each service, with a password that only its own file holds."""

import asyncio
import base64
import hashlib
import hmac
import os
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

import typer

from projections.sql import statement
from projections.store.pool import Connection
from services.ops.secret import write_secret
from services.ops.shown import AsJson, print_json
from services.runtime.roles import Role
from services.runtime.settings import Settings
from services.runtime.store import connect, denials

SQL = Path(__file__).with_name("logins.sql")
#: Each service that logs in, and the roles that it takes on: no more than it needs.
LOGINS: Mapping[str, Sequence[Role]] = MappingProxyType(
    {
        "gateway": (Role.GATEWAY, Role.ADMISSION),
        "intake": (Role.ADMISSION,),
        "timekeeper": (Role.GATEWAY, Role.ADMISSION),
        "referral": (Role.PROCESSOR,),
        "measurement": (Role.PROCESSOR,),
        "notifications": (Role.PROCESSOR, Role.NOTIFICATIONS),
        "disclosure": (Role.PROCESSOR,),
    }
)
#: A file that PostgreSQL's clients read passwords from; `passfile` in MANYHANDS_POSTGRES names it.
FILE = "pgpass"
ROUNDS = 4096

app = typer.Typer(no_args_is_help=True, help="Make a login in PostgreSQL for each service.")


@app.callback()
def main() -> None:
    """Make a login in PostgreSQL for each service."""


@app.command()
def make(
    folder: Annotated[Path, typer.Argument(help="Where each service's password goes: FOLDER/SERVICE/pgpass.")],
    as_json: AsJson = False,
) -> None:
    """Make the logins and give each the rights of its service; a password that was made before stays.

    Run it as whoever owns the database, after `manyhands migrate`.
    """
    made = asyncio.run(_make(Settings.from_env(), folder))
    if as_json:
        print_json(made)
        return
    for service, name in made.items():
        typer.echo(f"{service:<16}{name:<28}{folder / service / FILE}")


def login(service: str) -> str:
    """Return the name by which a service logs in."""
    return f"manyhands_login_{service}"


async def _make(settings: Settings, folder: Path) -> dict[str, str]:
    """Make every login; each password is in its file before PostgreSQL hears of it."""
    async with (
        await connect(settings.postgres, application="manyhands logins", size=1) as pool,
        pool.acquire() as connection,
    ):
        for service, roles in LOGINS.items():
            password = _password(folder / service / FILE, login(service))
            with denials():
                async with connection.transaction():
                    await _made(connection, login(service), password, roles)
    return {service: login(service) for service in LOGINS}


async def _made(connection: Connection, name: str, password: str, roles: Sequence[Role]) -> None:
    there = await connection.fetchval(statement(SQL, "there"), name)
    await _run(connection, "change" if there else "make", name, verifier(password))
    for role in roles:
        await _run(connection, "grant", name, role.value)
    for row in await connection.fetch(statement(SQL, "surplus"), name, [role.value for role in roles]):
        await connection.execute(row[0])


async def _run(connection: Connection, name: str, *arguments: str) -> None:
    await connection.execute(await connection.fetchval(statement(SQL, name), *arguments))


def _password(file: Path, name: str) -> str:
    """Return the password in the file, made when there is none."""
    if not file.exists():
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_secret(file, f"*:*:*:{name}:{secrets.token_urlsafe(32)}\n")
    return file.read_text("utf-8").strip().rpartition(":")[2]


def verifier(password: str, salt: bytes | None = None) -> str:
    """Return what PostgreSQL keeps of a password: by it, it can tell whether somebody knows the password (RFC 5802)."""
    salt = os.urandom(16) if salt is None else salt
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, ROUNDS)
    client = hmac.digest(salted, b"Client Key", "sha256")
    stored, server = hashlib.sha256(client).digest(), hmac.digest(salted, b"Server Key", "sha256")
    said = (base64.b64encode(each).decode() for each in (salt, stored, server))
    return "SCRAM-SHA-256${}:{}${}:{}".format(ROUNDS, *said)
