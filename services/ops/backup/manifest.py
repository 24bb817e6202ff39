"""What a backup consists of: one file that names every other with its sum, and is itself authenticated.

A folder holds many backups.  Their pieces of the log are shared and never change once written, so that a later
backup adds only what came since.
"""

import re
from hashlib import sha256
from pathlib import Path

import msgspec

from events.ids import Keyed, keyed_hash
from services.ops.backup.errors import BackupDamaged, BackupForeign, BackupMissing
from services.ops.local.state import replace_text

_NAME = re.compile(r"backup-([0-9]{6})\.json")
STRIDE = 1 << 20


class Piece(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file of the backup, by its path in the folder."""

    path: str
    size: int
    sha256: str


class Folder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One partition: its segments' pieces in order, its small files, and the offset after its last record."""

    segments: dict[str, list[Piece]]
    small: dict[str, Piece]
    next_offset: int

    @property
    def pieces(self) -> list[Piece]:
        """Every piece of its segments."""
        return [piece for pieces in self.segments.values() for piece in pieces]


class Log(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A broker's folder."""

    kafka: str
    small: dict[str, Piece]
    folders: dict[str, Folder]
    #: The cluster's own log of its topics, whole in every backup.
    cluster: dict[str, Piece]


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table's rows as CSV."""

    columns: list[str]
    rows: int
    piece: Piece


class Keep(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The schema `keep`: the migrations that it had by number and sum, the epoch in use, and its rows."""

    migrations: dict[int, str]
    epoch: int | None
    tables: dict[str, Table]


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole backup; `began` is the moment up to which it surely holds everything."""

    number: int
    began: str
    ended: str
    keep: Keep
    log: Log | None

    @property
    def pieces(self) -> list[Piece]:
        """Every file that belongs to it."""
        found = [table.piece for table in self.keep.tables.values()]
        if self.log is None:
            return found
        found += [*self.log.small.values(), *self.log.cluster.values()]
        for folder in self.log.folders.values():
            found += [*folder.small.values(), *folder.pieces]
        return found


class _Signed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    manifest: msgspec.Raw
    #: A keyed hash under the deployment's own secret: nobody without it can change a backup unnoticed.
    seal: str


def numbers(folder: Path) -> list[int]:
    """Return the numbers of the backups in a folder, the oldest first."""
    if not folder.exists():
        return []
    found = (_NAME.fullmatch(file.name) for file in folder.iterdir())
    return sorted(int(match[1]) for match in found if match)


def write(folder: Path, manifest: Manifest, secret: bytes) -> None:
    """Write it whole, after everything that it names."""
    text = msgspec.json.encode(manifest)
    signed = _Signed(msgspec.Raw(text), seal(text, secret))
    replace_text(folder / name(manifest.number), msgspec.json.encode(signed).decode())


def read(folder: Path, number: int | None, secret: bytes) -> Manifest:
    """Return a backup's manifest, the newest one's without a number.

    Raises BackupMissing, BackupDamaged, and BackupForeign when these are not the secrets it was made under.
    """
    number = number or max(numbers(folder), default=0)
    try:
        signed = msgspec.json.decode((folder / name(number)).read_bytes(), type=_Signed)
        manifest = msgspec.json.decode(signed.manifest, type=Manifest)
    except FileNotFoundError:
        raise BackupMissing(f"{folder} holds no backup{f' {number}' if number else ''}") from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise BackupDamaged(name(number)) from None
    if signed.seal != seal(bytes(signed.manifest), secret):
        raise BackupForeign(f"{name(number)} was changed, or these are not the secrets that it was made under")
    return manifest


def verify(folder: Path, piece: Piece) -> None:
    """Raise BackupDamaged when a file is not the one that was written."""
    hashed, size = sha256(), 0
    try:
        with (folder / piece.path).open("rb") as file:
            while block := file.read(STRIDE):
                hashed.update(block)
                size += len(block)
    except FileNotFoundError:
        raise BackupDamaged(f"{piece.path} is missing") from None
    if (size, hashed.hexdigest()) != (piece.size, piece.sha256):
        raise BackupDamaged(piece.path)


def name(number: int) -> str:
    """Return the file name of a backup's manifest."""
    return f"backup-{number:06}.json"


def seal(text: bytes, secret: bytes) -> str:
    """Return what only who holds the secret can write under this text."""
    return keyed_hash(Keyed(secret), "backup", sha256(text).hexdigest()).hex()
