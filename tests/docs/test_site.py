from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import combinations
from pathlib import Path

import pytest

from docs import site

VOID = {"meta", "img", "br", "hr"}


class Reader(HTMLParser):
    """What a browser would find on a page; fails where elements are not closed in order."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.ids: list[str] = []
        self.targets: list[str] = []
        self.levels: list[int] = []
        self.unreachable: list[str] = []
        self._open: list[str] = []
        self.feed(path.read_text())
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self._open.append(tag)
        given = dict(attrs)
        self.ids += [given["id"] or ""] if "id" in given else []
        self.targets += [value for name in ("href", "src") if (value := given.get(name))]
        if tag in {"h1", "h2", "h3", "h4"}:
            self.levels.append(int(tag[1]))
        if (tag == "pre" and "tabindex" not in given) or (tag == "img" and not given.get("alt")):
            self.unreachable.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self._open.pop() == tag


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, Reader]:
    """The site, each page read."""
    folder = tmp_path_factory.mktemp("site")
    site.render(folder)
    return {path: Reader(path) for path in folder.rglob("*.html")}


def test_every_page_is_rendered(rendered: dict[Path, Reader]) -> None:
    assert len(rendered) == len(site.pages())


def test_links_lead_somewhere(rendered: dict[Path, Reader]) -> None:
    assert [(path.name, lost) for path, page in rendered.items() for lost in _lost(page, rendered)] == []


def _lost(page: Reader, rendered: dict[Path, Reader]) -> Iterator[str]:
    for target in page.targets:
        path, _, place = target.partition("#")
        found = (page.path.parent / path).resolve() if path else page.path
        if not found.is_file() or (place and place not in rendered[found].ids):
            yield target


def test_ids_are_used_once(rendered: dict[Path, Reader]) -> None:
    assert [path.name for path, page in rendered.items() if len(set(page.ids)) != len(page.ids)] == []


def test_everything_can_be_reached_and_read_aloud(rendered: dict[Path, Reader]) -> None:
    assert [page.path.name for page in rendered.values() if page.unreachable or page.levels[:1] != [1]] == []


@pytest.mark.parametrize("palette", [site.DAY, site.NIGHT], ids=["day", "night"])
def test_text_stands_out_from_its_ground(palette: tuple[str, ...]) -> None:
    text, ground, quiet, link, _ = palette
    pairs = [(text, ground), (text, quiet), (link, ground)]
    assert [pair for pair in pairs if _contrast(*pair) < 7] == []


def test_contrast_is_reckoned_as_wcag_does() -> None:
    assert _contrast("#000000", "#ffffff") == pytest.approx(21)
    assert [_contrast(one, one) for one, _ in combinations(site.DAY, 2)] == [pytest.approx(1)] * 10


def _contrast(one: str, other: str) -> float:
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
