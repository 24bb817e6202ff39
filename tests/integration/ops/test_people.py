"""`manyhands people`: adding, listing and letting go."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from services.ops import people
from services.ops.errors import NoSuchPerson, PersonTaken
from tests.support.events import ident

NAMED = ("--initiative", "riverbend", "--partner", "clinic")


@pytest.fixture(autouse=True)
def deployment(monkeypatch: pytest.MonkeyPatch, database: str, tmp_path: Path) -> None:
    """A deployment that has a database alone."""
    for name, value in (("HOME", str(tmp_path)), ("KAFKA", "127.0.0.1:1"), ("POSTGRES", database)):
        monkeypatch.setenv(f"MANYHANDS_{name}", value)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(people.app, arguments)


def test_person_is_added_listed_and_deactivated() -> None:
    added = run("add", "Ada@Clinic.Example", *NAMED)
    assert added.exit_code == 0, added.output
    person = added.output.strip()
    assert "ada@clinic.example" in run("list", "--json").output
    assert isinstance(run("add", "ada@clinic.example", *NAMED).exception, PersonTaken)
    assert run("deactivate", person).exit_code == 0
    # The address is free again, the id never is.
    assert isinstance(run("add", "bo@clinic.example", *NAMED, "--person", person).exception, PersonTaken)
    assert run("add", "ada@clinic.example", *NAMED).exit_code == 0


@pytest.mark.parametrize("person", ["nobody", ident("nobody")])
def test_nobody_is_deactivated(person: str) -> None:
    assert isinstance(run("deactivate", person).exception, NoSuchPerson)


@pytest.mark.parametrize(
    "arguments", [("add", "ada", *NAMED), ("add", "a@b.example", *NAMED, "--person", "Ada"), ("add", "a@b.example")]
)
def test_wrong_use_is_said(arguments: tuple[str, ...]) -> None:
    assert run(*arguments).exit_code == 2
