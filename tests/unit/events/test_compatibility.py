"""Two versions of a schema share the log when each reads what the other writes."""

import json
from typing import Annotated, Any, Literal

import jsoncompat
import pytest
from pydantic import BaseModel, Field, create_model

from events.catalogue import TYPES
from events.compatibility import Schema, incompatible
from events.fields import Amount, Code, Count, Instant, Sealed, Slug, Small, Uuid
from events.schema import closed, export

BEFORE: dict[str, Any] = {
    "code": (Code, ...),
    "kind": (Literal["one", "two"], ...),
    "count": (Small, ...),
    "amount": (Amount | None, None),
    "many": (Annotated[tuple[Uuid, ...], Field(min_length=1, max_length=5)], ...),
    "note": (Sealed | None, None),
    "at": (Instant, ...),
    "sure": (bool, False),
}
GROWN: dict[str, dict[str, Any]] = {
    "the same": {},
    "an optional field more": {"later": (Count | None, None)},
    "an optional array more": {"later": (Annotated[tuple[Code, ...], Field(max_length=3)], ())},
    "an optional field less": {"amount": None},
    "sealed text less": {"note": None},
}
BROKEN: dict[str, tuple[dict[str, Any], list[str]]] = {
    "a required field more": ({"later": (Count, ...)}, ["/later"]),
    "a required field less": ({"code": None}, ["/code"]),
    "an optional field required": ({"amount": (Amount, ...)}, ["/amount"]),
    "a required field optional": ({"code": (Code | None, None)}, ["/code"]),
    "a choice more": ({"kind": (Literal["one", "two", "three"], ...)}, ["/kind"]),
    "a choice less": ({"kind": (Literal["one"], ...)}, ["/kind"]),
    "a choice made free": ({"kind": (Code, ...)}, ["/kind"]),
    "a tighter pattern": ({"code": (Slug, ...)}, ["/code"]),
    "a wider bound": ({"count": (Count, ...)}, ["/count"]),
    "a higher floor": ({"count": (Annotated[int, Field(ge=1, le=999, strict=True)], ...)}, ["/count"]),
    "another default": ({"sure": (bool, True)}, ["/sure"]),
    "another kind": ({"sure": (Code, "no")}, ["/sure"]),
    "text instead of sealed text": ({"note": (Code | None, None)}, ["/note"]),
    "a time made free": ({"at": (Code, ...)}, ["/at"]),
    "longer arrays": ({"many": (Annotated[tuple[Uuid, ...], Field(min_length=1, max_length=6)], ...)}, ["/many"]),
    "empty arrays": ({"many": (Annotated[tuple[Uuid, ...], Field(max_length=5)], ...)}, ["/many"]),
    "other items": (
        {"many": (Annotated[tuple[Code, ...], Field(min_length=1, max_length=5)], ...)},
        ["/many/*"],
    ),
    "a single item": ({"many": (Uuid, ...)}, ["/many"]),
}


def schema(changes: dict[str, Any]) -> Schema:
    fields = {name: field for name, field in (BEFORE | changes).items() if field is not None}
    return closed(create_model("Body", **fields))


@pytest.mark.parametrize("change", GROWN)
def test_growth_is_compatible(change: str) -> None:
    assert incompatible(schema({}), schema(GROWN[change])) == []


@pytest.mark.parametrize("change", BROKEN)
def test_what_would_break_is_found_in_its_place(change: str) -> None:
    changes, places = BROKEN[change]
    assert incompatible(schema({}), schema(changes)) == places
    assert incompatible(schema(changes), schema({})) == places


def test_a_break_within_a_part_is_found() -> None:
    class Part(BaseModel):
        code: Code

    class Narrowed(BaseModel):
        code: Literal["one"]

    assert incompatible(schema({"part": (Part, ...)}), schema({"part": (Narrowed, ...)})) == ["/part/code"]


def test_a_union_is_compatible_with_itself_and_not_with_a_part_of_it() -> None:
    union = schema({"code": (Small | Sealed, ...)})
    assert incompatible(union, union) == []
    assert incompatible(union, schema({"code": (Small, ...)})) == ["/code"]


def test_a_keyword_that_is_not_judged_is_an_error() -> None:
    with pytest.raises(ValueError, match="multipleOf"):
        incompatible({"multipleOf": 3}, {"multipleOf": 3})


def opened(part: Any) -> Any:
    """Return the schema as a reader has it, which ignores what it does not know."""
    if isinstance(part, dict):
        return {name: opened(value) for name, value in part.items() if name != "additionalProperties"}
    return [opened(value) for value in part] if isinstance(part, list) else part


def shares_by_oracle(one: Schema, other: Schema) -> bool:
    return all(
        jsoncompat.check_compat(json.dumps(opened(reader)), json.dumps(writer), "serializer")
        for writer, reader in ((one, other), (other, one))
    )


@pytest.mark.parametrize("change", GROWN)
def test_an_independent_judge_finds_growth_compatible_too(change: str) -> None:
    assert shares_by_oracle(schema({}), schema(GROWN[change]))


@pytest.mark.parametrize("change", BROKEN)
def test_an_independent_judge_finds_what_breaks_unless_it_is_a_pattern(change: str) -> None:
    blind = {"another default", "a tighter pattern", "other items", "a time made free"}
    assert shares_by_oracle(schema({}), schema(BROKEN[change][0])) is (change in blind)


@pytest.mark.parametrize("full", TYPES)
def test_every_published_schema_can_be_judged(full: str) -> None:
    assert incompatible(export(full), export(full)) == []
