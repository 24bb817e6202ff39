"""JSON Schemas of what stands on the log, as writers are held to it: closed, without nulls."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from events.catalogue import TYPES
from events.fields import EARLIEST, LATEST

DRAFT = "https://json-schema.org/draft/2020-12/schema"
#: What pydantic adds that says nothing about the value.
_NOISE = frozenset({"title", "contentMediaType"})
#: JSON Schema has no bounds for times; these are the names that validators with such bounds use.
_BOUNDS = {"formatMinimum": EARLIEST.isoformat(), "formatExclusiveMaximum": LATEST.isoformat()}
#: Words that explain a schema and decide nothing.
_WORDS = frozenset({"$schema", "$id", "title", "description"})


def export(full: str) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of the events of this type."""
    return {"$schema": DRAFT, "$id": f"urn:manyhands:schema:{full}", "title": full, **closed(TYPES[full])}


def closed(model: type[BaseModel]) -> dict[str, Any]:
    """Return the model's schema as a writer is held to it."""
    schema: dict[str, Any] = _closed(model.model_json_schema(by_alias=True))
    return schema


def structure(schema: Any) -> Any:
    """Return the schema without the words that explain it: what is left decides which events are valid."""
    if isinstance(schema, Mapping):
        return {name: _named(name, part) for name, part in schema.items() if name not in _WORDS}
    if isinstance(schema, list):
        return [structure(part) for part in schema]
    return schema


def _named(name: str, part: Any) -> Any:
    """Step over a level whose keys are names of fields or definitions, not words of the schema language."""
    if name in ("properties", "$defs"):
        return {key: structure(value) for key, value in part.items()}
    return structure(part)


def _closed(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "anyOf" in schema:
        schema = _without_null(schema)
    found = {name: _inside(name, part) for name, part in schema.items() if name not in _NOISE and part is not None}
    if found.get("type") == "object":
        found["additionalProperties"] = False
    if found.get("format") == "date-time":
        found |= _BOUNDS
    return found


def _inside(name: str, part: Any) -> Any:
    if name in ("properties", "$defs"):
        return {key: _closed(value) for key, value in part.items()}
    return _closed(part)


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Leave out `null` among the choices: an absent optional is not written."""
    arms = [arm for arm in schema["anyOf"] if arm != {"type": "null"}]
    rest = {name: part for name, part in schema.items() if name != "anyOf"}
    return {**rest, **arms[0]} if len(arms) == 1 else {**rest, "anyOf": arms}
