"""HTML in which every text is escaped unless it was made here."""

from collections.abc import Iterable
from html import escape

from starlette.responses import Response

#: Elements that have no end.
_VOID = frozenset({"br", "input", "link", "meta"})
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    # Without any referrer browsers would say `Origin: null` of our own forms.
    "Referrer-Policy": "same-origin",
}


class Html(str):
    """Text that may stand in a page as it is."""

    __slots__ = ()


NOTHING = Html("")


def tag(name: str, /, *inside: str, **attributes: str | bool) -> Html:
    """Return an element; `class_` and `for_` are the attributes that Python has words of its own for."""
    said = "".join(_attribute(key, value) for key, value in attributes.items())
    if name in _VOID:
        return Html(f"<{name}{said}>")
    return Html(f"<{name}{said}>{_joined(inside)}</{name}>")


def together(*parts: str) -> Html:
    """Return the parts one after the other."""
    return Html(_joined(parts))


def hidden(name: str, value: str) -> Html:
    """Return a field that nobody sees."""
    return tag("input", type="hidden", name=name, value=value)


def form(action: str, proof: str, *inside: str, **attributes: str | bool) -> Html:
    """Return a form that proves where it comes from."""
    return tag("form", hidden("csrf", proof), *inside, method="post", action=action, **attributes)


def page(
    title: str, *body: str, status: int = 200, nav: Html = NOTHING, wide: bool = False, kept: str = ""
) -> Response:
    """Return a whole page; `nav` leads to the others, and a wide one has room for tables.

    `kept` is what it is called in the browser's history, where its title says more than a desk may keep.
    """
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", name="robots", content="noindex"),
        tag("title", f"{kept or title} · Manyhands"),
        tag("link", rel="stylesheet", href="/style.css"),
    )
    skip = tag("a", "To the content", href="#main", class_="skip") if nav else NOTHING
    main = tag("main", tag("h1", title), *body, id="main")
    inside = tag("body", skip, tag("header", tag("p", "Manyhands"), nav), main, class_="wide" if wide else "narrow")
    text = f"<!doctype html>\n{tag('html', head, inside, lang='en')}\n"
    return Response(text, status, HEADERS, "text/html; charset=utf-8")


def _attribute(key: str, value: str | bool) -> str:
    name = key.rstrip("_").replace("_", "-")
    if isinstance(value, bool):
        return f" {name}" if value else ""
    return f' {name}="{escape(value)}"'


def _joined(parts: Iterable[str]) -> str:
    return "".join(part if isinstance(part, Html) else escape(part) for part in parts)
