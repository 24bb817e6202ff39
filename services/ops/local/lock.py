"""Locks on files, which the operating system frees whatever happens to their holder."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.ops.errors import HomeBusy, HomeUnusable
from services.ops.local.polling import holds

PATIENCE_S = 180.0


def try_lock(file: int) -> bool:
    """Lock an open file for its holder and whoever inherits it; say whether that worked."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def exclusive(home: Path) -> Iterator[None]:
    """Be the only one who starts, stops or removes the servers of this folder.

    Raises HomeUnusable when the folder cannot be written, HomeBusy when another stays too long.
    """
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.open(home / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise HomeUnusable(f"{home} ({error.strerror})") from error
    try:
        if not holds(lambda: try_lock(file), PATIENCE_S):
            raise HomeBusy(str(home))
        yield
    finally:
        os.close(file)
