import pytest
from typer.testing import CliRunner

from services.ops.migrate import app


def test_second_migration_has_nothing_to_do(database: str, kafka: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MANYHANDS_KAFKA", kafka)
    monkeypatch.setenv("MANYHANDS_POSTGRES", database)
    first, second = (CliRunner().invoke(app, []) for _ in range(2))
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert first.stdout.startswith("applied")
    assert second.stdout == "Nothing to apply.\n"
