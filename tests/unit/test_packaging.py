"""What is committed about packaging must hold on any machine."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = ["requirements.txt", "requirements-dev.txt", "bench/peers/requirements.txt"]


@pytest.mark.parametrize("name", LOCKS)
def test_lock_file_names_no_download_address(name: str) -> None:
    assert not re.search(r"https?:|--(extra-)?index-url|--find-links", (ROOT / name).read_text())


@pytest.mark.parametrize("name", LOCKS)
def test_lock_file_pins_and_hashes_every_package(name: str) -> None:
    entries = re.split(r"\n(?=\S)", (ROOT / name).read_text().strip())
    unpinned = [entry for entry in entries if "==" not in entry or "--hash=sha256:" not in entry]
    assert unpinned == []


def test_development_lock_agrees_with_the_runtime_lock() -> None:
    def pins(name: str) -> set[str]:
        return set(re.findall(r"^\S+==\S+", (ROOT / name).read_text(), re.MULTILINE))

    assert pins("requirements.txt") <= pins("requirements-dev.txt")


def test_continuous_integration_runs_exactly_the_tests() -> None:
    assert (ROOT / ".ci/run").read_text().splitlines()[-1] == "exec make test"
