from pathlib import Path

import pytest

from services.ops.errors import HomeBusy, HomeDamaged, HomeUnusable
from services.ops.local import lock, socketdir
from services.ops.local.folder import LOG_BYTES, ensure, open_log
from services.ops.local.state import publish, withdraw
from services.ops.local.tail import last_lines


def made(folder: Path) -> None:
    folder.mkdir()
    (folder / "MARK").write_text("whole")


def unmade(folder: Path) -> None:
    pytest.fail(f"{folder} was to be left alone")


def test_folder_is_made_once(tmp_path: Path) -> None:
    ensure(tmp_path / "data", "MARK", made)
    ensure(tmp_path / "data", "MARK", unmade)
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_folder_left_half_made_is_made_anew(tmp_path: Path) -> None:
    def broken(folder: Path) -> None:
        folder.mkdir()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ensure(tmp_path / "data", "MARK", broken)
    ensure(tmp_path / "data", "MARK", made)
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_folder_without_its_mark_is_never_removed(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "segment").write_text("events")
    with pytest.raises(HomeDamaged):
        ensure(tmp_path / "data", "MARK", made)
    assert (tmp_path / "data" / "segment").read_text() == "events"


def test_empty_folder_is_filled(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    ensure(tmp_path / "data", "MARK", made)
    assert (tmp_path / "data" / "MARK").exists()


def test_large_log_is_set_aside_at_the_next_start(tmp_path: Path) -> None:
    log = open_log(tmp_path, "server")
    log.write_bytes(b"x" * (LOG_BYTES + 1))
    assert open_log(tmp_path, "server").stat().st_size == 0
    assert log.with_suffix(".log.1").stat().st_size == LOG_BYTES + 1


def test_last_lines_are_quoted_with_the_place_of_the_log(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    assert last_lines(log) == f"no log at {log}"
    log.write_text("one\ntwo\nthree\nfour\n")
    assert last_lines(log, 2) == f"three | four (log: {log})"


def test_folder_is_used_by_one_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "PATIENCE_S", 0.0)
    with lock.exclusive(tmp_path), pytest.raises(HomeBusy), lock.exclusive(tmp_path):
        pass
    with lock.exclusive(tmp_path):
        pass


def test_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(HomeUnusable, match="file"), lock.exclusive(tmp_path / "file" / "home"):
        pass


def test_addresses_are_for_their_owner_only(tmp_path: Path) -> None:
    publish(tmp_path, {"kafka": "127.0.0.1:1"})
    assert (tmp_path / "local.json").stat().st_mode & 0o777 == 0o600
    withdraw(tmp_path)
    withdraw(tmp_path)
    assert not (tmp_path / "local.json").exists()


def test_socket_lies_beside_the_data_where_the_path_is_plain_and_short() -> None:
    assert socketdir.choose(Path("/data/postgres")) == Path("/data/postgres/run")


@pytest.mark.parametrize("name", ["d" * 100, "my data", "a,b", "a%b"])
def test_socket_lies_elsewhere_where_the_path_would_not_work(name: str) -> None:
    chosen = socketdir.choose(Path("/") / name)
    assert name not in str(chosen)
    assert len(str(chosen)) <= socketdir.LONGEST
    assert chosen == socketdir.choose(Path("/") / name) != socketdir.choose(Path("/") / f"{name}2")


def test_socket_folder_that_somebody_else_opened_is_refused(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir(mode=0o755)
    with pytest.raises(Exception, match="closed folder"):
        socketdir.create(tmp_path / "run")
    (tmp_path / "link").symlink_to(tmp_path / "run")
    with pytest.raises(Exception, match="closed folder"):
        socketdir.create(tmp_path / "link")
