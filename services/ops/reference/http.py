"""The page of the HTTP API, from the description that the gateway gives of itself."""

from collections.abc import Iterator, Mapping
from typing import Any

from services.gateway.access import ACCESS, Action
from services.gateway.app import bare
from services.ops.reference.page import MADE, table

Schema = Mapping[str, Any]
_MEANS = (
    "Every route stands under `/v1`; `/v1/openapi.json` says the same for machines. Systems come with "
    "`Authorization: Bearer <token>`. What fails is a problem document with a code of [these](codes.md). Lists go on "
    "at the address in `next`; an answer with an `ETag` is sent again only where it changed. A `token` of an answer "
    "to a POST makes a reading wait until that event shows; where it does not in time, `stale` is true and `lag` says "
    "by how many records."
)


def http() -> Iterator[str]:
    """Yield the page of every route."""
    described = bare().openapi()
    schemas = described["components"]["schemas"]
    yield from ("# HTTP API", "", MADE, "", _MEANS)
    yield from ("", "## Who may do what", "")
    yield (
        "A token needs the action's name among its scopes on top of this. *Put on record* says that a disclosure "
        "stands on the log before the answer leaves. What the table does not name is denied."
    )
    yield ""
    yield from table(("action", "who", "reach", "put on record", "second person"), _grants())
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            yield from _operation(method.upper(), path, operation, schemas)


def _grants() -> list[tuple[str, ...]]:
    return [
        (f"`{action}`", kind, grant.reach, _yes(grant.disclosed), _yes(grant.second))
        for action in Action
        for kind, grant in ACCESS[action].items()
    ]


def _yes(truth: bool) -> str:
    return "yes" if truth else "no"


def _operation(method: str, path: str, operation: Schema, schemas: Schema) -> Iterator[str]:
    yield from ("", f"## {method} {path}", "", operation["description"].strip(), "")
    asked = [*map(_parameter, operation.get("parameters", ()))]
    asked += [("body", *each) for each in _fields(_json(operation.get("requestBody", {})), schemas)]
    if asked:
        yield from table(("in", "name", "holds", "meaning"), [(each[0], f"`{each[1]}`", *each[2:]) for each in asked])
        yield ""
    answers = operation["responses"]
    for status in sorted(each for each in answers if each < "400"):
        yield from _answer(status, answers[status], schemas)
    problems = ", ".join(sorted(each for each in answers if each >= "400"))
    yield f"Problems: {problems}."


def _answer(status: str, answer: Schema, schemas: Schema) -> Iterator[str]:
    fields = _fields(_json(answer), schemas)
    if not fields:
        return
    yield from (f"Answers {status}:", "")
    yield from table(("field", "holds", "meaning"), [(f"`{name}`", *rest) for name, *rest in fields])
    yield ""


def _parameter(parameter: Schema) -> tuple[str, str, str, str]:
    meaning = parameter.get("description", parameter["schema"].get("description", ""))
    return parameter["in"], parameter["name"], _holds(parameter["schema"]), _cell(meaning)


def _json(carrier: Schema) -> Schema:
    content = carrier.get("content", {})
    media: Schema = content.get("application/json") or next(iter(content.values()), {})
    schema: Schema = media.get("schema", {})
    return schema


def _fields(schema: Schema, schemas: Schema, before: str = "") -> list[tuple[str, str, str]]:
    """Return the fields of an object, those of what it refers to set below it once."""
    found: list[tuple[str, str, str]] = []
    for name, field in _resolved(schema, schemas).get("properties", {}).items():
        found.append((before + name, _holds(field), _cell(field.get("description", ""))))
        inner = _inner(field)
        if inner and not before:
            mark = ".*." if "items" in _only(field) else "."
            found += _fields(inner, schemas, f"{name}{mark}")
    return found


def _resolved(schema: Schema, schemas: Schema) -> Schema:
    if "anyOf" in schema:
        return _resolved(schema["anyOf"][0], schemas)
    if "$ref" in schema:
        found: Schema = schemas[schema["$ref"].rsplit("/", 1)[-1]]
        return found
    return schema


def _only(field: Schema) -> Schema:
    """Return what a field holds where it holds something."""
    kinds: list[Schema] = [each for each in field.get("anyOf", ()) if each.get("type") != "null"]
    return kinds[0] if len(kinds) == 1 else field


def _inner(field: Schema) -> Schema | None:
    only = _only(field)
    target: Schema = only.get("items", only)
    return target if "$ref" in target else None


def _holds(field: Schema) -> str:
    kinds = [_kind(each) for each in field.get("anyOf", (field,))]
    return " or ".join(dict.fromkeys(kinds))


def _kind(schema: Schema) -> str:
    if "enum" in schema:
        return ", ".join(f"`{each}`" for each in schema["enum"])
    if "const" in schema:
        return f"`{schema['const']}`"
    if "items" in schema:
        return f"list of {_kind(schema['items'])}"
    if "$ref" in schema:
        return "object"
    return str(schema.get("format") or schema.get("type", "anything"))


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
