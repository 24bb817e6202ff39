"""Who sees the pages of staff, and whose forms are taken."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import orjson
import pytest
from fastapi import FastAPI

from events.topics import CASES, DISCLOSURES
from services.gateway.pages.vocabulary import ACTIONS
from services.gateway.parts import Parts
from tests.support import people, staffing
from tests.support.admitting import BACKBONE, REFUGE, records
from tests.support.events import ident
from tests.support.people import csrf
from tests.support.staffing import ON, SEND, previewed, referred
from tests.support.surfing import Surfer

SOME = ident("some referral")
ADDRESSES = [
    ("GET", "/work"),
    ("GET", "/find"),
    ("GET", "/refer"),
    ("POST", "/refer"),
    ("GET", f"/referrals/{SOME}"),
    ("GET", f"/referrals/{SOME}/offer"),
    ("POST", f"/referrals/{SOME}/text"),
    *(("POST", f"/referrals/{SOME}/{slug}") for slug in ACTIONS),
]


async def _told(parts: Parts) -> int:
    return len(await records(parts.settings, CASES)) + len(await records(parts.settings, DISCLOSURES))


@pytest.fixture
async def registrar(app: FastAPI, parts: Parts) -> AsyncIterator[httpx.AsyncClient]:
    """The backbone's registrar, acting as such."""
    async with staffing.surfer(app, parts, BACKBONE) as made:
        made.browser.headers.update(await csrf(made.browser))
        assert (await made.browser.put("/v1/me", json={"acting": "registrar"})).status_code == 200
        yield made.browser


@pytest.mark.parametrize(("method", "address"), ADDRESSES)
async def test_signed_out_is_sent_to_sign_in(stranger: httpx.AsyncClient, method: str, address: str) -> None:
    answer = await stranger.request(method, address)
    assert (answer.status_code, answer.headers["location"]) == (303, "/signin")


@pytest.mark.parametrize(("method", "address"), ADDRESSES)
async def test_other_roles_are_not_staff(registrar: httpx.AsyncClient, method: str, address: str) -> None:
    answer = await registrar.request(method, address)
    assert (answer.status_code, "This is not yours to do" in answer.text) == (403, True)


@pytest.mark.parametrize("address", [address for method, address in ADDRESSES if method == "POST"])
async def test_form_that_is_not_from_our_page_is_not_taken(clinic: Surfer, parts: Parts, address: str) -> None:
    before = await _told(parts)
    for form in ({}, {"csrf": "x" * 43}):
        answer = await clinic.browser.post(address, data=form)
        assert (answer.status_code, "This did not come from our page" in answer.text) == (403, True)
    assert await _told(parts) == before


async def test_missing_proof_sends_nothing(clinic: Surfer, parts: Parts) -> None:
    _, place, fields = (await previewed(clinic)).sent(SEND)
    del fields["csrf"]
    assert (await clinic.browser.post(place, data=fields)).status_code == 403
    fields["csrf"] = (await clinic.open("/refer")).sent(ON)[2]["csrf"]
    refused = await clinic.browser.post(place, data=fields, headers={"Origin": "https://evil.example"})
    assert refused.status_code == 403
    assert await records(parts.settings, CASES) == []


async def test_foreign_referral_looks_unknown(clinic: Surfer, newcomer: Surfer, parts: Parts) -> None:
    sent = await referred(clinic)
    offers = [orjson.loads(each.value or b"") for each in await records(parts.settings, CASES)]
    offer = offers[-1]["data"]["offer_id"]
    before = await _told(parts)
    answers = []
    for referral in (sent.path.rpartition("/")[2], SOME):
        proof = {"csrf": (await newcomer.open("/refer")).sent(ON)[2]["csrf"], "offer": offer, "submission": ident("s")}
        place = f"/referrals/{referral}"
        for answer in (
            await newcomer.browser.get(place),
            await newcomer.browser.get(f"{place}/offer"),
            await newcomer.browser.get(f"{place}/offer-accepted?offer={offer}"),
            await newcomer.browser.post(f"{place}/text", data=proof),
            *[await newcomer.browser.post(f"{place}/{slug}", data=proof) for slug in ACTIONS],
        ):
            assert answer.status_code == 404
            answers.append(answer.text)
    assert len(set(answers)) == 1
    assert await _told(parts) == before


async def test_sender_answers_no_offer_and_recipient_acknowledges_none(clinic: Surfer, shelter: Surfer) -> None:
    sent = await referred(clinic)
    page = await shelter.open(sent.path)
    accept = page.link("Accept")
    assert (await clinic.open(accept)).status == 409
    _, place, fields = (await shelter.open(accept)).sent("Accept")
    fields["csrf"] = (await clinic.open("/refer")).sent(ON)[2]["csrf"]
    assert (await clinic.browser.post(place, data=fields)).status_code == 409


async def test_partner_that_reports_counts_works_on_no_referrals(app: FastAPI, parts: Parts) -> None:
    async with staffing.surfer(app, parts, REFUGE) as surfer:
        page = await surfer.open("/refer")
        assert (page.status, page.title) == (403, "Your organisation reports counts only")
        assert "Nothing waits for your answer." in (await surfer.open("/work")).text


async def test_start_leads_to_the_worklist(clinic: Surfer, registrar: httpx.AsyncClient) -> None:
    assert (await clinic.open("/me")).link("Go to my worklist") == "/work"
    assert "/work" not in (await registrar.get("/me")).text


async def test_nothing_about_a_person_is_in_an_address(clinic: Surfer) -> None:
    asked: list[str] = []

    async def note(request: httpx.Request) -> None:
        asked.append(str(request.url))

    clinic.browser.event_hooks["request"].append(note)
    sent = await referred(clinic)
    await clinic.open("/work?list=waiting")
    addresses = [*asked, *(each["href"] for each in sent.root.all("a"))]
    assert not [each for each in addresses if "4711" in each or "bed" in each.lower() or "Quill" in each]


async def test_pages_load_nothing_from_elsewhere_and_run_nothing(clinic: Surfer) -> None:
    page = await clinic.open("/refer")
    policy: Any = page.answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'self'; form-action 'self'")
    assert page.answer.headers["cache-control"] == "no-store"
    style = (await clinic.browser.get("/style.css")).text
    assert ":focus-visible { outline: 3px" in style
    assert "prefers-color-scheme: dark" in style
    assert "outline: none" not in style
    assert people.PUBLIC not in page.html
