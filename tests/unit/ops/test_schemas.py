import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from events.catalogue import TYPES
from events.codes import CODES, UNREADABLE
from events.schema import export
from services.ops import schemas
from services.ops.errors import SchemaIncompatible
from services.ops.reference import faults
from services.ops.reference.pages import pages

FULL = "org.manyhands.referral.requested.v1"
Change = Callable[[dict[str, Any]], object]


def stand(folder: Path, change: Change) -> Path:
    """Put a version of the schema into the folder that differs from the code's by this change."""
    schema = export(FULL)
    change(schema)
    path = folder / f"{FULL}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(schema))
    return path


def without_urgent(schema: dict[str, Any]) -> None:
    schema["$defs"]["RequestedBody"]["properties"]["urgency"]["enum"].remove("urgent")


def without_area(schema: dict[str, Any]) -> None:
    del schema["$defs"]["RequestedBody"]["properties"]["area"]


def with_other_words(schema: dict[str, Any]) -> None:
    schema["description"] = "Said in another way."


def test_committed_schemas_are_the_codes_own() -> None:
    assert list(schemas.outdated(schemas.SCHEMAS)) == []


def test_committed_history_shares_the_log_with_the_code() -> None:
    assert list(schemas.breaks(schemas.SCHEMAS)) == []


def test_committed_reference_is_the_codes_own() -> None:
    assert list(schemas.outdated_pages(schemas.DOCS)) == []


def test_export_writes_each_type_once(tmp_path: Path) -> None:
    assert [schemas.export_one(tmp_path, full, draft=False) for full in TYPES] == [True] * len(TYPES)
    assert [schemas.export_one(tmp_path, full, draft=False) for full in TYPES] == [False] * len(TYPES)
    assert list(schemas.outdated(tmp_path)) == []
    assert not (tmp_path / "history").exists()


def test_export_keeps_what_a_published_schema_was_before_it_grew(tmp_path: Path) -> None:
    before = json.loads(stand(tmp_path, without_area).read_text())
    schemas.export_one(tmp_path, FULL, draft=False)
    assert json.loads((tmp_path / "history" / FULL / "1.json").read_text()) == before
    assert list(schemas.breaks(tmp_path)) == []
    stand(tmp_path, without_area)
    schemas.export_one(tmp_path, FULL, draft=False)
    assert sorted(path.name for path in (tmp_path / "history" / FULL).iterdir()) == ["1.json", "2.json"]


def test_export_turns_a_break_away_and_leaves_the_schema_as_it_was(tmp_path: Path) -> None:
    path = stand(tmp_path, without_urgent)
    before = path.read_text()
    with pytest.raises(SchemaIncompatible, match="/data/urgency"):
        schemas.export_one(tmp_path, FULL, draft=False)
    assert path.read_text() == before


def test_export_replaces_a_draft_without_history(tmp_path: Path) -> None:
    stand(tmp_path, without_urgent)
    assert schemas.export_one(tmp_path, FULL, draft=True)
    assert not (tmp_path / "history").exists()


def test_export_keeps_no_history_of_words(tmp_path: Path) -> None:
    stand(tmp_path, with_other_words)
    assert schemas.export_one(tmp_path, FULL, draft=False)
    assert not (tmp_path / "history").exists()


def test_a_break_with_an_older_version_is_found(tmp_path: Path) -> None:
    stand(tmp_path / "history" / FULL, without_urgent).rename(tmp_path / "history" / FULL / "1.json")
    assert list(schemas.breaks(tmp_path)) == [f"{FULL} 1 at /data/urgency"]


def test_missing_changed_and_lost_schemas_are_found(tmp_path: Path) -> None:
    for full in TYPES:
        schemas.export_one(tmp_path, full, draft=False)
    stand(tmp_path, without_urgent)
    (tmp_path / "org.manyhands.lost.found.v1.json").write_text("{}")
    (tmp_path / "org.manyhands.client.erased.v1.json").unlink()
    assert list(schemas.outdated(tmp_path)) == [
        "org.manyhands.client.erased.v1",
        "org.manyhands.lost.found.v1",
        FULL,
    ]


def test_missing_and_changed_pages_are_found(tmp_path: Path) -> None:
    for name, text in pages().items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    (tmp_path / "reference" / "codes.md").write_text("changed")
    (tmp_path / "reference" / "events.md").unlink()
    assert list(schemas.outdated_pages(tmp_path)) == ["reference/events.md", "reference/codes.md"]


def test_reference_has_every_fault_with_its_meaning() -> None:
    written = pages()["reference/faults.md"]
    kinds = faults.kinds()
    assert {kind.__name__ for kind in kinds} >= {"BuildTaken", "InitiativeUnknown", "KafkaFailed", "SecretsUnsafe"}
    assert {kind.__name__ for kind in kinds} & {"Fault", "OpsError", "ServerFailed", "VaultFault"} == set()
    assert [kind for kind in kinds if f"| `{kind.code}` | {(kind.__doc__ or '?').splitlines()[0]}" not in written] == []


def test_reference_has_every_type_and_code() -> None:
    written = pages()
    assert [full for full in TYPES if f"`{full}`" not in written["reference/events.md"]] == []
    assert [code for code in [*CODES, *UNREADABLE] if f"| `{code}` |" not in written["reference/codes.md"]] == []
