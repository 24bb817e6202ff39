import re
import shlex
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from docs.site import anchor
from events.codes import CODES, By
from services.ops.main import GROUPS, load
from tests.docs.pages import DOCS, ROOT, code, headings, links, pages, tokens

TERM = re.compile(r"^\| [^|]+ \| [^|]+ \| `([\w.]+)` \|$", re.MULTILINE)


def named(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", pages(), ids=named)
def test_links_lead_somewhere(page: Path) -> None:
    assert [link for link in links(page) if not _leads(page, link)] == []


def _leads(page: Path, link: str) -> bool:
    path, _, place = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    if not target.exists() or not target.is_relative_to(ROOT):
        return False
    return not place or place in {anchor(words) for _, words in headings(target)}


@pytest.mark.parametrize("page", pages(), ids=named)
def test_headings_go_down_step_by_step(page: Path) -> None:
    levels = [level for level, _ in headings(page)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


@pytest.mark.parametrize("page", pages(), ids=named)
def test_pictures_say_what_they_show(page: Path) -> None:
    assert [token.attrs["src"] for token in tokens(page) if token.type == "image" and not token.content] == []


@pytest.mark.parametrize("page", pages(), ids=named)
def test_commands_exist(page: Path) -> None:
    said = {word for line in code(page) for word in re.findall(r"\bmanyhands (?:[a-z][^|;&`]*)", line)}
    assert [line for line in sorted(said) if not _is_command(line)] == []


def _is_command(line: str) -> bool:
    words = shlex.split(line.split(" <", maxsplit=1)[0].replace("…", ""))[1:]
    if words[0] not in GROUPS:
        return False
    command: Any = load(words[0])
    inner = getattr(command, "commands", {})
    if inner and len(words) > 1:
        if words[1] not in inner:
            return False
        command = inner[words[1]]
    options = {opt for param in command.params for opt in (*param.opts, *param.secondary_opts)}
    return all(word.split("=")[0] in options for word in words if word.startswith("--"))


@pytest.mark.parametrize("page", pages(), ids=named)
def test_nothing_is_swallowed_as_html(page: Path) -> None:
    found = [token.content for token in tokens(page) if token.type in ("html_inline", "html_block")]
    assert [text for text in found if not text.startswith("<!--")] == []


def test_make_targets_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    said = {target for page in pages() for line in code(page) for target in re.findall(r"^make ([a-z]+)", line)}
    assert said <= targets


def test_every_page_can_be_found_from_the_first() -> None:
    reached: set[Path] = set()
    ahead = [ROOT / "README.md"]
    while ahead:
        page = ahead.pop()
        reached.add(page)
        found = {(page.parent / link.partition("#")[0]).resolve() for link in links(page)}
        ahead += [each for each in found - reached if each.suffix == ".md" and each not in ahead]
    assert [named(page) for page in pages() if page not in reached] == []


def test_every_reason_to_stop_has_a_section() -> None:
    sections = {words for level, words in headings(DOCS / "how-to" / "stopped-partition.md") if level == 2}
    assert [code for code, means in CODES.items() if means.by is By.PROCESSOR and code not in sections] == []


def test_every_word_of_the_glossary_is_the_codes() -> None:
    text = (DOCS / "glossary.md").read_text()
    terms = TERM.findall(text)
    assert len(terms) == text.count("\n| ") - 2
    assert [term for term in terms if not _stands(term)] == []


def _stands(term: str) -> bool:
    parts = term.split(".")
    for cut in range(len(parts) - 1, 0, -1):
        try:
            found: Any = import_module(".".join(parts[:cut]))
        except ModuleNotFoundError:
            continue
        return all((found := getattr(found, part, None)) is not None for part in parts[cut:])
    return False


def test_the_glossary_is_in_order() -> None:
    words = re.findall(r"^\| ([^|]+) \|", (DOCS / "glossary.md").read_text(), re.MULTILINE)[2:]
    assert words == sorted(words)
