"""The broker's own log, copied while it runs: only whole batches, and of those copied before none again.

Segments only grow at their end, so what was copied once is a beginning of what is there now, or the log is another.
Indexes are left out, as the broker makes them anew when it starts; so are its internal topics, which mirror
what PostgreSQL owns.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from events import topics
from services.ops.backup.batches import batches
from services.ops.backup.errors import BackupForeign, LogDamaged
from services.ops.backup.manifest import Folder, Log, Piece
from services.ops.backup.pieces import blocks, write
from services.ops.local import broker

#: What the names of inboxes have in common.
INBOXES = topics.inbox("").family
CLUSTER = "__cluster_metadata-0"
#: What a partition's folder holds beside its segments, and the broker's folder beside partitions.
SMALL = ("partition.metadata", "leader-epoch-checkpoint")
ROOT = ("meta.properties", "bootstrap.checkpoint", "log-start-offset-checkpoint")
#: How much of the copy's end is compared with the log before it is carried on.
COMPARED = 65_536
#: How often the cluster's own log is copied again when the broker took a file of it away meanwhile.
TRIES = 10
_PARTITION = re.compile(r"[a-zA-Z0-9._-]+-[0-9]+")

Advance = Callable[[int], None]


class Copying:
    """Copies one broker's folder into a backup's folder, going on from an earlier backup where there is one."""

    def __init__(self, data: Path, folder: Path, number: int, advance: Advance) -> None:
        self._data = data
        self._folder = folder
        self._number = number
        self._advance = advance

    def run(self, before: Log | None) -> Log:
        """Return the log as it now is in the backup.

        Raises BackupForeign when it does not go on from the one before, and LogDamaged.
        """
        small = self._small(self._data, ROOT, "")
        if before and before.small["meta.properties"].sha256 != small["meta.properties"].sha256:
            raise BackupForeign("it holds the log of another cluster")
        known = before.folders if before else {}
        folders = {name: self._partition(name, known.get(name)) for name in partitions(self._data)}
        lost = [name for name, folder in known.items() if name not in folders and folder.next_offset]
        if lost:
            raise BackupForeign(f"{lost[0]} is not there any more")
        # The last of all: whatever was copied before is known to it.
        return Log(broker.version(), small, folders, self._cluster())

    def _partition(self, name: str, before: Folder | None) -> Folder:
        place = self._data / name
        small = self._small(place, SMALL, name)
        if before and before.small["partition.metadata"].sha256 != small["partition.metadata"].sha256:
            raise BackupForeign(f"{name} was made anew")
        found = sorted(file.name for file in place.glob("*.log"))
        if before:
            _continues(name, list(before.segments), found)
        segments, next_offset = {}, 0
        for segment in found:
            earlier = before.segments.get(segment, []) if before else []
            copied, end = self._segment(f"{name}/{segment}", earlier)
            if segment != found[-1] and sum(piece.size for piece in copied) != (place / segment).stat().st_size:
                raise LogDamaged(f"{name}/{segment}, at its end")
            segments[segment] = copied
            next_offset = max(next_offset, end or int(segment.removesuffix(".log")))
        next_offset = max(next_offset, before.next_offset if before else 0)
        return Folder(segments, small, next_offset)

    def _segment(self, path: str, earlier: list[Piece]) -> tuple[list[Piece], int]:
        """Return all pieces of a segment, and the offset after what was new; 0 when nothing was."""
        start = sum(piece.size for piece in earlier)
        self._compare(path, start, earlier)
        ends = [0]
        if (self._data / path).stat().st_size == start:
            return earlier, 0
        piece = write(self._folder, f"log/{path}.{start:012}.{self._number:06}", self._new(path, start, ends))
        if not piece.size:
            (self._folder / piece.path).unlink()
            return earlier, 0
        return [*earlier, piece], ends[-1]

    def _new(self, path: str, start: int, ends: list[int]) -> Iterator[bytes]:
        with (self._data / path).open("rb") as file:
            file.seek(start)
            for batch in batches(file):
                ends[0] = batch.next_offset
                self._advance(len(batch.data))
                yield batch.data

    def _compare(self, path: str, start: int, earlier: list[Piece]) -> None:
        """See that the log still has what was copied of it."""
        if not earlier:
            return
        last = earlier[-1]
        length = min(COMPARED, last.size)
        with (self._folder / last.path).open("rb") as copied, (self._data / path).open("rb") as live:
            copied.seek(last.size - length)
            live.seek(start - length)
            if copied.read(length) != live.read(length):
                raise BackupForeign(f"{path} does not go on from what was copied of it")

    def _cluster(self) -> dict[str, Piece]:
        """Copy the cluster's own log, in which topics, their settings and access entries stand."""
        place = self._data / CLUSTER
        for attempt in range(TRIES):
            try:
                # Snapshots before the log, which goes on from each of them.
                names = sorted(file.name for file in place.iterdir() if file.suffix in (".checkpoint", ".log"))
                wanted = sorted(names, key=lambda name: name.endswith(".log"))
                kept = [*SMALL, "quorum-state", *wanted]
                return {name: self._whole(place / name) for name in kept if (place / name).exists()}
            except FileNotFoundError:
                if attempt == TRIES - 1:
                    raise
        raise LogDamaged(CLUSTER)

    def _whole(self, file: Path) -> Piece:
        content = _batches(file) if file.suffix == ".log" else blocks(file)
        return write(self._folder, f"small/{self._number:06}/{CLUSTER}/{file.name}", content)

    def _small(self, place: Path, names: tuple[str, ...], folder: str) -> dict[str, Piece]:
        there = [name for name in names if (place / name).exists()]
        target = "/".join(part for part in (f"small/{self._number:06}", folder) if part)
        return {name: write(self._folder, f"{target}/{name}", blocks(place / name)) for name in there}


def _continues(name: str, before: list[str], found: list[str]) -> None:
    """Raise BackupForeign when segments are gone that are kept for ever; an inbox forgets its oldest."""
    lost = [segment for segment in before if segment not in found]
    if lost and (INBOXES not in name or max(lost) > min(found, default="")):
        raise BackupForeign(f"{name}/{lost[0]} is not there any more")


def partitions(data: Path) -> list[str]:
    """Return the names of the folders that hold partitions of topics which are not the broker's own."""
    named = (each for each in data.iterdir() if _PARTITION.fullmatch(each.name) and not each.name.startswith("__"))
    return sorted(each.name for each in named if (each / "partition.metadata").exists())


def put(folder: Path, log: Log, data: Path, advance: Advance) -> None:
    """Write a broker's folder from the backup."""
    data.mkdir(mode=0o700, parents=True)
    for name, piece in log.small.items():
        _join(folder, [piece], data / name, advance)
    for name, piece in log.cluster.items():
        _join(folder, [piece], data / CLUSTER / name, advance)
    for name, kept in log.folders.items():
        for segment, pieces in kept.segments.items():
            _join(folder, pieces, data / name / segment, advance)
        for small, piece in kept.small.items():
            _join(folder, [piece], data / name / small, advance)


def _join(folder: Path, pieces: list[Piece], target: Path, advance: Advance) -> None:
    def content() -> Iterator[bytes]:
        for piece in pieces:
            for block in blocks(folder / piece.path):
                advance(len(block))
                yield block

    write(target.parent, target.name, content())


def _batches(file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:
        for batch in batches(opened):
            yield batch.data
