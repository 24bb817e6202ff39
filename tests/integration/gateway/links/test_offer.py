"""One offer answered without an account, from the link to the outcome."""

import httpx
import orjson
import pytest

from events.authority import LINK
from events.topics import CASES, DISCLOSURES
from services.gateway.parts import Parts
from services.runtime.settings import Settings
from tests.support import linking, reading
from tests.support.admitting import SHELTER, ahead, records
from tests.support.linking import do, path_of
from tests.support.people import proof


async def _said(settings: Settings, source: str) -> list[str]:
    """Return the types that this source said."""
    said = [orjson.loads(record.value or b"{}") for record in await records(settings, CASES)]
    return [each["type"].split(".")[3] for each in said if each["source"] == source]


async def test_offer_is_answered_and_served_without_an_account(
    clinic: httpx.AsyncClient, browser: httpx.AsyncClient, settings: Settings
) -> None:
    referral, offer = await linking.offered(clinic)
    made = await linking.linked(clinic, referral, offer)
    page = await linking.opened(browser, settings, path_of(made["url"]))
    assert page.status_code == 200
    for shown in ("A bed for tonight", "Soon", "Clinic", "Please answer by", "Accept", "Decline"):
        assert shown in page.text
    assert reading.NAME not in page.text
    assert (await do(browser, "/offer/offer-accepted", expected_by=ahead(days=30)[:10])).status_code == 303
    page = await browser.get("/offer")
    assert "You have accepted." in page.text
    details = await browser.get("/offer/details")
    assert reading.NEED in details.text
    assert reading.CONTACT in details.text
    said = {"channel": "phone", "result": "reached"}
    assert (await do(browser, "/offer/contact-attempted", **said)).status_code == 303
    assert (await do(browser, "/offer/waitlisted")).status_code == 303
    assert (await do(browser, "/offer/put-on-hold", reason="client-away")).status_code == 303
    assert (await do(browser, "/offer/resumed")).status_code == 303
    note = "Slept well"
    last = await do(browser, "/offer/outcome-recorded", outcome="delivered", output="service", note=note)
    assert "This link is done" in last.text
    assert (await browser.get("/offer")).status_code == 410
    shown = (await clinic.get(f"/v1/referrals/{referral}")).json()
    assert (shown["status"], shown["detail"], shown["loop"]) == ("completed", "served", "closed-served")
    assert await _said(settings, LINK + made["link"]) == [
        "offer_viewed",
        "offer_accepted",
        "contact_attempted",
        "waitlisted",
        "put_on_hold",
        "resumed",
        "outcome_recorded",
    ]


async def test_what_is_shown_is_on_the_log_before(
    clinic: httpx.AsyncClient, browser: httpx.AsyncClient, settings: Settings
) -> None:
    made = await linking.linked(clinic, *await linking.offered(clinic))
    await linking.opened(browser, settings, path_of(made["url"]))
    await do(browser, "/offer/offer-accepted")
    await browser.get("/offer/details")
    opened = [orjson.loads(record.value or b"{}") for record in await records(settings, DISCLOSURES)]
    told = [each["data"]["fields"] for each in opened if each["data"].get("reader") == SHELTER]
    assert told[0] == ["status"]
    assert told[-1] == ["details"]
    assert "actor" not in opened[-1]


async def test_recipient_has_a_name_for_the_client_and_the_holder_is_told_none(
    clinic: httpx.AsyncClient, shelter: httpx.AsyncClient, browser: httpx.AsyncClient, settings: Settings
) -> None:
    referral, offer = await linking.offered(clinic)
    made = await linking.linked(clinic, referral, offer)
    await linking.opened(browser, settings, path_of(made["url"]))
    answer = await do(browser, "/offer/offer-accepted")
    alias = (await shelter.get(f"/v1/referrals/{referral}")).json()["client"]
    assert alias is not None
    assert alias not in answer.text + (await browser.get("/offer")).text


async def test_details_stay_closed_until_the_offer_is_accepted(
    clinic: httpx.AsyncClient, browser: httpx.AsyncClient, settings: Settings
) -> None:
    made = await linking.linked(clinic, *await linking.offered(clinic))
    await linking.opened(browser, settings, path_of(made["url"]))
    answer = await browser.get("/offer/details")
    assert answer.status_code == 403
    assert reading.NAME not in answer.text


async def test_declining_tells_the_sender_why_and_closes_the_link(
    clinic: httpx.AsyncClient, browser: httpx.AsyncClient, settings: Settings
) -> None:
    referral, offer = await linking.offered(clinic)
    made = await linking.linked(clinic, referral, offer)
    await linking.opened(browser, settings, path_of(made["url"]))
    wrong = await do(browser, "/offer/offer-declined", reason="nonsense")
    assert wrong.status_code == 422
    assert 'href="#f-reason"' in wrong.text
    assert 'aria-invalid="true"' in wrong.text
    assert "done" in (await do(browser, "/offer/offer-declined", reason="no-capacity", note="Full")).text
    [shown] = (await clinic.get(f"/v1/referrals/{referral}")).json()["offers"]
    assert (shown["status"], shown["reason"]) == ("rejected", "no-capacity")
    again = await browser.post(path_of(made["url"]), data={"csrf": proof(await browser.get(path_of(made["url"])))})
    assert again.status_code == 200
    assert await linking.asked(settings) == 1


async def test_what_the_rules_refuse_is_told_in_words(
    clinic: httpx.AsyncClient, browser: httpx.AsyncClient, settings: Settings
) -> None:
    made = await linking.linked(clinic, *await linking.offered(clinic))
    await linking.opened(browser, settings, path_of(made["url"]))
    late = await do(browser, "/offer/offer-accepted", expected_by="2062-03-02")
    assert late.status_code == 422
    assert "The day is further ahead than the policy allows." in late.text
    await do(browser, "/offer/offer-accepted")
    wrong = await do(browser, "/offer/outcome-recorded", outcome="delivered")
    assert wrong.status_code == 422
    assert "Say what was given." in wrong.text
    assert "checked" in wrong.text


async def test_form_sent_twice_says_it_once(
    clinic: httpx.AsyncClient, browser: httpx.AsyncClient, settings: Settings
) -> None:
    referral, offer = await linking.offered(clinic)
    made = await linking.linked(clinic, referral, offer)
    await linking.opened(browser, settings, path_of(made["url"]))
    await do(browser, "/offer/offer-accepted")
    page = await browser.get("/offer/contact-attempted")
    once = page.text.split('name="once" value="')[1].split('"')[0]
    typed = {"csrf": proof(page), "once": once, "channel": "phone", "result": "no-answer"}
    assert [(await browser.post("/offer/contact-attempted", data=typed)).status_code for _ in range(2)] == [303, 303]
    tried = (await clinic.get(f"/v1/referrals/{referral}")).json()["offers"][0]["contacts"]
    assert tried == 1


@pytest.mark.parametrize("name", ["service-started", "outcome-corrected", "offer-viewed", "offer-recalled", "nothing"])
async def test_what_cannot_be_said_now_has_no_page(
    name: str, clinic: httpx.AsyncClient, browser: httpx.AsyncClient, settings: Settings, parts: Parts
) -> None:
    made = await linking.linked(clinic, *await linking.offered(clinic))
    await linking.opened(browser, settings, path_of(made["url"]))
    assert (await browser.get(f"/offer/{name}")).status_code == 409
