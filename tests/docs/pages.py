"""The documentation's pages, taken apart by a Markdown parser."""

from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def pages() -> list[Path]:
    """Return every page that a reader may open."""
    return [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]


@cache
def tokens(page: Path) -> tuple[Token, ...]:
    """Return all of the page's tokens, those within lines included."""
    return tuple(_flat(MarkdownIt("commonmark").enable("table").parse(page.read_text("utf-8"))))


def _flat(found: list[Token]) -> Iterator[Token]:
    for token in found:
        yield token
        yield from _flat(token.children or [])


def headings(page: Path) -> list[tuple[int, str]]:
    """Return the page's headings in order: level and words."""
    found = tokens(page)
    return [(int(opened.tag[1]), words.content) for opened, words in pairwise(found) if opened.type == "heading_open"]


def links(page: Path) -> list[str]:
    """Return where the page points to, pictures included."""
    names = {"link_open": "href", "image": "src"}
    return [str(token.attrs[names[token.type]]) for token in tokens(page) if token.type in names]


def code(page: Path) -> list[str]:
    """Return the page's code: every span, and every line of every block."""
    found = [token for token in tokens(page) if token.type in ("code_inline", "fence")]
    return [line.strip() for token in found for line in token.content.splitlines()]
