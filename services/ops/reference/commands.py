"""The page of every command, from the command line's own definitions."""

from collections.abc import Iterator
from typing import Any

from services.ops.main import GROUPS, load
from services.ops.reference.page import MADE, table


def commands() -> Iterator[str]:
    """Yield the page of every command with its arguments and options."""
    yield from ("# Commands", "", MADE, "")
    yield (
        "`manyhands COMMAND --help` says the same. A command that fails because something outside the code is wrong "
        "names a [code](faults.md) in brackets, says what to do, and ends with exit code 1."
    )
    yield ""
    yield from table(("command", "what it does"), [(f"[{name}](#{name})", text) for name, (_, text) in GROUPS.items()])
    for name in GROUPS:
        yield from _group(name)


def _group(name: str) -> Iterator[str]:
    group = load(name)
    yield from ("", f"## {name}", "", _said(GROUPS[name][1]))
    if inner := getattr(group, "commands", {}):
        for each, command in inner.items():
            yield from ("", f"### {name} {each}", "", _said(command.help))
            yield from _usage(f"manyhands {name} {each}", command)
    else:
        if group.help != GROUPS[name][1]:
            yield from ("", _said(group.help))
        yield from _usage(f"manyhands {name}", group)


def _usage(line: str, command: Any) -> Iterator[str]:
    shown = [param for param in command.params if param.name != "help" and not param.hidden]
    words = [param.name.upper() for param in shown if not _is_option(param)]
    options = ["[OPTIONS]"] if any(map(_is_option, shown)) else []
    yield from ("", "```", " ".join([line, *words, *options]), "```")
    if shown:
        yield ""
        yield from table(("option", "meaning", "default"), map(_param, shown))


def _param(param: Any) -> tuple[str, str, str]:
    names = (*param.opts, *param.secondary_opts) if _is_option(param) else (param.name.upper(),)
    return ", ".join(f"`{name}`" for name in names), _said(param.help), _default(param)


def _default(param: Any) -> str:
    if param.required:
        return "required"
    if isinstance(param.show_default, str):
        return param.show_default
    if param.secondary_opts:
        return f"`{(param.opts if param.default else param.secondary_opts)[0]}`"
    return "" if param.default in (None, False, "") else f"`{param.default}`"


def _is_option(param: Any) -> bool:
    return bool(param.opts[0].startswith("-"))


def _said(text: str | None) -> str:
    """Return the text on one line, with what would be taken for HTML shown as it is."""
    return " ".join((text or "").split()).replace("<", "&lt;")
