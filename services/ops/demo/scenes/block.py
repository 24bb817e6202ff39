"""What a scene shows: a title, and a few lines of who did what and what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from services.ops.errors import DemoFailed
from services.ops.shown import print_table

#: What happened, in a word or two, and how.
Line = tuple[str, str]


@dataclass(frozen=True)
class Sheet:
    """Counts beside the lines: its title, its columns, and a row for each."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[dict[str, Any]]


@dataclass(frozen=True)
class Block:
    """One scene's lines.  `readable` is sealed text that whoever is shown it there may read."""

    title: str
    lines: tuple[Line, ...]
    readable: tuple[str, ...] = ()
    sheet: Sheet | None = None


def show(console: Console, block: Block) -> None:
    """Print it, as wide as there is room."""
    table = Table.grid(padding=(0, 2), pad_edge=False)
    table.add_column(no_wrap=True, style="cyan")
    table.add_column(overflow="fold")
    for what, how in block.lines:
        table.add_row(Text(f"  {what}"), Text(how))
    console.print()
    console.print(Text(block.title, style="bold"))
    console.print(table)
    if block.sheet is not None:
        console.print()
        print_table(block.sheet.title, block.sheet.rows, block.sheet.columns, "")


def sure(seen: object, scene: str, what: str) -> None:
    """Raise DemoFailed, naming the scene and what it did not show, unless it was seen."""
    if not seen:
        raise DemoFailed(f"{scene}: {what}")
