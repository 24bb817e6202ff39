"""`manyhands partners address`: setting, showing and forgetting."""

from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner, Result

from services.ops import partners

NAMED = ("--initiative", "riverbend")


@pytest.fixture(autouse=True)
def deployment(monkeypatch: pytest.MonkeyPatch, database: str, tmp_path: Path) -> None:
    """A deployment that has a database alone."""
    for name, value in (("HOME", str(tmp_path)), ("KAFKA", "127.0.0.1:1"), ("POSTGRES", database)):
        monkeypatch.setenv(f"MANYHANDS_{name}", value)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(partners.app, ("address", *arguments))


def test_address_is_set_shown_and_forgotten() -> None:
    assert orjson.loads(run("--json").output) == []
    said = run("shelter", "Desk@Shelter.Example", *NAMED)
    assert said.exit_code == 0, said.output
    assert "desk" not in said.output.lower().replace("desk@", "")
    [shown] = orjson.loads(run("shelter", "--json").output)
    assert (shown["partner"], shown["email"]) == ("shelter", "desk@shelter.example")
    assert "no mails" in run("shelter", "--forget", *NAMED).output
    assert "no address" in run("shelter", "--forget", *NAMED).output


@pytest.mark.parametrize("arguments", [("shelter", "desk"), ("shelter", "desk", *NAMED), ("--forget",)])
def test_wrong_use_is_said(arguments: tuple[str, ...]) -> None:
    assert run(*arguments).exit_code == 2
