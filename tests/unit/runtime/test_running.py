"""A process as the system sees it: what it holds in memory is for nobody else."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it is seen in /proc")


@contextmanager
def idle(way: str) -> Iterator[Path]:
    """Run a process that does nothing and give its folder in /proc."""
    command = [sys.executable, "-m", "tests.support.idle", way]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"running\n"
            yield Path("/proc") / str(process.pid)
        finally:
            process.terminate()
    assert process.returncode == 0


def core_limits(process: Path) -> list[str]:
    found = re.search(r"^Max core file size +(\S+) +(\S+)", (process / "limits").read_text("ascii"), re.MULTILINE)
    assert found is not None
    return list(found.groups())


def owner(process: Path) -> int:
    """Return whose the process's memory is: the kernel gives what may not be dumped to root."""
    return (process / "mem").stat().st_uid


def test_process_writes_no_core_and_shows_nobody_its_memory() -> None:
    with idle("closed") as process:
        assert core_limits(process) == ["0", "0"]
        assert owner(process) == 0


def test_process_that_does_not_ask_for_it_may_be_dumped() -> None:
    """Negative control.  The limit is that of whoever starts it, which may be none at all."""
    with idle("open") as process:
        assert core_limits(process)[1] == core_limits(Path("/proc/self"))[1]
        assert owner(process) != 0
