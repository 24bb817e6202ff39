from pathlib import Path

import pytest

from services.ops.backup.errors import BackupForeign, LogDamaged
from services.ops.backup.manifest import Log
from services.ops.backup.segments import Copying, put
from tests.unit.ops.backup.segments import PARTITION, batch, folder, segment


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def live(data: Path) -> Path:
    """A partition with one whole segment and one that is being written to."""
    place = folder(data)
    (place / segment(0)).write_bytes(batch(0, b"one") + batch(1, b"two", b"three"))
    (place / segment(3)).write_bytes(batch(3, b"four") + batch(4, b"five")[:-7])
    return place


def copied(data: Path, number: int, before: Log | None = None) -> Log:
    return Copying(data, data.parent / "backup", number, lambda _: None).run(before)


def back(data: Path, log: Log, name: str) -> dict[str, bytes]:
    """Return the partition's files as they come back."""
    place = data.parent / name
    put(data.parent / "backup", log, place, lambda _: None)
    return {file.name: file.read_bytes() for file in (place / PARTITION).iterdir()}


def test_whole_batches_come_back_and_no_index(data: Path, live: Path) -> None:
    log = copied(data, 1)
    found = back(data, log, "found")
    assert log.folders[PARTITION].next_offset == 4
    assert found[segment(0)] == (live / segment(0)).read_bytes()
    assert found[segment(3)] == batch(3, b"four")
    assert set(found) == {segment(0), segment(3), "partition.metadata", "leader-epoch-checkpoint"}
    assert {each.name for each in (data.parent / "found").iterdir()} == {
        PARTITION,
        "__cluster_metadata-0",
        "meta.properties",
    }


def test_later_copies_add_only_what_came_since(data: Path, live: Path) -> None:
    first = copied(data, 1)
    (live / segment(3)).write_bytes(batch(3, b"four") + batch(4, b"five"))
    (live / segment(5)).write_bytes(batch(5, b"six"))
    second = copied(data, 2, first)
    third = copied(data, 3, second)
    found = back(data, third, "found")
    assert third.folders[PARTITION].next_offset == second.folders[PARTITION].next_offset == 6
    assert [found[segment(start)] for start in (0, 3, 5)] == [(live / segment(s)).read_bytes() for s in (0, 3, 5)]
    pieces = [file.stat().st_size for file in (data.parent / "backup" / "log").rglob("*") if file.is_file()]
    assert sum(pieces) == sum(file.stat().st_size for file in live.glob("*.log"))
    assert back(data, first, "older")[segment(3)] == batch(3, b"four")


def test_log_that_was_refilled_is_not_carried_on(data: Path, live: Path) -> None:
    first = copied(data, 1)
    (live / segment(3)).write_bytes(batch(3, b"FOUR") + batch(4, b"five"))
    with pytest.raises(BackupForeign):
        copied(data, 2, first)


def test_log_that_was_cut_is_not_carried_on(data: Path, live: Path) -> None:
    first = copied(data, 1)
    (live / segment(3)).write_bytes(b"")
    with pytest.raises(BackupForeign):
        copied(data, 2, first)


def test_topic_that_was_made_anew_is_not_carried_on(data: Path, live: Path) -> None:
    first = copied(data, 1)
    folder(data, topic="t2")
    with pytest.raises(BackupForeign):
        copied(data, 2, first)


def test_topic_that_is_gone_is_noticed(data: Path, live: Path) -> None:
    first = copied(data, 1)
    (live / "partition.metadata").unlink()
    with pytest.raises(BackupForeign):
        copied(data, 2, first)


def test_another_clusters_log_is_not_carried_on(data: Path, live: Path) -> None:
    first = copied(data, 1)
    (data / "meta.properties").write_text("cluster.id=two\n")
    with pytest.raises(BackupForeign):
        copied(data, 2, first)


def test_log_that_lost_its_beginning_is_not_carried_on(data: Path, live: Path) -> None:
    first = copied(data, 1)
    (live / segment(0)).unlink()
    with pytest.raises(BackupForeign):
        copied(data, 2, first)


def test_inbox_that_forgot_its_oldest_records_is(data: Path) -> None:
    place = folder(data, "manyhands.inbox.clinic-0")
    (place / segment(0)).write_bytes(batch(0, b"one"))
    (place / segment(1)).write_bytes(batch(1, b"two"))
    first = copied(data, 1)
    (place / segment(0)).unlink()
    log = copied(data, 2, first).folders["manyhands.inbox.clinic-0"]
    assert (list(log.segments), log.next_offset) == ([segment(1)], 2)


def test_segment_that_ends_in_the_middle_though_another_follows_is_damaged(data: Path, live: Path) -> None:
    (live / segment(0)).write_bytes(batch(0, b"one") + batch(1, b"two", b"three")[:-3])
    with pytest.raises(LogDamaged):
        copied(data, 1)
