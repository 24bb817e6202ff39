"""HTML as a tree, for tests: found by what people see of it."""

from collections.abc import Iterator
from html.parser import HTMLParser

VOID = frozenset({"br", "input", "link", "meta"})


class Element:
    """An element with what it holds."""

    def __init__(self, name: str, attributes: dict[str, str], parent: "Element | None" = None) -> None:
        self.name = name
        self.attributes = attributes
        self.parent = parent
        self.inside: list[Element | str] = []

    def __getitem__(self, attribute: str) -> str:
        return self.attributes.get(attribute, "")

    def has(self, attribute: str) -> bool:
        return attribute in self.attributes

    def all(self, *names: str) -> Iterator["Element"]:
        """Yield the elements of these names within, in the order of the page."""
        for each in self.inside:
            if isinstance(each, Element):
                if each.name in names:
                    yield each
                yield from each.all(*names)

    def one(self, name: str) -> "Element":
        """Return the only element of this name."""
        [found] = self.all(name)
        return found

    def within(self, name: str) -> "Element | None":
        """Return the closest element of this name around it."""
        at = self.parent
        while at is not None and at.name != name:
            at = at.parent
        return at

    @property
    def text(self) -> str:
        """What is read, with single spaces."""
        return " ".join(self.raw.split())

    @property
    def raw(self) -> str:
        return "".join(each.raw if isinstance(each, Element) else each for each in self.inside)


class _Tree(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = self._at = Element("", {})

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        made = Element(tag, {name: value or "" for name, value in attrs}, self._at)
        self._at.inside.append(made)
        if tag not in VOID:
            self._at = made

    def handle_endtag(self, tag: str) -> None:
        assert self._at.name == tag, f"</{tag}> within <{self._at.name}>"
        assert self._at.parent is not None
        self._at = self._at.parent

    def handle_data(self, data: str) -> None:
        self._at.inside.append(data)


def parsed(text: str) -> Element:
    """Return the page's root; its elements must all be closed, in order."""
    tree = _Tree()
    tree.feed(text)
    tree.close()
    assert tree._at is tree.root, f"<{tree._at.name}> is not closed"
    return tree.root
