"""PostgreSQL refuses to run as root: whose account it runs under instead."""

import os
import pwd
import shutil
from pathlib import Path

from services.ops.errors import PostgresFailed

ROOT = 0
SUBSTITUTE = "nobody"


def owner() -> pwd.struct_passwd:
    """Return the account that starts the servers and may connect to them.

    Raises PostgresFailed when this user id has no account, as PostgreSQL needs its name.
    """
    try:
        return pwd.getpwuid(os.geteuid())
    except KeyError as error:
        raise PostgresFailed(f"user id {os.geteuid()} has no account") from error


def runner() -> pwd.struct_passwd:
    """Return the account that PostgreSQL runs under: the owner's own, or a powerless one for root's."""
    return pwd.getpwnam(SUBSTITUTE) if os.geteuid() == ROOT else owner()


def hand_over(path: Path) -> None:
    """Give a file or folder to the account that PostgreSQL runs under."""
    account = runner()
    if os.geteuid() == ROOT:
        os.chown(path, account.pw_uid, account.pw_gid)


def demoted(command: list[str], *places: Path) -> list[str]:
    """Return the command as it must be run so that PostgreSQL is content.

    Root's own folders are often closed to everybody else.  Instead of opening them, the process
    keeps the one right to pass through, and only where `places` ask for it.  (The secure bit lets
    access(2) see that right too: PostgreSQL looks for its own programs that way.)

    Raises PostgresFailed when root has no `setpriv` to step down with.
    """
    if os.geteuid() != ROOT:
        return command
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise PostgresFailed("root needs the program setpriv (of util-linux)")
    account = runner()
    step_down = [setpriv, f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
    if not all(_passable(place) for place in places):
        step_down += ["--securebits=+no_setuid_fixup", "--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
    return [*step_down, "--", *command]


def _passable(place: Path) -> bool:
    return all(parent.stat().st_mode & 0o001 for parent in place.resolve().parents)
