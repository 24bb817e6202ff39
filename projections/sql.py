"""Named statements from `.sql` files: a block begins with `-- name: <name>` and ends where the next begins."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

_NAME = re.compile(r"^-- name: *(\w+) *$", re.MULTILINE)


class UnnamedStatement(Exception):
    """A `.sql` file has no block of this name, or names one twice."""


@cache
def statements(path: Path) -> Mapping[str, str]:
    """Return the file's statements by name.  Raises UnnamedStatement when a name stands there twice."""
    _, *parts = _NAME.split(path.read_text(encoding="utf-8"))
    names, bodies = parts[::2], parts[1::2]
    if len(set(names)) != len(names):
        raise UnnamedStatement(f"{path.name} names a block twice")
    return MappingProxyType({name: body.strip() for name, body in zip(names, bodies, strict=True)})


def statement(path: Path, name: str) -> str:
    """Return one statement.  Raises UnnamedStatement when the file has none of that name."""
    found = statements(path).get(name)
    if found is None:
        raise UnnamedStatement(f"{path.name} has no block {name}")
    return found
