"""To whom clients are told that something about them was given, on pages of their own: the latest, and all of it."""

import re
from html import unescape

import httpx
import pytest

from events.disclosure import THEMSELF
from projections.disclosure import DISCLOSURE
from services.disclosure.account import Line
from services.gateway import whole
from services.gateway.links import looks, telling
from services.gateway.parts import Parts
from services.runtime.settings import Settings
from tests.support import doors, linking, reading
from tests.support.admitting import SHELTER, offer
from tests.support.events import ident
from tests.support.linking import path_of
from tests.support.ownpage import own_link, served
from tests.support.reading import agreed, asked, tell

TITLE, MORE, LATER = "Who was told, and who looked", "There is more than is shown here", "cannot be told at the moment"
GIVEN = "Sent with an offer: Name and how to reach the person. For: Treatment and care."


def listed(page: httpx.Response) -> list[str]:
    """Return what the list says, one text a line."""
    assert page.status_code == 200, page.text
    part = page.text.partition(TITLE)[2].rpartition(TITLE)[2]
    return [unescape(re.sub(r"<[^>]+>", " ", each)) for each in re.findall(r"<li>(.*?)</li>", part, re.DOTALL)]


async def whole_of_it(browser: httpx.AsyncClient) -> list[str]:
    """Return the lines of every page of all of it."""
    found, place = list[str](), "/own/g"
    while place:
        page = await browser.get(place)
        found += listed(page)
        earlier = re.search(r'href="(/own/g\?after=[^"]+)"', page.text)
        place = earlier[1] if earlier else ""
    return found


async def test_client_sees_to_whom_they_were_told_of_before_anybody_looked(
    clinic: httpx.AsyncClient, browser: httpx.AsyncClient, settings: Settings, parts: Parts
) -> None:
    async with doors.folding(settings, DISCLOSURE):
        await served(clinic, parts)
        [line] = listed(await linking.opened(browser, settings, path_of((await own_link(clinic))["url"])))
        assert line.strip().startswith("Shelter, ")
        assert f"{GIVEN} By Clinic, as you allowed from Thursday 1 January 2026." in line


async def test_without_the_offers_they_would_be_told_that_nobody_was(
    clinic: httpx.AsyncClient,
    browser: httpx.AsyncClient,
    settings: Settings,
    parts: Parts,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The control."""

    async def none(*_: object) -> list[Line]:
        return []

    monkeypatch.setattr(whole, "offers_of", none)
    async with doors.folding(settings, DISCLOSURE):
        await served(clinic, parts)
        page = await linking.opened(browser, settings, path_of((await own_link(clinic))["url"]))
        assert "Nobody so far." in page.text.partition(TITLE)[2]


async def test_protected_offer_is_told_without_a_name(
    clinic: httpx.AsyncClient, browser: httpx.AsyncClient, settings: Settings, parts: Parts
) -> None:
    await agreed(clinic, "1")
    referral = await asked(clinic, "1")
    await tell(clinic, offer("o", referral, service_id=ident("beds"), consent_id="own:1"))
    async with doors.folding(settings, DISCLOSURE):
        [line] = listed(await linking.opened(browser, settings, path_of((await own_link(clinic))["url"])))
        assert line.strip().startswith("A service whose name is kept private, ")
        assert "Shelter" not in line


async def test_list_that_is_cut_short_says_so_and_leads_to_all_of_it(
    clinic: httpx.AsyncClient,
    browser: httpx.AsyncClient,
    settings: Settings,
    parts: Parts,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What they looked at themself takes no line's place."""
    async with doors.folding(settings, DISCLOSURE):
        referral, _ = await served(clinic, parts)
        async with reading.partner(parts, SHELTER) as door:
            assert (await door.get(f"/v1/referrals/{referral}/sealed")).status_code == 200
        page = await linking.opened(browser, settings, path_of((await own_link(clinic))["url"]))
        every = listed(page)
        assert [GIVEN in each for each in every] == [False, True]
        assert MORE not in page.text
        monkeypatch.setattr(looks, "MOST", 1)
        page = await browser.get("/own")
        assert (listed(page), MORE in page.text) == (every[:1], True)
        assert await whole_of_it(browser) == every
        monkeypatch.setattr(telling, "LINES", 1)
        assert await whole_of_it(browser) == every
        monkeypatch.setattr(looks, "MONTHS", looks.MONTHS * 0)
        page = await browser.get("/own")
        assert (listed(page), MORE in page.text, "Nobody lately." in page.text) == ([], True, True)
        assert THEMSELF not in page.text
        answer = (await clinic.get("/v1/clients/own:1/disclosures")).json()["disclosures"]
        assert [each["fields"] for each in answer if each["recipient"] == THEMSELF][1] == ["account"]


async def test_all_of_it_is_for_who_was_given_the_way_and_for_no_guardian(
    clinic: httpx.AsyncClient, browser: httpx.AsyncClient, other: httpx.AsyncClient, settings: Settings, parts: Parts
) -> None:
    async with doors.folding(settings, DISCLOSURE):
        await served(clinic, parts)
        await linking.opened(other, settings, path_of((await own_link(clinic, guardian=True))["url"]))
        assert (await other.get("/own/g")).status_code == 404
        await linking.opened(browser, settings, path_of((await own_link(clinic))["url"]))
        assert (await browser.get("/own/g")).status_code == 200
        assert (await browser.get("/own/g?after=x")).status_code == 404
        browser.cookies.clear()
        assert (await browser.get("/own/g")).status_code == 410


async def test_what_is_not_counted_yet_is_not_told_as_nothing(
    clinic: httpx.AsyncClient, browser: httpx.AsyncClient, settings: Settings, parts: Parts
) -> None:
    async with doors.folding(settings, DISCLOSURE):
        referral, _ = await served(clinic, parts)
        await linking.opened(browser, settings, path_of((await own_link(clinic))["url"]))
    async with reading.partner(parts, SHELTER) as door:
        assert (await door.get(f"/v1/referrals/{referral}/sealed")).status_code == 200
    for place in ("/own", "/own/g"):
        assert LATER in (await browser.get(place)).text
