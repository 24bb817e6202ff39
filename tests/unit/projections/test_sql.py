"""Named blocks of `.sql` files."""

from pathlib import Path

import pytest

from projections.sql import UnnamedStatement, statement, statements


def test_blocks_are_found_by_name(tmp_path: Path) -> None:
    file = tmp_path / "a.sql"
    file.write_text("-- a file\n-- name: one\n-- why\nselect 1;\n\n-- name: two\nselect\n2;\n")
    assert dict(statements(file)) == {"one": "-- why\nselect 1;", "two": "select\n2;"}
    with pytest.raises(UnnamedStatement, match=r"a\.sql has no block three"):
        statement(file, "three")


def test_a_part_is_written_once_and_stands_in_every_block(tmp_path: Path) -> None:
    file = tmp_path / "c.sql"
    file.write_text("-- name: own\nwhere a = $1\n-- name: one\nselect 1 from t\n    -- part: own\nlimit 1;\n")
    assert statement(file, "one") == "select 1 from t\nwhere a = $1\nlimit 1;"
    file = tmp_path / "d.sql"
    file.write_text("-- name: one\nselect 1\n-- part: own\n;\n")
    with pytest.raises(UnnamedStatement, match="no block own"):
        statement(file, "one")


def test_a_name_given_twice_is_a_fault(tmp_path: Path) -> None:
    file = tmp_path / "b.sql"
    file.write_text("-- name: one\nselect 1;\n-- name: one\nselect 2;\n")
    with pytest.raises(UnnamedStatement, match="twice"):
        statements(file)
