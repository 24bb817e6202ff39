"""What every generated page is made of."""

from collections.abc import Iterable, Iterator

MADE = "<!-- Written by `manyhands schemas docs`; change the code instead. -->"


def page(lines: Iterable[str]) -> str:
    """Return the lines as a file's text."""
    return "\n".join(lines) + "\n"


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """Yield a Markdown table."""
    yield _row(head)
    yield _row(("---",) * len(head))
    yield from map(_row, rows)


def _row(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"
