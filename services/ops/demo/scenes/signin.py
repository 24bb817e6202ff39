"""Signing in as people do: an address is typed, and the link in the mail is pressed."""

import re

from services.ops.demo.scenes.browser import Browser
from services.ops.demo.scenes.house import House

LINK = re.compile(r"/signin/link/\S+")


async def signed_in(house: House, email: str) -> Browser:
    """Return the browser of whoever has this address.  Raises DemoFailed."""
    browser = await house.browser()
    await browser.press(await browser.open("/signin"), "/signin", email=email)
    link = LINK.search(await house.mails.take(email))
    path = link[0] if link else ""
    await browser.press(await browser.open(path), path)
    return browser
