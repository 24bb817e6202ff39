"""Every code that is answered with stands in the table, under who answers, and none stands there in vain."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from events.codes import CODES, UNREADABLE, By

ROOT = Path(__file__).parents[3]
#: What is called with a code as its first argument, and whose code it then is.
ANSWERS = {
    "TurnedAway": By.ADMISSION,
    "Problem": By.ADMISSION,
    "Refused": By.FOLD,
    "refuse": By.FOLD,
    "Stop": By.PROCESSOR,
}


@cache
def nodes() -> tuple[ast.AST, ...]:
    """Return the syntax of everything but the table of codes itself."""
    files = [path for package in ("events", "projections", "services") for path in (ROOT / package).rglob("*.py")]
    trees = [ast.parse(path.read_text("utf-8")) for path in files if path.name != "codes.py"]
    return tuple(node for tree in trees for node in ast.walk(tree))


def answers() -> Iterator[tuple[str, str]]:
    """Yield what is called, and the code it is called with, wherever that is written out."""
    for node in nodes():
        match node:
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=[ast.Constant(value=str(code)), *_]):
                yield name, code


def test_every_answer_stands_in_the_table_under_who_gives_it() -> None:
    given = {(name, code) for name, code in answers() if name in ANSWERS}
    assert {name for name, _ in given} >= {"TurnedAway", "refuse"}
    assert [(name, code) for name, code in given if code not in CODES or CODES[code].by is not ANSWERS[name]] == []


def test_every_reason_of_the_unreadable_stands_in_its_table() -> None:
    assert {code for name, code in answers() if name == "Unreadable"} <= set(UNREADABLE)


@pytest.mark.parametrize("code", [*CODES, *UNREADABLE])
def test_every_code_is_answered_with_somewhere(code: str) -> None:
    assert any(isinstance(node, ast.Constant) and node.value == code for node in nodes())
