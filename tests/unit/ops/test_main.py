from collections.abc import Iterator

import pytest
from typer.testing import CliRunner, Result

from services.ops import errors, main
from services.ops.errors import CommandBroken, OpsError
from services.runtime.errors import Fault


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main.app, list(arguments))


def tree(kind: type[Fault]) -> Iterator[type[Fault]]:
    yield kind
    for below in kind.__subclasses__():
        yield from tree(below)


def test_version_is_shown() -> None:
    assert run("--version").stdout.startswith("manyhands ")


def test_help_names_every_group() -> None:
    shown = run("--help").stdout
    assert [name for name in main.GROUPS if name not in shown] == []


def test_unknown_command_is_a_wrong_use() -> None:
    assert run("lokal").exit_code == 2


@pytest.mark.parametrize("name", main.GROUPS)
def test_every_group_can_be_loaded(name: str) -> None:
    assert main.load(name).name == name


@pytest.mark.parametrize("name", main.GROUPS)
def test_every_group_helps(name: str) -> None:
    shown = run(name, "--help")
    assert shown.exit_code == 0
    assert "completion" not in shown.stdout


def test_broken_group_breaks_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = {"broken": ("services.ops.no_such_module", "Nothing.")}
    monkeypatch.setattr(main, "GROUPS", {**main.GROUPS, **broken})
    assert isinstance(run("broken").exception, CommandBroken)
    assert run("local", "--help").exit_code == 0
    assert run("--help").exit_code == 0


def test_fault_is_one_line_with_a_code_and_a_hint(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(main, "GROUPS", {"broken": ("services.ops.no_such_module", "Nothing.")})
    monkeypatch.setattr("sys.argv", ["manyhands", "broken"])
    with pytest.raises(SystemExit) as left:
        main.main()
    assert left.value.code == 1
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith("manyhands: This command cannot be loaded: broken")
    assert first.endswith("[command-broken]")
    assert second == f"  {CommandBroken.hint}"


def test_every_fault_has_a_code_of_its_own() -> None:
    codes = [kind.code for kind in tree(OpsError)]
    assert sorted(set(codes)) == sorted(codes)


def test_every_fault_is_drawn_in_the_tree() -> None:
    assert [kind.__name__ for kind in tree(OpsError) if kind.__name__ not in (errors.__doc__ or "")] == []
