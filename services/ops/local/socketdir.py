"""Where PostgreSQL's socket lives: a folder nobody else can enter, with a path short enough."""

import hashlib
import os
import re
import stat
import tempfile
from pathlib import Path

from services.ops.errors import PostgresFailed
from services.ops.local.account import hand_over, runner

#: The shortest limit of the systems we run on, less the file's own name.
LONGEST = 103 - len("/.s.PGSQL.5432")

_PLAIN = re.compile(r"[A-Za-z0-9._/-]+")


def choose(folder: Path) -> Path:
    """Return the socket folder of a PostgreSQL kept in `folder`.

    A path that is too long, or holds characters that mean something in an address or a setting,
    is replaced by a short one below the system's temporary folder.
    """
    wanted = folder / "run"
    if len(os.fsencode(wanted)) <= LONGEST and _PLAIN.fullmatch(str(wanted)):
        return wanted
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"manyhands-{os.geteuid()}-{name}"


def create(path: Path) -> None:
    """Create the folder, closed to others.

    Raises PostgresFailed when somebody else put something there first.
    """
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = path.lstat()
    ours = found.st_uid in {os.geteuid(), runner().pw_uid}
    if not ours or not stat.S_ISDIR(found.st_mode) or stat.S_IMODE(found.st_mode) != 0o700:
        raise PostgresFailed(f"{path} is not a closed folder of ours")
    hand_over(path)
