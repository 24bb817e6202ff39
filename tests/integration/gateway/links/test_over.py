"""What ends a link and what it opened, and to what no link leads."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from services.gateway.links import given
from services.gateway.parts import Parts
from services.runtime.settings import Settings
from tests.support import linking, people, reading
from tests.support.admitting import CLINIC, NEWCOMER, SHELTER, said
from tests.support.events import ident
from tests.support.linking import DESK, do, path_of
from tests.support.people import proof
from tests.support.reading import tell


async def test_revoking_ends_the_link_and_what_it_opened(
    clinic: httpx.AsyncClient, shelter: httpx.AsyncClient, browser: httpx.AsyncClient, settings: Settings
) -> None:
    for number, door in (("1", clinic), ("2", shelter)):
        made = await linking.linked(clinic, *await linking.offered(clinic, number))
        path = path_of(made["url"])
        assert (await linking.opened(browser, settings, path)).status_code == 200
        assert (await door.delete(f"/v1/links/{made['link']}")).status_code == 204
        assert (await door.delete(f"/v1/links/{made['link']}")).status_code == 204
        assert (await browser.get("/offer")).status_code == 410
        sent = await linking.asked(settings)
        await browser.post(path, data={"csrf": proof(await browser.get(path))})
        assert await linking.asked(settings) == sent
        shown = (await clinic.get("/v1/links")).json()["links"][0]
        assert (shown["revoked"] is not None, shown["revoked_by"]) == (True, CLINIC if door is clinic else SHELTER)


async def test_another_address_ends_links_whose_codes_went_to_the_one_before(
    clinic: httpx.AsyncClient, shelter: httpx.AsyncClient, browser: httpx.AsyncClient, settings: Settings
) -> None:
    made = await linking.linked(clinic, *await linking.offered(clinic))
    await linking.opened(browser, settings, path_of(made["url"]))
    assert (await shelter.put("/v1/me/address", json={"email": DESK})).status_code == 204
    assert (await browser.get("/offer")).status_code == 200
    assert (await shelter.put("/v1/me/address", json={"email": "new@shelter.example"})).status_code == 204
    assert (await browser.get("/offer")).status_code == 410


async def test_strangers_find_no_link_to_revoke_or_see(
    parts: Parts, clinic: httpx.AsyncClient, settings: Settings
) -> None:
    made = await linking.linked(clinic, *await linking.offered(clinic))
    async with reading.partner(parts, NEWCOMER) as newcomer:
        assert (await newcomer.delete(f"/v1/links/{made['link']}")).status_code == 404
        assert (await newcomer.get("/v1/links")).json() == {"links": []}
    [shown] = (await clinic.get("/v1/links")).json()["links"]
    assert shown["revoked"] is None


async def test_consent_that_ended_meanwhile_closes_everything(
    clinic: httpx.AsyncClient, browser: httpx.AsyncClient, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(given, "CODE_PAUSE", timedelta(0))
    made = await linking.linked(clinic, *await linking.offered(clinic))
    path = path_of(made["url"])
    await linking.opened(browser, settings, path)
    await do(browser, "/offer/offer-accepted")
    assert reading.NEED in (await browser.get("/offer/details")).text
    ended = {"consent_id": "own:1", "reason": "client-asked"}
    await tell(clinic, said("consent.revoked", "end", ended, client="own:1"))
    for place in ("/offer", "/offer/details", "/offer/withdrawn"):
        answer = await browser.get(place)
        assert (place, answer.status_code) == (place, 410)
        assert reading.NAME not in answer.text
    await browser.post(path, data={"csrf": proof(await browser.get(path))})
    assert await linking.asked(settings) == 1


async def test_link_ends_when_an_answer_is_due_and_lives_on_once_accepted(
    clinic: httpx.AsyncClient, browser: httpx.AsyncClient, settings: Settings
) -> None:
    kept = await linking.linked(clinic, *await linking.offered(clinic))
    await linking.opened(browser, settings, path_of(kept["url"]))
    await do(browser, "/offer/offer-accepted")
    over = await linking.linked(clinic, *await linking.offered(clinic, "2"))
    await people.rows(settings, "update keep.given_link set ends = now() returning link")
    assert (await browser.get("/offer")).status_code == 200
    path = path_of(over["url"])
    sent = await linking.asked(settings)
    await browser.post(path, data={"csrf": proof(await browser.get(path))})
    assert await linking.asked(settings) == sent
    await do(browser, "/offer/outcome-recorded", outcome="not-delivered", reason="no-show")
    assert (await browser.get("/offer")).status_code == 410


async def test_no_link_leads_to_what_is_protected_or_answered_or_nobody_s(
    clinic: httpx.AsyncClient, shelter: httpx.AsyncClient, parts: Parts
) -> None:
    async def refused(own: str, **changed: Any) -> tuple[int, str]:
        referral, made = await linking.offered(clinic, own, **changed)
        answer = await clinic.post("/v1/links", json={"kind": "offer", "referral": referral, "offer": made})
        return answer.status_code, answer.json()["code"]

    assert await refused("1", service_id=ident("beds")) == (409, "link-protected")
    async with reading.partner(parts, SHELTER) as door:
        referral, made = await linking.offered(clinic, "2")
        asked = {"kind": "offer", "referral": referral, "offer": made}
        assert (await door.post("/v1/links", json=asked)).status_code == 404
        declined = {"offer_id": made, "reason": "other"}
        await tell(door, said("referral.offer_declined", "d", declined, subject=referral))
    assert (await clinic.post("/v1/links", json=asked)).json()["code"] == "link-over"
    assert (await clinic.post("/v1/links", json={**asked, "offer": ident("none")})).status_code == 404
    assert (await clinic.post("/v1/links", json={**asked, "referral": ident("none")})).status_code == 404
    await shelter.delete("/v1/me/address")
    assert await refused("3") == (409, "no-address")


async def test_partner_all_of_whose_services_are_protected_has_no_links(
    clinic: httpx.AsyncClient, browser: httpx.AsyncClient, shelter: httpx.AsyncClient, settings: Settings
) -> None:
    made = await linking.linked(clinic, *await linking.offered(clinic))
    await linking.opened(browser, settings, path_of(made["url"]))
    changed = {"service_id": reading.MEALS, "programme_class": "domestic-violence"}
    await shelter.post("/v1/events", content=said("partner.service_changed", "c", changed), headers=reading.JSON)
    assert (await browser.get("/offer")).status_code == 410
