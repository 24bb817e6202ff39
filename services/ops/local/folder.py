"""The data folder of a server: made whole or not at all."""

import shutil
from collections.abc import Callable
from pathlib import Path

from services.ops.errors import HomeDamaged

LOG_BYTES = 10_000_000


def ensure(data: Path, marker: str, make: Callable[[Path], None]) -> None:
    """See to it that `data` is a folder holding the file `marker`, calling `make` where it is not.

    `make` fills a folder of another name, which is renamed when it is complete, so a crash in the
    middle leaves nothing that looks finished.

    Raises HomeDamaged when `data` holds something without the marker: it may be worth saving.
    """
    fresh = data.with_name(f"{data.name}.new")
    if fresh.exists():
        shutil.rmtree(fresh)
    if (data / marker).exists():
        return
    if data.exists() and any(data.iterdir()):
        raise HomeDamaged(f"{data} has no {marker}")
    make(fresh)
    fresh.replace(data)


def open_log(home: Path, name: str) -> Path:
    """Return where a server's log goes; a large one is set aside first, replacing the one before."""
    folder = home / "logs"
    folder.mkdir(mode=0o700, exist_ok=True)
    log = folder / f"{name}.log"
    if log.exists() and log.stat().st_size > LOG_BYTES:
        log.replace(log.with_suffix(".log.1"))
    log.touch(mode=0o600)
    return log
