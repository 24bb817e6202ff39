"""Stepping down from root, which PostgreSQL asks for."""

import os
import subprocess
from pathlib import Path

import pytest

from services.ops.local.account import demoted, runner

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root steps down")

#: Prints the user id, and whether the file is seen by access(2) and can be read.
LOOK = 'id -u; test -x "$0" && cat "$0"'


@pytest.fixture
def program(tmp_path: Path) -> Path:
    folder = tmp_path / "closed"
    folder.mkdir(mode=0o700)
    file = folder / "program"
    file.write_text("read")
    file.chmod(0o755)
    return file


def look(file: Path, *places: Path) -> list[str]:
    command = demoted(["/bin/sh", "-c", LOOK, str(file)], *places)
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.split()


def test_root_steps_down_and_still_passes_through_its_own_closed_folders(program: Path) -> None:
    assert look(program, program) == [str(runner().pw_uid), "read"]


def test_root_keeps_no_right_that_is_not_needed(program: Path) -> None:
    assert look(program, Path("/bin/sh")) == [str(runner().pw_uid)]
