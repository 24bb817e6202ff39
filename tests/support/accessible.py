"""What a page must have for everybody to use it, as far as a parser can tell."""

from collections.abc import Iterator
from itertools import pairwise

from tests.support.markup import Element

_HIDDEN = ("hidden", "submit")
_CONTROLS = ("input", "select", "textarea")


def faults(root: Element) -> list[str]:
    """Return what the page lacks."""
    checks = (_whole, _controls, _groups, _tables, _summary, _order, _images_and_scripts)
    return [fault for check in checks for fault in check(root)]


def _whole(root: Element) -> Iterator[str]:
    if root.one("html")["lang"] != "en":
        yield "no language"
    for name in ("h1", "main", "header", "title"):
        if len(list(root.all(name))) != 1:
            yield f"not one {name}"
    if list(root.all("nav")) and not all(each["aria-label"] for each in root.all("nav")):
        yield "a nav without a name"
    if "user-scalable" in str([each.attributes for each in root.all("meta")]):
        yield "zooming is held back"
    ids = [each["id"] for each in _everything(root) if each["id"]]
    yield from (f"two of the id {each}" for each in sorted(set(ids)) if ids.count(each) > 1)
    known = set(ids)
    for each in _everything(root):
        for name in ("aria-describedby", "aria-labelledby"):
            yield from (f"{name} leads nowhere: {id_}" for id_ in each[name].split() if id_ not in known)


def _everything(at: Element) -> Iterator[Element]:
    for each in at.inside:
        if isinstance(each, Element):
            yield each
            yield from _everything(each)


def _controls(root: Element) -> Iterator[str]:
    labels = [each["for"] for each in root.all("label")]
    for each in root.all(*_CONTROLS):
        if each["type"] not in _HIDDEN and labels.count(each["id"]) != 1:
            yield f"not one label for {each['name']}"
    yield from ("an empty button" for each in root.all("button", "a") if not (each.text or each["aria-label"]))
    for each in root.all("button", "a"):
        if each["aria-label"] and not each["aria-label"].startswith(each.text):
            yield f"the name does not begin with what is seen: {each.text}"


def _groups(root: Element) -> Iterator[str]:
    for each in root.all("input"):
        around = each.within("fieldset")
        if each["type"] == "radio" and (around is None or not around.one("legend").text):
            yield f"radios without a legend: {each['name']}"


def _tables(root: Element) -> Iterator[str]:
    for table in root.all("table"):
        if not table.one("caption").text:
            yield "a table without a caption"
        for each in table.all("th"):
            if each["scope"] not in ("col", "row"):
                yield f"a header without a scope: {each.text}"
        for row in table.one("tbody").all("tr"):
            if len(list(row.all("th"))) != 1:
                yield "a row without one header"


def _summary(root: Element) -> Iterator[str]:
    invalid = [each for each in _everything(root) if each["aria-invalid"] == "true"]
    boxes = [each for each in root.all("div") if each["class"] == "faults"]
    if invalid and not boxes:
        yield "faults without a summary"
    ids = {each["id"] for each in _everything(root)}
    for box in boxes:
        if box["tabindex"] != "-1" or box["role"] != "alert":
            yield "the summary cannot be focused or is not told"
        yield from (
            f"the summary leads nowhere: {each['href']}" for each in box.all("a") if each["href"][1:] not in ids
        )


def _order(root: Element) -> Iterator[str]:
    yield from (f"a place in the order: {each.name}" for each in _everything(root) if int(each["tabindex"] or 0) > 0)
    levels = [int(each.name[1]) for each in root.all("h1", "h2", "h3", "h4")]
    if any(after - before > 1 for before, after in pairwise(levels)):
        yield f"headings skip: {levels}"


def _images_and_scripts(root: Element) -> Iterator[str]:
    yield from (f"a {each.name}" for each in root.all("script", "img", "style", "iframe"))
    for each in _everything(root):
        yield from (f"an inline {name}" for name in each.attributes if name.startswith("on") or name == "style")
