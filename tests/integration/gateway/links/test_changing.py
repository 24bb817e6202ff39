"""What a client changes on their own page: less shared, with fewer, for a shorter time, and their own answer."""

import httpx
import orjson
import pytest

from events.authority import CLIENT_LINK
from events.topics import CASES
from services.gateway.parts import Parts
from services.runtime.settings import Settings
from tests.support import linking, oneperson, reading
from tests.support.admitting import (
    BACKBONE,
    NEWCOMER,
    SHELTER,
    consent,
    offer,
    records,
)
from tests.support.linking import do, path_of
from tests.support.ownpage import consent_of, own_link, served
from tests.support.reading import MEALS, tell


async def test_client_answers_whether_the_need_was_met(
    clinic: httpx.AsyncClient, browser: httpx.AsyncClient, settings: Settings, parts: Parts
) -> None:
    referral, made = await served(clinic, parts)
    link = await own_link(clinic)
    await linking.opened(browser, settings, path_of(link["url"]))
    place = f"/own/d/{referral}/{made}"
    assert (await do(browser, place)).status_code == 422
    assert (await do(browser, place, need_met="partly")).status_code == 303
    assert "You said: In part" in (await browser.get("/own")).text
    [shown] = (await clinic.get(f"/v1/referrals/{referral}")).json()["offers"]
    assert (shown["need_met"], shown["relayed"], shown["status"]) == ("partly", False, "accepted")
    assert (await do(browser, place, need_met="no", stop_sharing="yes")).status_code == 303
    [shown] = (await clinic.get(f"/v1/referrals/{referral}")).json()["offers"]
    assert (shown["need_met"], shown["detail"]) == ("no", "consent-revoked")
    assert "Nothing about you may be shared" in (await browser.get("/own")).text
    sources = {orjson.loads(record.value or b"{}")["source"] for record in await records(settings, CASES)}
    assert CLIENT_LINK + link["link"] in sources


async def test_client_stops_sharing_and_the_recipient_sees_no_more(
    clinic: httpx.AsyncClient, browser: httpx.AsyncClient, settings: Settings, parts: Parts
) -> None:
    referral, _ = await served(clinic, parts)
    async with reading.partner(parts, SHELTER) as door:
        assert (await door.get(f"/v1/referrals/{referral}/sealed")).status_code == 200
    await linking.opened(browser, settings, path_of((await own_link(clinic))["url"]))
    held = await consent_of(clinic, referral, parts)
    assert "shared with Shelter" in (await browser.get(f"/own/a/{held}")).text
    assert (await do(browser, f"/own/a/{held}")).status_code == 303
    async with reading.partner(parts, SHELTER) as door:
        assert (await door.get(f"/v1/referrals/{referral}/sealed")).status_code == 403
    assert (await browser.get(f"/own/a/{held}")).status_code == 404


async def test_client_leaves_one_organisation_out(
    clinic: httpx.AsyncClient, browser: httpx.AsyncClient, settings: Settings, parts: Parts
) -> None:
    everybody = {"recipients": {"partners": [SHELTER, NEWCOMER]}}
    await reading.agreed(clinic, "1", **everybody)
    referral = await reading.asked(clinic, "1")
    await tell(clinic, offer("o", referral, service_id=MEALS, consent_id="own:1"))
    await linking.opened(browser, settings, path_of((await own_link(clinic))["url"]))
    held = await consent_of(clinic, referral, parts)
    wrong = await do(browser, f"/own/b/{held}", partner=BACKBONE)
    assert wrong.status_code == 422
    assert (await do(browser, f"/own/b/{held}", partner=NEWCOMER)).status_code == 303
    page = (await browser.get("/own")).text
    assert "Newcomer" not in page
    assert "Shelter" in page
    [shown] = (await clinic.get(f"/v1/referrals/{referral}")).json()["offers"]
    assert shown["status"] == "requested"


async def test_client_has_it_end_earlier_and_never_later(
    clinic: httpx.AsyncClient, browser: httpx.AsyncClient, settings: Settings, parts: Parts
) -> None:
    await reading.agreed(clinic, "1", expires_at="2198-01-31")
    referral = await reading.asked(clinic, "1")
    await tell(clinic, offer("o", referral, service_id=MEALS, consent_id="own:1"))
    await linking.opened(browser, settings, path_of((await own_link(clinic))["url"]))
    held = await consent_of(clinic, referral, parts)
    assert (await do(browser, f"/own/c/{held}", expires_at="tomorrow")).status_code == 422
    later = await do(browser, f"/own/c/{held}", expires_at="2198-02-01")
    assert later.status_code == 422
    assert "more than was agreed" in later.text
    assert (await do(browser, f"/own/c/{held}", expires_at="2197-12-31")).status_code == 303
    assert "31 December 2197" in (await browser.get("/own")).text


async def test_client_stops_everything_at_once(
    clinic: httpx.AsyncClient, browser: httpx.AsyncClient, settings: Settings, parts: Parts
) -> None:
    referral, _ = await served(clinic, parts)
    await tell(clinic, consent("again", "own:1", consent_id="own:again"))
    await linking.opened(browser, settings, path_of((await own_link(clinic))["url"]))
    assert (await do(browser, "/own/e")).status_code == 303
    assert "Nothing about you may be shared" in (await browser.get("/own")).text
    assert (await clinic.get(f"/v1/referrals/{referral}")).json()["offers"][0]["status"] == "cancelled"


@pytest.mark.parametrize("linked", [True, False])
async def test_everything_is_what_is_shared_under_each_id_of_the_person(
    linked: bool, clinic: httpx.AsyncClient, browser: httpx.AsyncClient, settings: Settings, parts: Parts
) -> None:
    """Two ids are one person's only where that is said: without it, the other one is somebody else's."""
    referrals = [(await served(clinic, parts, own))[0] for own in ("1", "2")]
    if linked:
        await oneperson.linked(clinic, parts, "1", "2")
    await linking.opened(browser, settings, path_of((await own_link(clinic))["url"]))
    assert (await do(browser, "/own/e")).status_code == 303
    left = [(await clinic.get(f"/v1/referrals/{each}")).json()["offers"][0]["status"] for each in referrals]
    assert left == ["cancelled", "cancelled" if linked else "accepted"]
