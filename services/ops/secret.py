"""Writing what only its owner may read."""

import os
from pathlib import Path

from services.ops.errors import FileTaken


def write_secret(path: Path, text: str) -> None:
    """Write a new file that only its owner may read.  Raises FileTaken when there is something already."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise FileTaken(str(path)) from None
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
