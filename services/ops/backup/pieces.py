"""Files of a backup: written once under their own name, on disk before anything names them."""

import os
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path

from services.ops.backup.manifest import STRIDE, Piece


def write(folder: Path, path: str, content: Iterable[bytes]) -> Piece:
    """Write a file from its parts; half a file never stands under the name."""
    target = folder / path
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = target.with_name(f"{target.name}.part")
    hashed, size = sha256(), 0
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        for block in content:
            file.write(block)
            hashed.update(block)
            size += len(block)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(target)
    sync(target.parent)
    return Piece(path, size, hashed.hexdigest())


def measure(folder: Path, path: str) -> Piece:
    """Return the piece that a file written by somebody else is, once it is on disk."""
    hashed, size = sha256(), 0
    with (folder / path).open("rb+") as file:
        for block in blocks(file.name):
            hashed.update(block)
            size += len(block)
        os.fsync(file.fileno())
    return Piece(path, size, hashed.hexdigest())


def blocks(path: str | Path) -> Iterator[bytes]:
    """Yield a file's content."""
    with Path(path).open("rb") as file:
        while block := file.read(STRIDE):
            yield block


def sync(folder: Path) -> None:
    """Put the names in a folder on disk."""
    file = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
