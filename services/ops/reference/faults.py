"""The page of what a command may fail with, from the faults' own classes."""

import inspect
from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages

import services
from services.ops.reference.page import MADE, table
from services.runtime.errors import Fault


def faults() -> Iterator[str]:
    """Yield the page of every fault that a person can mend."""
    yield from ("# Faults", "", MADE, "")
    yield (
        "What a command ends with when something outside the code is wrong: one line on standard error with the code "
        "in brackets, a line that says what to do, and exit code 1. Codes stay the same over releases. What becomes "
        "of single events has [codes](codes.md) of its own."
    )
    yield ""
    yield from table(("code", "meaning", "what to do"), sorted(map(_fault, kinds())))


def kinds() -> list[type[Fault]]:
    """Return every fault that is raised by itself: those that others descend from are not."""
    for module in walk_packages(services.__path__, "services."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    return [kind for kind in _below(Fault) if not any(_below(kind))]


def _below(kind: type[Fault]) -> Iterator[type[Fault]]:
    for each in kind.__subclasses__():
        if each.__module__.startswith("services."):
            yield each
            yield from _below(each)


def _fault(kind: type[Fault]) -> tuple[str, str, str]:
    said = (inspect.cleandoc(kind.__doc__ or ""), kind.hint)
    meaning, hint = (" ".join(text.split()).replace("<", "&lt;").replace("|", "\\|") for text in said)
    return f"`{kind.code}`", meaning, hint
