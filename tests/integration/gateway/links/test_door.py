"""What a link is worth before its code, and to whom it is worth nothing."""

import asyncio
import io
from datetime import timedelta
from typing import Any

import httpx
import orjson
import pytest

from events.topics import ALL
from services.gateway.links import given
from services.gateway.parts import Parts
from services.runtime import logging
from services.runtime.settings import Settings
from tests.support import linking, people, reading
from tests.support.admitting import CLINIC, NEWCOMER, SHELTER, records, said
from tests.support.canary import Search
from tests.support.events import ident
from tests.support.linking import DESK, code_for, do, enter, path_of
from tests.support.people import proof
from tests.support.reading import tell


async def _everything(settings: Settings) -> tuple[dict[str, int], dict[str, Any]]:
    """Return how many records every topic has, and every row of every table."""
    query = (
        "select format('%I.%I', schemaname, tablename) from pg_tables"
        " where schemaname not in ('pg_catalog', 'information_schema') and schemaname not like 'pg\\_temp%'"
    )
    names = [row[0] for row in await people.rows(settings, query)]
    tables = {
        name: sorted(row[0] for row in await people.rows(settings, f"select t::text from {name} t"))  # noqa: S608
        for name in names
    }
    return {topic.family: len(await records(settings, topic)) for topic in ALL}, tables


async def test_scanners_change_nothing_and_see_nothing(
    clinic: httpx.AsyncClient, browser: httpx.AsyncClient, other: httpx.AsyncClient, settings: Settings
) -> None:
    made = await linking.linked(clinic, *await linking.offered(clinic))
    path, unknown = path_of(made["url"]), "/l/" + "A" * 43
    before = await _everything(settings)
    plain = await browser.get(path)
    for each in range(200):
        for scanner in (browser, other):
            scanner.cookies.clear()
            sent = {"Sec-Purpose": "prefetch;prerender"} if each % 2 else {"User-Agent": "scanner"}
            answer = await scanner.get(path, headers=sent)
            assert answer.status_code == 200
            assert (await scanner.head(path)).status_code == 405
            assert (await scanner.options(path)).status_code == 405
    nobody = await other.get(unknown)
    assert await _everything(settings) == before
    assert linking.codes(settings) == []
    for text in (CLINIC, SHELTER, "Clinic", "Shelter", "bed", "shelter", "offer", made["link"]):
        assert text not in plain.text
    assert _without_proof(plain, path) == _without_proof(nobody, unknown)
    assert {plain.headers[name] for name in ("cache-control",)} == {"no-store"}
    assert plain.headers["referrer-policy"] == "no-referrer"


def _without_proof(answer: httpx.Response, path: str) -> str:
    return answer.text.replace(proof(answer), "").replace(path, "")


async def test_five_wrong_codes_end_the_link(
    clinic: httpx.AsyncClient, browser: httpx.AsyncClient, settings: Settings
) -> None:
    made = await linking.linked(clinic, *await linking.offered(clinic))
    path = path_of(made["url"])
    code = await code_for(browser, settings, path)
    wrong = f"{(int(code) + 1) % 10**8:08d}"
    for _ in range(4):
        assert (await enter(browser, path, wrong)).status_code == 422
    [shown] = (await clinic.get("/v1/links")).json()["links"]
    assert shown["tries"] == 1
    assert (await enter(browser, path, wrong)).status_code == 422
    assert (await enter(browser, path, code)).status_code == 422
    assert "link" not in "".join(browser.cookies.keys())
    await browser.post(path, data={"csrf": proof(await browser.get(path))})
    assert await linking.asked(settings) == 1


async def test_last_try_may_be_the_right_one(
    clinic: httpx.AsyncClient, browser: httpx.AsyncClient, settings: Settings
) -> None:
    made = await linking.linked(clinic, *await linking.offered(clinic))
    path = path_of(made["url"])
    code = await code_for(browser, settings, path)
    for _ in range(4):
        await enter(browser, path, "0000000x")
    assert (await enter(browser, path, code)).status_code == 303


async def test_many_at_once_have_five_tries_together(
    clinic: httpx.AsyncClient, browser: httpx.AsyncClient, settings: Settings, parts: Parts
) -> None:
    made = await linking.linked(clinic, *await linking.offered(clinic))
    path = path_of(made["url"])
    code = await code_for(browser, settings, path)
    mark = proof(await browser.get(path))
    guesses = [f"{(int(code) + 1 + each) % 10**8:08d}" for each in range(40)]
    answers = await asyncio.gather(
        *(browser.post(f"{path}/code", data={"csrf": mark, "code": each}) for each in guesses)
    )
    assert {each.status_code for each in answers} == {422}
    [shown] = (await clinic.get("/v1/links")).json()["links"]
    assert shown["tries"] == 0
    assert (await enter(browser, path, code)).status_code == 422


async def test_code_is_worth_nothing_in_another_browser_or_twice(
    clinic: httpx.AsyncClient, browser: httpx.AsyncClient, other: httpx.AsyncClient, settings: Settings
) -> None:
    made = await linking.linked(clinic, *await linking.offered(clinic))
    path = path_of(made["url"])
    code = await code_for(browser, settings, path)
    assert (await enter(other, path, code)).status_code == 422
    assert (await enter(browser, path, code)).status_code == 303
    assert (await enter(browser, path, code)).status_code == 422
    assert (await other.get("/offer")).status_code == 410


async def test_code_is_too_old_after_a_while(
    clinic: httpx.AsyncClient, browser: httpx.AsyncClient, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(given, "CODE_LIFE", timedelta(0))
    made = await linking.linked(clinic, *await linking.offered(clinic))
    path = path_of(made["url"])
    assert (await enter(browser, path, await code_for(browser, settings, path))).status_code == 422


@pytest.mark.parametrize("name", ["LIFE", "IDLE"])
async def test_session_ends_by_itself(
    name: str,
    clinic: httpx.AsyncClient,
    browser: httpx.AsyncClient,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(getattr(given, name), "offer", timedelta(0))
    made = await linking.linked(clinic, *await linking.offered(clinic))
    assert (await linking.opened(browser, settings, path_of(made["url"]))).status_code == 410


async def test_closing_ends_the_session(
    clinic: httpx.AsyncClient, browser: httpx.AsyncClient, settings: Settings
) -> None:
    made = await linking.linked(clinic, *await linking.offered(clinic))
    page = await linking.opened(browser, settings, path_of(made["url"]))
    cookie = browser.cookies["__Host-link"]
    assert (await browser.post("/offer/leave", data={"csrf": proof(page)})).status_code == 200
    browser.cookies.set("__Host-link", cookie)
    assert (await browser.get("/offer")).status_code == 410


async def test_form_of_another_site_or_another_session_is_not_taken(
    clinic: httpx.AsyncClient, browser: httpx.AsyncClient, settings: Settings
) -> None:
    made = await linking.linked(clinic, *await linking.offered(clinic))
    path = path_of(made["url"])
    mark = proof(await browser.get(path))
    foreign: list[dict[str, str]] = [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}]
    for headers in foreign:
        assert (await browser.post(path, data={"csrf": mark}, headers=headers)).status_code == 403
    assert (await browser.post(path, data={"csrf": "x"})).status_code == 403
    hidden = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
    assert (await browser.post(path, data={"csrf": mark}, headers=hidden)).status_code == 200
    another = await linking.linked(clinic, *await linking.offered(clinic, "2"))
    first = await linking.opened(browser, settings, path_of(another["url"]))
    second = await linking.linked(clinic, *await linking.offered(clinic, "3"))
    await linking.opened(browser, settings, path_of(second["url"]))
    answer = await browser.post("/offer/offer-accepted", data={"csrf": proof(first)})
    assert answer.status_code == 403


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


SEARCH = Search((reading.NAME, "desk-of-quillfeather@shelter.example"))


async def test_names_and_addresses_are_nowhere_before_the_code(
    clinic: httpx.AsyncClient, browser: httpx.AsyncClient, settings: Settings, parts: Parts
) -> None:
    log = io.StringIO()
    logging.configure("json", "info", log)
    address = "desk-of-quillfeather@shelter.example"
    await linking.addressed(parts, email=address)
    made = await linking.linked(clinic, *await linking.offered(clinic))
    path = path_of(made["url"])
    answers = [await browser.get(path), await browser.post(path), await browser.get(f"/l/{address}")]
    code = await code_for(browser, settings, path)
    answers += [await enter(browser, path, reading.NAME), await enter(browser, path, address)]
    answers += [await enter(browser, path, code), await browser.get("/offer"), await browser.get(f"/offer/{address}")]
    answers += [await clinic.get("/v1/links"), await clinic.post("/v1/links", json={"kind": address})]
    told = "\n".join(
        f"{answer.url} {answer.headers}\n{answer.text}"
        for answer in answers
        if "bearer" not in str(answer.request.headers)
    )
    told = told.replace(f"/l/{address.replace('@', '%40')}", "").replace(f"/offer/{address.replace('@', '%40')}", "")
    assert SEARCH.text("answers", told.replace(f"/l/{address}", "").replace(f"/offer/{address}", "").encode()) == set()
    assert SEARCH.text("log", log.getvalue().encode()) == set()
    assert path.rpartition("/")[2] not in log.getvalue()
    assert code not in log.getvalue()
    assert "/l/{secret}" in log.getvalue()
    for mail in people.mails(settings):
        body = mail.get_body(("plain",))
        assert body is not None
        assert SEARCH.text("mail", f"{mail['Subject']}{body.get_content()}".encode()) == set()
    for topic in ALL:
        for record in await records(settings, topic):
            assert SEARCH.text(topic.family, (record.key or b"") + (record.value or b"")) == set()
    _, tables = await _everything(settings)
    found = {name for name, rows in tables.items() if SEARCH.text(name, "\n".join(rows).encode())}
    assert found == {"keep.address", "keep.given_link"}
    kept = orjson.dumps(tables).decode()
    assert path.rpartition("/")[2] not in kept
    assert browser.cookies["__Host-link"] not in kept
    assert code not in kept
