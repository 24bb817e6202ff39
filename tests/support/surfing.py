"""A browser without script, for tests: it reads pages, fills in the forms that it finds, and presses their buttons."""

from collections.abc import Mapping
from urllib.parse import urlsplit

import httpx

from tests.support.accessible import faults
from tests.support.markup import Element, parsed


class Page:
    """A page as it was shown, with what is filled in since."""

    def __init__(self, answer: httpx.Response) -> None:
        self.status = answer.status_code
        self.path = urlsplit(str(answer.url)).path
        self.html = answer.text
        self.root = parsed(answer.text)
        self.answer = answer
        assert faults(self.root) == [], f"{self.path}: {faults(self.root)}"

    @property
    def title(self) -> str:
        return self.root.one("h1").text

    @property
    def text(self) -> str:
        return self.root.one("main").text

    def link(self, label: str) -> str:
        """Return where the link of this name leads."""
        [found] = [each for each in self.root.all("a") if label in (each.text, each["aria-label"])]
        return found["href"]

    def buttons(self) -> list[str]:
        """Return what the page's buttons and the links that look like them say."""
        main = self.root.one("main")
        return [each.text for each in main.all("button", "a") if each.name == "button" or each["class"] == "button"]

    def table(self) -> list[dict[str, str]]:
        """Return the page's table by its columns."""
        heads = [each.text for each in self.root.one("thead").all("th")]
        rows = self.root.one("tbody").all("tr")
        return [dict(zip(heads, [cell.text for cell in row.all("th", "td")], strict=True)) for row in rows]

    def link_in_table(self) -> str:
        """Return where the first link within the page's table leads."""
        return next(self.root.one("tbody").all("a"))["href"]

    def terms(self) -> dict[str, str]:
        """Return what the page's first list of terms says."""
        first = next(iter(self.root.all("dl")))
        return dict(zip([each.text for each in first.all("dt")], [each.text for each in first.all("dd")], strict=True))

    def wrong(self) -> dict[str, str]:
        """Return what the error summary says, by the control that each line leads to."""
        [box] = [each for each in self.root.all("div") if each["class"] == "faults"]
        return {each["href"].removeprefix("#"): each.text for each in box.all("a")} or {"": box.one("li").text}

    def control(self, label: str) -> Element:
        """Return the control that this label belongs to."""
        named = [each for each in self.root.all("label") if each.text.removesuffix(" (may be left out)") == label]
        assert len(named) == 1, f"{label}: {[each.text for each in self.root.all('label')]}"
        [found] = [each for each in self.root.all("input", "select", "textarea") if each["id"] == named[0]["for"]]
        return found

    def fill(self, said: Mapping[str, str | bool]) -> None:
        """Fill in fields by their labels: text, the option of a list by what it says, or a tick."""
        for label, value in said.items():
            control = self.control(label)
            if isinstance(value, bool):
                self._tick(control, value)
            elif control.name == "select":
                self._pick(control, value)
            else:
                control.attributes["value"] = value
                control.inside = [value]

    def _tick(self, control: Element, on: bool) -> None:
        if control["type"] == "radio":
            for each in self.root.all("input"):
                if each["name"] == control["name"]:
                    each.attributes.pop("checked", None)
        if on:
            control.attributes["checked"] = ""
        else:
            control.attributes.pop("checked", None)

    def _pick(self, control: Element, text: str) -> None:
        options = list(control.all("option"))
        assert text in [each.text for each in options], f"{text}: {[each.text for each in options]}"
        for each in options:
            each.attributes.pop("selected", None)
            if each.text == text:
                each.attributes["selected"] = ""

    def sent(self, button: str) -> tuple[str, str, dict[str, list[str]]]:
        """Return how and where the form of this button goes, and everything that a browser sends with it."""
        [pressed] = [each for each in self.root.all("button") if button in (each.text, each["aria-label"])]
        form = pressed.within("form")
        assert form is not None
        assert form["method"] in ("get", "post")
        said: dict[str, list[str]] = {}
        for control in form.all("input", "select", "textarea"):
            for value in _values(control):
                said.setdefault(control["name"], []).append(value)
        if pressed.has("name"):
            said[pressed["name"]] = [pressed["value"]]
        return form["method"], form["action"], said


def _values(control: Element) -> list[str]:
    if control.name == "textarea":
        return [control.raw.removeprefix("\n")]
    if control.name == "select":
        options = list(control.all("option"))
        chosen = [each["value"] for each in options if each.has("selected")]
        return chosen[-1:] or [options[0]["value"]]
    if control["type"] in ("radio", "checkbox"):
        return [control["value"]] if control.has("checked") else []
    return [control["value"]]


def held(page: Page) -> dict[str, int]:
    """Return how many referrals each list of a worklist holds, by the list's name; those that hold nothing left out."""
    [tabs] = [each for each in page.root.all("nav") if each["aria-label"] == "Lists"]
    found = {each["href"].partition("list=")[2]: int(each.text.rsplit(" ", 1)[1]) for each in tabs.all("a")}
    return {name: count for name, count in found.items() if count}


class Surfer:
    """Somebody at a browser."""

    def __init__(self, browser: httpx.AsyncClient) -> None:
        self.browser = browser

    async def open(self, path: str) -> Page:
        """Open a page, and whatever it leads to at once."""
        return Page(await self.browser.get(path, follow_redirects=True))

    async def press(self, page: Page, button: str, said: Mapping[str, str | bool] | None = None) -> Page:
        """Fill in what is said and press the button; return the page that comes of it."""
        page.fill(said or {})
        method, place, fields = page.sent(button)
        if method == "get":
            return Page(await self.browser.get(place, params=fields, follow_redirects=True))
        return Page(await self.browser.post(place, data=fields, follow_redirects=True))
