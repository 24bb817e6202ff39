"""`python -m docs.site FOLDER`: the documentation as pages for a browser, which need no script and no network."""

import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from os.path import relpath
from pathlib import Path, PurePosixPath

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[1]
#: Text, ground, quiet ground, link, and line, by day and by night.
DAY = ("#1b1b1b", "#ffffff", "#f3f6f9", "#0b5394", "#c3ccd5")
NIGHT = ("#e8edf3", "#10151c", "#1b2530", "#8fc1f5", "#3a4856")
ROOMS = {"tutorial": "Tutorial", "how-to": "How-to", "reference": "Reference", "explanation": "Explanation"}
_STYLE = """
:root{color-scheme:light dark;%(day)s}
@media(prefers-color-scheme:dark){:root{%(night)s}}
body{margin:0;font:17px/1.6 system-ui,sans-serif;color:var(--text);background:var(--ground)}
a{color:var(--link)}
a:focus-visible,pre:focus-visible,.wide:focus-visible{outline:3px solid var(--link);outline-offset:2px}
.skip{position:absolute;left:-999em}.skip:focus{left:1em;top:1em;background:var(--ground);padding:.5em}
.page{display:grid;grid-template-columns:17em minmax(0,1fr);max-width:78em;margin:auto}
nav{padding:1.5em;font-size:15px}nav p{font-weight:600;margin:1.2em 0 .2em}nav ul{list-style:none;margin:0;padding:0}
nav a{display:inline-block;padding:.2em 0}nav a[aria-current]{font-weight:600;text-decoration:none}
main{padding:1.5em;max-width:52em;min-width:0}h1,h2,h3{line-height:1.25;scroll-margin-top:1em}
img{max-width:100%%;height:auto}
code{font-size:.9em;background:var(--quiet);padding:.1em .25em;border-radius:3px;overflow-wrap:anywhere}
pre{background:var(--quiet);padding:1em;overflow-x:auto;border-radius:6px}pre code{padding:0;overflow-wrap:normal}
td:first-child code{white-space:nowrap}
.wide{overflow-x:auto}table{border-collapse:collapse}
th,td{border:1px solid var(--line);padding:.35em .6em;text-align:left;vertical-align:top}th{background:var(--quiet)}
@media(max-width:56em){.page{display:block}nav{columns:2;border-bottom:1px solid var(--line)}}
"""
_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>%(title)s</title><style>%(style)s</style></head>
<body><a class="skip" href="#content">Skip to the content</a>
<div class="page"><nav aria-label="Documentation">%(nav)s</nav>
<main id="content" tabindex="-1">%(body)s</main></div></body></html>
"""


@dataclass(frozen=True)
class Page:
    """A Markdown file, and where its page lies in the site."""

    source: Path
    place: PurePosixPath
    title: str


def pages() -> list[Page]:
    """Return every page: the first one, then the rooms'."""
    return [_page(path) for path in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))]


def render(folder: Path) -> None:
    """Write the site into the folder."""
    every = pages()
    for page in every:
        path = folder / page.place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_whole(page, every), "utf-8")
    shutil.copytree(ROOT / "docs" / "pictures", folder / "docs" / "pictures", dirs_exist_ok=True)
    shutil.copy(ROOT / "LICENSE", folder / "LICENSE")


def anchor(heading: str) -> str:
    """Return the anchor of a heading: its letters, digits, underscores and hyphens, spaces as hyphens."""
    kept = "".join(letter for letter in heading.lower() if letter.isalnum() or letter in " -_")
    return kept.replace(" ", "-")


def _page(source: Path) -> Page:
    title = source.read_text("utf-8").partition("\n")[0].removeprefix("# ")
    return Page(source, _place(PurePosixPath(source.relative_to(ROOT))), title)


def _place(path: PurePosixPath) -> PurePosixPath:
    return path.with_name("index.html") if path.name == "README.md" else path.with_suffix(".html")


def _whole(page: Page, every: list[Page]) -> str:
    title = page.title if page.title == "Manyhands" else f"{page.title} · Manyhands"
    nav = "".join(_navigation(page, every))
    return _PAGE % {"title": escape(title), "style": style(), "nav": nav, "body": _body(page)}


def style() -> str:
    """Return the style sheet: one for all pages, by day and by night."""
    return _STYLE % {"day": _colours(DAY), "night": _colours(NIGHT)}


def _colours(palette: tuple[str, ...]) -> str:
    names = ("text", "ground", "quiet", "link", "line")
    return ";".join(f"--{name}:{colour}" for name, colour in zip(names, palette, strict=True))


def _navigation(page: Page, every: list[Page]) -> Iterator[str]:
    yield "<ul>"
    yield from (_entry(page, other) for other in every if not _room(other))
    yield "</ul>"
    for room, name in ROOMS.items():
        yield f'<p id="room-{room}">{name}</p><ul aria-labelledby="room-{room}">'
        yield from (_entry(page, other) for other in every if _room(other) == room)
        yield "</ul>"


def _room(page: Page) -> str | None:
    """Return the folder in `docs/` that the page lies in; decisions are found by their list."""
    parts = page.place.parts
    return parts[1] if len(parts) > 2 and page.place.name != "index.html" else None


def _entry(page: Page, other: Page) -> str:
    here = ' aria-current="page"' if other == page else ""
    return f'<li><a href="{_way(page, other.place)}"{here}>{escape(other.title)}</a></li>'


def _way(page: Page, place: PurePosixPath) -> str:
    return relpath(place, page.place.parent)


def _body(page: Page) -> str:
    markdown = MarkdownIt("commonmark").enable("table")
    found = markdown.parse(page.source.read_text("utf-8"))
    for token, inner in pairwise(found):
        if token.type == "heading_open":
            token.attrSet("id", anchor(inner.content))
    for token in found:
        for inner in token.children or []:
            _link(inner)
    return _reachable(markdown.renderer.render(found, markdown.options, {}))


def _link(token: Token) -> None:
    """Lead a link to a Markdown file to its page."""
    target = str(token.attrs.get("href", ""))
    path, mark, place = target.partition("#")
    if token.type == "link_open" and path.endswith(".md"):
        token.attrSet("href", f"{_place(PurePosixPath(path))}{mark}{place}")


def _reachable(body: str) -> str:
    """Let what may be wider than the page be scrolled by keyboard too."""
    body = re.sub(r"<pre>", '<pre tabindex="0">', body)
    body = body.replace("<table>", '<div class="wide" tabindex="0" role="region" aria-label="Table"><table>')
    return body.replace("</table>", "</table></div>").replace("<th>", '<th scope="col">')


if __name__ == "__main__":
    render(Path(sys.argv[1]))
