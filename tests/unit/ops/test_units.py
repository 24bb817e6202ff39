"""What systemd is told to run is there to be run."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.ops import run
from services.ops.main import GROUPS, load

UNITS = Path(__file__).parents[3] / "deploy" / "systemd"
FILES = sorted(UNITS.iterdir())
SERVICES = [file for file in FILES if file.suffix == ".service"]
ENVIRONMENT = (UNITS.parent / "manyhands.env").read_text()


def entries(file: Path) -> Iterator[tuple[str, str]]:
    for line in file.read_text().splitlines():
        if line and not line.startswith(("#", "[")):
            name, _, value = line.partition("=")
            yield name, value


def commands(file: Path) -> list[list[str]]:
    return [shlex.split(value) for name, value in entries(file) if name in ("ExecStart", "ExecStartPost", "ExecStop")]


@pytest.mark.parametrize("file", SERVICES, ids=lambda file: file.name)
def test_every_command_exists_with_its_options(file: Path) -> None:
    for program, group, *rest in commands(file):
        assert program == "/opt/manyhands/bin/manyhands"
        assert group in GROUPS
        command = load(group)
        inner = getattr(command, "commands", {})
        if inner and rest[0] != "%i":
            command = inner[rest[0]]
        options = {option for param in command.params for option in param.opts}
        assert {word for word in rest if word.startswith("--")} <= options


def test_services_that_are_named_are_those_that_run() -> None:
    named = set(re.findall(r"manyhands@(\w+)", (UNITS / "manyhands@.service").read_text()))
    assert named == {command.callback.__name__ for command in run.app.registered_commands if command.callback}


@pytest.mark.parametrize("file", SERVICES, ids=lambda file: file.name)
def test_no_service_runs_as_root_nor_leaves_files_open(file: Path) -> None:
    said = dict(entries(file))
    assert (said["User"], said["NoNewPrivileges"], said["UMask"]) == ("manyhands", "yes", "0077")


@pytest.mark.parametrize("file", [file for file in FILES if file.suffix == ".timer"], ids=lambda file: file.name)
def test_every_timer_has_its_service_and_makes_up_for_what_it_missed(file: Path) -> None:
    assert file.with_suffix(".service").exists()
    assert dict(entries(file))["Persistent"] == "true"


def test_every_variable_has_a_value() -> None:
    used = {name for file in SERVICES for name in re.findall(r"\$\{(\w+)\}", file.read_text())}
    assert used == set(re.findall(r"^(MANYHANDS_(?:BACKUPS|SECRETS_COPY))=.", ENVIRONMENT, re.MULTILINE))
