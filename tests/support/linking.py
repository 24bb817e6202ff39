"""Links for tests: an offer with one, the mail with its code, and a browser that goes through."""

import re
from typing import Any

import httpx

from services.gateway.links.addresses import Addresses
from services.gateway.parts import Parts
from services.runtime.settings import Settings
from tests.support import people, reading
from tests.support.admitting import SHELTER, offer
from tests.support.events import INITIATIVE
from tests.support.people import proof
from tests.support.reading import MEALS, agreed, tell
from tests.support.wait import until

#: Where the shelter reads its mails.
DESK = "desk@shelter.example"
_CODE = re.compile(r"Your code is ([0-9]{4}) ([0-9]{4})")


async def addressed(parts: Parts, partner: str = SHELTER, email: str = DESK) -> None:
    """Have the partner's mails sent there."""
    await Addresses(parts.keep).set(INITIATIVE, partner, email)


async def offered(door: httpx.AsyncClient, own: str = "1", **changed: Any) -> tuple[str, str]:
    """Make an offer of the shelter's meals to somebody who agreed to it; return referral and offer by their ids."""
    await agreed(door, own)
    referral = await reading.asked(door, own)
    said = {"service_id": MEALS, "consent_id": f"own:{own}", **changed}
    await tell(door, offer(f"o {own}", referral, **said))
    whole = (await door.get(f"/v1/referrals/{referral}")).json()
    return referral, whole["offers"][0]["id"]


async def linked(door: httpx.AsyncClient, referral: str, offer_id: str) -> dict[str, Any]:
    """Have a link made and return the answer."""
    answer = await door.post("/v1/links", json={"kind": "offer", "referral": referral, "offer": offer_id})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def path_of(url: str) -> str:
    """Return the path of a link."""
    assert url.startswith(people.PUBLIC)
    return url.removeprefix(people.PUBLIC)


def codes(settings: Settings) -> list[str]:
    """Return the codes that were mailed, in their order."""
    found = (_CODE.search(_plain(mail)) for mail in people.mails(settings))
    return [each[1] + each[2] for each in found if each]


async def asked(settings: Settings) -> int:
    """Return how many codes were ever made, whether their mails are out or not."""
    [row] = await people.rows(settings, "select coalesce(sum(codes), 0)::int4 as codes from keep.given_link")
    return int(row["codes"])


def _plain(mail: Any) -> str:
    return str(mail.get_body(("plain",)).get_content())


async def code_for(browser: httpx.AsyncClient, settings: Settings, path: str) -> str:
    """Ask for a code and return it, once its mail is there."""
    before = len(codes(settings))
    answer = await browser.post(path, data={"csrf": proof(await browser.get(path))})
    assert answer.status_code == 200, answer.text
    await until(lambda: len(codes(settings)) > before)
    return codes(settings)[-1]


async def enter(browser: httpx.AsyncClient, path: str, code: str) -> httpx.Response:
    """Type the code, as it is spaced in the mail."""
    typed = f"{code[:4]} {code[4:]}"
    return await browser.post(f"{path}/code", data={"csrf": proof(await browser.get(path)), "code": typed})


async def opened(browser: httpx.AsyncClient, settings: Settings, path: str) -> httpx.Response:
    """Go through the link and return the page behind it."""
    answer = await enter(browser, path, await code_for(browser, settings, path))
    assert answer.status_code == 303, answer.text
    return await browser.get(answer.headers["location"])


async def do(browser: httpx.AsyncClient, place: str, **typed: str) -> httpx.Response:
    """Fill the form at this place and send it."""
    page = await browser.get(place)
    assert page.status_code == 200, page.text
    once = re.search(r'name="once" value="([^"]+)"', page.text)
    said = {"csrf": proof(page), **({"once": once[1]} if once else {}), **typed}
    return await browser.post(place, data=said)
