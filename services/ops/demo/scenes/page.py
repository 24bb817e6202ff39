"""A page as somebody without pictures reads it: its blocks of text, its forms, and where its links lead."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

#: Elements whose text stands by itself.
_BLOCKS = frozenset({"p", "li", "h1", "h2", "h3", "dt", "dd", "th", "td", "caption", "legend", "label", "button"})


@dataclass
class Part:
    """One block: its element, what is read there, and in a table the column that it belongs to."""

    element: str
    text: str
    column: str | None


@dataclass
class Form:
    """Where it goes, and what stands in it unseen."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)


class Page(HTMLParser):
    """A page that was read."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.parts: list[Part] = []
        self.forms: list[Form] = []
        self.places: list[str] = []
        self.feed(text)
        self.close()

    @property
    def rows(self) -> list[dict[str, str]]:
        """The rows of its table, each by its columns."""
        rows: list[dict[str, str]] = []
        for part in self.parts:
            if part.element == "th" and part.column is not None:
                rows.append({})
            if part.column is not None:
                rows[-1][part.column] = part.text
        return rows

    def term(self, name: str) -> str:
        """Return what stands beside this name; empty where there is none."""
        texts = self.texts("dt", "dd")
        return texts[texts.index(name) + 1] if name in texts else ""

    def texts(self, *elements: str) -> list[str]:
        """Return what is read in these elements, in the page's order."""
        return [part.text for part in self.parts if part.element in elements and part.text]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag in _BLOCKS:
            self.parts.append(Part(tag, "", said.get("data-label")))
        elif tag == "br":
            self._add("; ")
        elif tag == "form":
            self.forms.append(Form(said["action"]))
        elif tag == "input" and said.get("type") == "hidden" and self.forms:
            self.forms[-1].fields[said["name"]] = said["value"]
        elif tag == "a":
            self.places.append(said["href"])

    def handle_data(self, data: str) -> None:
        self._add(data)

    def _add(self, text: str) -> None:
        if self.parts:
            self.parts[-1].text = " ".join((self.parts[-1].text + text).split(" "))
