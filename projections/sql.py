"""Named statements from `.sql` files: a block begins with `-- name: <name>` and ends where the next begins.

A line `-- part: <name>` within a block stands for the block of that name, so that what several say is written once.
"""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

_NAME = re.compile(r"^-- name: *(\w+) *$", re.MULTILINE)
_PART = re.compile(r"^ *-- part: *(\w+) *$", re.MULTILINE)


class UnnamedStatement(Exception):
    """A `.sql` file has no block of this name, or names one twice."""


@cache
def statements(path: Path) -> Mapping[str, str]:
    """Return the file's statements by name.  Raises UnnamedStatement for a name that stands there twice, or nowhere."""
    _, *parts = _NAME.split(path.read_text(encoding="utf-8"))
    names, bodies = parts[::2], parts[1::2]
    if len(set(names)) != len(names):
        raise UnnamedStatement(f"{path.name} names a block twice")
    blocks = {name: body.strip() for name, body in zip(names, bodies, strict=True)}

    def block(found: re.Match[str]) -> str:
        if found[1] not in blocks:
            raise UnnamedStatement(f"{path.name} has no block {found[1]}")
        return blocks[found[1]]

    return MappingProxyType({name: _PART.sub(block, body) for name, body in blocks.items()})


def statement(path: Path, name: str) -> str:
    """Return one statement.  Raises UnnamedStatement when the file has none of that name."""
    found = statements(path).get(name)
    if found is None:
        raise UnnamedStatement(f"{path.name} has no block {name}")
    return found
