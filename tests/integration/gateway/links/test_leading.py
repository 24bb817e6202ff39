"""What leads to a client's own page: whom it is told of, who can end it, and whose reading it is by."""

import csv
import io
from dataclasses import replace
from typing import Any

import httpx
import pytest

from events.disclosure import THEMSELF
from projections.disclosure import DISCLOSURE
from services.gateway.accounting import Shown, account
from services.gateway.links.given import Given
from services.gateway.links.visit import links_of
from services.gateway.parts import Parts
from services.runtime.settings import Settings
from tests.support import doors, linking, people, reading
from tests.support.admitting import CLINIC, SHELTER, said
from tests.support.events import INITIATIVE, ident
from tests.support.linking import do, path_of
from tests.support.ownpage import own_link, served
from tests.support.reading import MEALS

DESK = "desk@shelter.example"
ACCOUNT = "/v1/clients/own:1/disclosures"


async def by_shelter(parts: Parts, **changed: Any) -> dict[str, Any]:
    """Have the shelter make the client's own link, with codes that go to a mailbox of its own."""
    [record] = (await parts.vault.find(INITIATIVE, CLINIC, ["own:1"])).values()
    [alias] = (await parts.vault.aliases(INITIATIVE, SHELTER, [record])).values()
    async with reading.partner(parts, SHELTER) as shelter:
        return await own_link(shelter, alias, email=DESK, **changed)


async def guarded(parts: Parts) -> None:
    """Have all that the shelter offers be protected."""
    async with reading.partner(parts, SHELTER) as door:
        changed = {"service_id": MEALS, "programme_class": "domestic-violence"}
        await door.post("/v1/events", content=said("partner.service_changed", "c", changed), headers=reading.JSON)


async def names_the_maker(clinic: httpx.AsyncClient, maker: str | None, name: str) -> None:
    """Hold the account's last line, and its file's, to telling by whose link the client's page was read."""
    [line, *_] = (await clinic.get(ACCOUNT)).json()["disclosures"]
    assert (line["recipient"], line["link_by"], line["recipient_name"]) == (THEMSELF, maker, name)
    [row, *_] = csv.DictReader(io.StringIO((await clinic.get(ACCOUNT, headers={"Accept": "text/csv"})).text))
    assert (row["recipient"], row["link_by"], row["recipient_name"]) == (THEMSELF, maker or "", name)


@pytest.mark.parametrize("protected", [False, True])
async def test_account_names_who_had_the_link_made_that_a_page_was_read_by(
    protected: bool,
    clinic: httpx.AsyncClient,
    browser: httpx.AsyncClient,
    settings: Settings,
    parts: Parts,
) -> None:
    async with doors.folding(settings, DISCLOSURE):
        await served(clinic, parts)
        await linking.opened(browser, settings, path_of((await by_shelter(parts))["url"]))
        await names_the_maker(clinic, SHELTER, "the client, by a link that Shelter had made")
        if protected:
            await guarded(parts)
            await names_the_maker(clinic, None, "the client, by a link that a protected partner had made")
        async with doors.partner(parts, CLINIC, ident("a nurse")) as nurse:
            assert (await nurse.get("/v1/referrals")).status_code == 200
        others = [each for each in (await clinic.get(ACCOUNT)).json()["disclosures"] if each["recipient"] != THEMSELF]
        assert {each["link_by"] for each in others} <= {None}


async def test_test_of_the_account_notices_a_reading_without_the_links_maker(
    clinic: httpx.AsyncClient, settings: Settings, parts: Parts
) -> None:
    async with doors.folding(settings, DISCLOSURE):
        await served(clinic, parts)
        given = await _given(parts, await own_link(clinic))
        shown = Shown(given.record, given.record, ["consent"], "care")
        await account(parts, replace(given, made_by=None).principal, [shown])
        with pytest.raises(AssertionError, match="the client"):
            await names_the_maker(clinic, CLINIC, "the client, by a link that Clinic had made")
        await account(parts, given.principal, [shown])
        await names_the_maker(clinic, CLINIC, "the client, by a link that Clinic had made")


async def test_client_sees_each_link_and_ends_the_one_they_did_not_ask_for(
    clinic: httpx.AsyncClient,
    browser: httpx.AsyncClient,
    other: httpx.AsyncClient,
    settings: Settings,
    parts: Parts,
) -> None:
    await served(clinic, parts)
    mine, theirs = await own_link(clinic), await by_shelter(parts)
    await linking.opened(other, settings, path_of(theirs["url"]))
    page = (await linking.opened(browser, settings, path_of(mine["url"]))).text
    told = page.partition("Links to this page")[2]
    assert told.count("End this link</a>") == 2
    for shown in ("Made by Clinic", "Made by Shelter", "Works until", "You came here by this one."):
        assert shown in told
    for kept in (mine["url"].rpartition("/")[2], theirs["url"].rpartition("/")[2], DESK, "@"):
        assert kept not in page
    place = f"/own/f/{theirs['link']}"
    assert "Made by Shelter" in (await browser.get(place)).text
    assert (await do(browser, place)).status_code == 303
    assert (await other.get("/own")).status_code == 410
    assert "Made by Shelter" not in (await browser.get("/own")).text
    assert (await browser.get(place)).status_code == 404
    async with reading.partner(parts, SHELTER) as shelter:
        [listed] = (await shelter.get("/v1/links")).json()["links"]
    assert listed["revoked_by"] == THEMSELF


async def test_link_that_the_page_was_opened_by_ends_with_the_page(
    clinic: httpx.AsyncClient, browser: httpx.AsyncClient, settings: Settings, parts: Parts
) -> None:
    await served(clinic, parts)
    mine = await own_link(clinic)
    await linking.opened(browser, settings, path_of(mine["url"]))
    place = f"/own/f/{mine['link']}"
    assert "this page closes as well" in (await browser.get(place)).text
    assert (await do(browser, place)).headers["location"] == "/own"
    assert (await browser.get("/own")).status_code == 410


async def test_guardian_is_told_of_guardians_links_alone(
    clinic: httpx.AsyncClient, browser: httpx.AsyncClient, other: httpx.AsyncClient, settings: Settings, parts: Parts
) -> None:
    await served(clinic, parts)
    mine, guardians = await own_link(clinic), await own_link(clinic, guardian=True)
    page = (await linking.opened(browser, settings, path_of(guardians["url"]))).text
    assert (page.count("End this link</a>"), "For a guardian, made by Clinic" in page) == (1, True)
    place = f"/own/f/{mine['link']}"
    proof = people.proof(await browser.get("/own/e"))
    assert (await browser.get(place)).status_code == 404
    assert (await browser.post(place, data={"csrf": proof})).status_code == 404
    own = (await linking.opened(other, settings, path_of(mine["url"]))).text
    assert (own.count("End this link</a>"), "For a guardian, made by Clinic" in own) == (2, True)


async def test_links_that_lead_nowhere_and_to_others_are_not_there(
    clinic: httpx.AsyncClient, browser: httpx.AsyncClient, settings: Settings, parts: Parts
) -> None:
    for own in ("1", "2"):
        await served(clinic, parts, own)
    mine, spent, over, revoked = [await own_link(clinic) for _ in range(4)]
    others = await own_link(clinic, "own:2")
    await people.rows(settings, f"update keep.given_link set tries = 0 where link = '{spent['link']}'")  # noqa: S608
    await people.rows(settings, f"update keep.given_link set ends = now() where link = '{over['link']}'")  # noqa: S608
    assert (await clinic.delete(f"/v1/links/{revoked['link']}")).status_code == 204
    page = (await linking.opened(browser, settings, path_of(mine["url"]))).text
    assert page.count("End this link</a>") == 1
    for each in (spent, over, revoked, others):
        assert (await browser.get(f"/own/f/{each['link']}")).status_code == 404
    # The control: it is there where it is asked for by whose it is.
    assert (await links_of(parts).end_own(await _given(parts, others), others["link"])) is True
    assert (await links_of(parts).end_own(await _given(parts, mine), others["link"])) is False


async def test_maker_whose_name_is_kept_private_is_not_named(
    clinic: httpx.AsyncClient,
    browser: httpx.AsyncClient,
    settings: Settings,
    parts: Parts,
) -> None:
    await served(clinic, parts)
    made = await by_shelter(parts)
    await guarded(parts)
    page = (await linking.opened(browser, settings, path_of(made["url"]))).text
    assert "Shelter" not in page
    assert "Made by a service whose name is kept private" in page


async def _given(parts: Parts, made: dict[str, Any]) -> Given:
    found = await links_of(parts).find("client", made["url"].rpartition("/")[2])
    assert found is not None
    return found
