import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.ops.local.daemon import Daemon
from tests.support.wait import until

ENVIRONMENT = {"PATH": "/usr/bin:/bin"}
SLEEP = ["/bin/sh", "-c", "exec sleep 600"]
STUBBORN = ["/bin/sh", "-c", "trap '' TERM; while :; do sleep 1; done"]


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    daemon = Daemon(tmp_path / "pid")
    yield daemon
    daemon.stop(signal.SIGKILL, 10)


@pytest.fixture
def stranger() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(["/bin/sleep", "600"]) as process:
        yield process
        process.kill()


def start(daemon: Daemon, command: list[str]) -> int:
    daemon.start(command, daemon.pidfile.with_suffix(".log"), ENVIRONMENT)
    pid = daemon.pid()
    assert pid is not None
    return pid


def test_daemon_is_unknown_before_its_start(daemon: Daemon) -> None:
    assert not daemon.running()
    assert daemon.pid() is None
    assert daemon.stop(signal.SIGTERM, 1)


def test_daemon_belongs_to_no_terminal_and_to_no_caller(daemon: Daemon) -> None:
    pid = start(daemon, SLEEP)
    assert os.getsid(pid) != os.getsid(0)
    assert os.getpgid(pid) != os.getpgid(0)


def test_daemon_stops_when_asked(daemon: Daemon) -> None:
    start(daemon, SLEEP)
    assert daemon.stop(signal.SIGTERM, 10)
    assert daemon.pid() is None


def test_daemon_that_does_not_listen_is_killed(daemon: Daemon) -> None:
    start(daemon, STUBBORN)
    assert daemon.stop(signal.SIGTERM, 0.2)
    assert not daemon.running()


def test_stale_pid_file_never_stops_the_stranger_who_got_the_number(
    daemon: Daemon, stranger: subprocess.Popen[bytes]
) -> None:
    daemon.pidfile.write_text(f"{stranger.pid}\n")
    assert not daemon.running()
    assert daemon.stop(signal.SIGKILL, 1)
    assert stranger.poll() is None


async def test_daemon_killed_from_outside_can_be_started_again(daemon: Daemon) -> None:
    os.kill(start(daemon, SLEEP), signal.SIGKILL)
    await until(lambda: not daemon.running())
    start(daemon, SLEEP)
    assert daemon.running()


async def test_daemon_counts_as_running_while_a_child_of_it_lives(daemon: Daemon) -> None:
    pid = start(daemon, ["/bin/sh", "-c", "sleep 600 & wait"])
    children = await until(Path(f"/proc/{pid}/task/{pid}/children").read_text)
    os.kill(pid, signal.SIGKILL)
    assert daemon.running()
    os.kill(int(children), signal.SIGKILL)
    await until(lambda: not daemon.running())


def test_daemon_inherits_nothing_of_the_callers_environment(daemon: Daemon, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_TOOL_OPTIONS", "-Dsecret=1")
    pid = start(daemon, SLEEP)
    assert b"secret" not in Path(f"/proc/{pid}/environ").read_bytes()
