from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from events.catalogue import TYPES
from events.schema import export, structure


def objects(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        if schema.get("type") == "object":
            yield schema
        for part in schema.values():
            yield from objects(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from objects(part)


@pytest.mark.parametrize("full", TYPES)
def test_schema_is_a_valid_one_of_its_draft(full: str) -> None:
    Draft202012Validator.check_schema(export(full))


@pytest.mark.parametrize("full", TYPES)
def test_writers_may_write_no_other_fields_and_no_nulls(full: str) -> None:
    schema = export(full)
    assert all(part["additionalProperties"] is False for part in objects(schema))
    assert "null" not in str(schema)


@pytest.mark.parametrize("full", TYPES)
def test_schema_asks_for_what_admission_adds(full: str) -> None:
    schema = export(full)
    body = schema["$defs"][schema["properties"]["data"]["$ref"].rpartition("/")[2]]
    assert "admitted" in body["required"]


@pytest.mark.parametrize("full", TYPES)
def test_schema_holds_every_text_and_number_to_a_bound(full: str) -> None:
    properties = [part for whole in objects(export(full)) for part in whole["properties"].values()]
    texts = [part for part in properties if part.get("type") == "string"]
    numbers = [part for part in properties if part.get("type") == "integer"]
    lists = [part for part in properties if part.get("type") == "array"]
    assert all({"pattern", "const", "enum", "formatMinimum"} & part.keys() for part in texts)
    assert all({"minimum", "maximum"} <= part.keys() or "const" in part for part in numbers)
    assert all("maxItems" in part for part in lists)


def test_structure_leaves_words_out_and_fields_of_that_name_in() -> None:
    schema = {"title": "T", "type": "object", "properties": {"title": {"description": "d", "type": "string"}}}
    assert structure(schema) == {"type": "object", "properties": {"title": {"type": "string"}}}
