"""Somebody at a browser without script: opens pages, fills in the forms that stand there, and presses their buttons."""

from dataclasses import dataclass

import httpx

from services.ops.demo.scenes.page import Page
from services.ops.demo.scenes.patience import patiently
from services.ops.errors import DemoFailed


@dataclass(frozen=True)
class Browser:
    """A browser with cookies of its own."""

    client: httpx.AsyncClient

    async def open(self, place: str) -> Page:
        """Return the page there.  Raises DemoFailed when there is none to be seen."""
        return _shown(await patiently(lambda: self.client.get(place)))

    async def open_until(self, place: str, text: str) -> Page:
        """Return the page there once it tells this; else as it told last."""
        return _shown(await patiently(lambda: self.client.get(place), lambda answer: text not in answer.text))

    async def status(self, place: str) -> int:
        """Return how the page there is answered."""
        return (await patiently(lambda: self.client.get(place))).status_code

    async def press(self, page: Page, action: str, **typed: str) -> Page:
        """Fill in the page's form that goes there, send it, and return the page that comes of it.

        Raises DemoFailed when it is not taken.
        """
        form = next((each for each in page.forms if each.action == action), None)
        if form is None:
            raise DemoFailed(f"{page.texts('h1')} has no form for {action}")
        said = {**form.fields, **typed}
        if "once" in said:
            # However often it is sent, it counts once.
            return _shown(await patiently(lambda: self.client.post(action, data=said)))
        return _shown(await self.client.post(action, data=said))


def _shown(answer: httpx.Response) -> Page:
    page = Page(answer.text)
    if not answer.is_success:
        raise DemoFailed(f"{answer.url.path} answered {answer.status_code}: {' '.join(page.texts('h1', 'p'))}")
    return page
