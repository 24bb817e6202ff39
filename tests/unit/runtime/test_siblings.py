"""Processes that belong together end together, with the exit code they deserve."""

import os
from pathlib import Path

import pytest

from services.runtime import siblings

#: The second ends by itself once it has heard from the first, which ends when it is told to.
CHILD = """
import os, pathlib, signal, sys
folder, port = pathlib.Path(os.environ["FOLDER"]), os.environ["MANYHANDS_PORT"]
if os.environ["MANYHANDS_INSTANCE"] == "east-1":
    (folder / "heard").write_text((folder / "pipe").read_text() + port)
    sys.exit(int(os.environ["CODE"]))
signal.signal(signal.SIGTERM, lambda *_: sys.exit(int(os.environ["LATER"])))
(folder / "pipe").write_text(port + ",")
signal.pause()
"""


@pytest.mark.parametrize(("code", "later", "expected"), [("0", "0", 0), ("3", "0", 1), ("0", "1", 1)])
def test_one_that_ends_takes_the_others_with_it(tmp_path: Path, code: str, later: str, expected: int) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "alike.py").write_text(CHILD)
    said = {"PYTHONPATH": str(tmp_path), "FOLDER": str(tmp_path), "CODE": code, "LATER": later}
    told = {**said, "MANYHANDS_INSTANCE": "east", "MANYHANDS_PORT": "9100"}
    assert siblings.run("alike", 2, told) == expected
    assert (tmp_path / "heard").read_text() == "9100,9101"


def test_what_was_not_given_stays_open() -> None:
    assert siblings.environment({"MANYHANDS_PORT": "0", "HOME": "/"}, 1) == {"MANYHANDS_PORT": "0", "HOME": "/"}
