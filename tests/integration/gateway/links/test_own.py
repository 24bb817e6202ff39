"""A client's own page: what they see, and what is kept from whoever looks over a shoulder."""

from datetime import UTC, datetime, timedelta

import httpx
import orjson
import pytest

from events.disclosure import THEMSELF
from events.topics import ALL, DISCLOSURES
from projections.disclosure import DISCLOSURE
from services.admission.caller import System
from services.gateway.parts import Parts
from services.runtime.settings import Settings
from tests.support import classes, doors, linking, people, reading
from tests.support.admitting import (
    CLINIC,
    REFUGE,
    SHELTER,
    codes,
    offer,
    records,
    registrar,
    said,
)
from tests.support.canary import Search
from tests.support.events import INITIATIVE, ident
from tests.support.linking import do, path_of
from tests.support.ownpage import HOME, consent_of, own_link, served
from tests.support.people import proof
from tests.support.reading import MEALS, tell
from tests.support.wait import until


async def test_client_sees_what_is_shared_and_what_became_of_it(
    clinic: httpx.AsyncClient, browser: httpx.AsyncClient, settings: Settings, parts: Parts
) -> None:
    await served(clinic, parts)
    page = await linking.opened(browser, settings, path_of((await own_link(clinic))["url"]))
    for shown in (
        "Name and how to reach you",
        "Treatment and care",
        "A bed for tonight",
        "Shelter: they said yes",
    ):
        assert shown in page.text
    assert page.text.count("<h1>") == 1
    assert "<title>Your page</title>" in page.text
    assert "Leave quickly" in page.text
    said_so = [orjson.loads(record.value or b"{}") for record in await records(settings, DISCLOSURES)]
    assert said_so[-1]["data"]["reader"] == THEMSELF


@pytest.mark.parametrize(
    "why",
    [
        ("sender-left", "Shelter: ended, as whoever asked them is not there for it any more"),
        ("partner-suspended", "Shelter: ended, as they are not there for it any more"),
        ("consent-expired", "Shelter: ended, as the time was over for which sharing was allowed"),
    ],
)
async def test_client_sees_why_it_ended_where_nobody_said_so(
    clinic: httpx.AsyncClient, browser: httpx.AsyncClient, settings: Settings, parts: Parts, why: tuple[str, str]
) -> None:
    reason, shown = why
    ends = (datetime.now(UTC) + timedelta(days=9)).isoformat()
    await reading.agreed(clinic, "1", expires_at=ends)
    referral = await reading.referred(clinic, "1")
    page = await linking.opened(browser, settings, path_of((await own_link(clinic))["url"]))
    assert "Shelter: asked, no answer yet" in page.text
    [record] = (await parts.vault.find(INITIATIVE, CLINIC, ["own:1"])).values()
    data = {"offer_id": reading.offer_id("1"), "reason": reason, "deadline": ends}
    over = said("referral.withdrawn", "over", data, subject=referral, partitionkey=record)
    assert codes(await parts.admission.admit(System(INITIATIVE, "timekeeper"), [over])) == [None]

    async def told() -> bool:
        return shown in (await browser.get("/own")).text

    await until(told)


async def test_client_is_told_of_a_class_by_its_name_and_then_of_who_took_it_on(
    clinic: httpx.AsyncClient, browser: httpx.AsyncClient, settings: Settings, parts: Parts
) -> None:
    await classes.prepared(parts.admission)
    await classes.agreed(clinic, "1")
    referral = await classes.opened(clinic, "1")
    page = await linking.opened(browser, settings, path_of((await own_link(clinic))["url"]))
    assert "<p>Any food bank or pantry: asked, no answer yet</p>" in page.text
    async with reading.partner(parts, classes.PANTRY) as door:
        await tell(door, classes.claim(classes.PANTRY, "1", referral))
    assert "<p>Pantry: they said yes</p>" in (await browser.get("/own")).text


async def test_guardian_is_not_told_of_themself(
    clinic: httpx.AsyncClient, browser: httpx.AsyncClient, settings: Settings
) -> None:
    await linking.offered(clinic)
    link = await own_link(clinic, guardian=True)
    page = await linking.opened(browser, settings, path_of(link["url"]))
    assert "Name and how to reach the person" in page.text


async def test_client_sees_who_looked_and_a_guardian_does_not(
    clinic: httpx.AsyncClient, browser: httpx.AsyncClient, other: httpx.AsyncClient, settings: Settings, parts: Parts
) -> None:
    async with doors.folding(settings, DISCLOSURE):
        referral, _ = await served(clinic, parts)
        async with reading.partner(parts, SHELTER) as door:
            assert (await door.get(f"/v1/referrals/{referral}/sealed")).status_code == 200
        page = await linking.opened(browser, settings, path_of((await own_link(clinic))["url"]))
        told = page.text.partition("who looked")[2]
        assert "Shelter" in told
        assert "the details that were written down" in told
        assert "The client" not in (await browser.get("/own")).text.partition("who looked")[2]
        guardian = await linking.opened(other, settings, path_of((await own_link(clinic, guardian=True))["url"]))
        assert "who looked" not in guardian.text


@pytest.mark.parametrize("serving", [True, False])
async def test_only_whoever_serves_a_person_has_their_own_link_made(
    serving: bool, clinic: httpx.AsyncClient, parts: Parts
) -> None:
    """Whoever says that it accepts has a name for them before anything is judged."""
    referral, made = await linking.offered(clinic, "1")
    recalled = {"offer_id": made, "reason": "other"}
    if not serving:
        await tell(clinic, said("referral.offer_recalled", "rc", recalled, subject=referral))
    async with reading.partner(parts, SHELTER) as door:
        row = said("referral.offer_accepted", "a", {"offer_id": made}, subject=referral)
        answer = await door.post("/v1/events", params={"wait": "20"}, content=row, headers=reading.JSON)
        assert (answer.status_code < 300, "alias" in answer.json()) == (serving, False)
        record = (await parts.vault.find(INITIATIVE, CLINIC, ["own:1"]))["own:1"]
        [alias] = (await parts.vault.aliases(INITIATIVE, SHELTER, [record])).values()
        wish = {"kind": "client", "client": alias, "email": HOME}
        assert (await door.post("/v1/links", json=wish)).status_code == (201 if serving else 404)


async def test_guardian_is_not_shown_what_is_hidden_from_guardians(
    clinic: httpx.AsyncClient, browser: httpx.AsyncClient, other: httpx.AsyncClient, settings: Settings, parts: Parts
) -> None:
    await reading.agreed(clinic, "1", hidden_from_guardian=True, subject_capacity="minor")
    referral = await reading.asked(clinic, "1")
    await tell(clinic, offer("o", referral, service_id=MEALS, consent_id="own:1"))
    held = await consent_of(clinic, referral, parts)
    page = await linking.opened(browser, settings, path_of((await own_link(clinic, guardian=True))["url"]))
    assert "Nothing about you may be shared" in page.text
    for word in ("Shelter", "A bed for tonight"):
        assert word not in page.text
    for place in (f"/own/a/{held}", f"/own/b/{held}", f"/own/c/{held}"):
        assert (await browser.get(place)).status_code == 404
        assert (await browser.post(place, data={"csrf": proof(await browser.get("/own/e"))})).status_code == 404
    assert (await do(browser, "/own/e")).status_code == 303
    assert (await clinic.get(f"/v1/referrals/{referral}")).json()["offers"][0]["status"] == "requested"
    own = await linking.opened(other, settings, path_of((await own_link(clinic))["url"]))
    assert "A bed for tonight" in own.text


async def test_protected_partner_is_not_named(
    clinic: httpx.AsyncClient, browser: httpx.AsyncClient, settings: Settings, parts: Parts
) -> None:
    await reading.agreed(clinic, "1")
    referral = await reading.asked(clinic, "1")
    await tell(clinic, offer("o", referral, service_id=ident("beds"), consent_id="own:1"))
    async with reading.partner(parts, SHELTER) as door:
        changed = {"service_id": MEALS, "programme_class": "domestic-violence"}
        await door.post("/v1/events", content=said("partner.service_changed", "c", changed), headers=reading.JSON)
    page = await linking.opened(browser, settings, path_of((await own_link(clinic))["url"]))
    assert "Shelter" not in page.text
    assert "A bed for tonight" not in page.text
    assert "kept private" in page.text


async def test_leaving_quickly_leaves_nothing_open(
    clinic: httpx.AsyncClient, browser: httpx.AsyncClient, settings: Settings, parts: Parts
) -> None:
    await served(clinic, parts)
    await linking.opened(browser, settings, path_of((await own_link(clinic))["url"]))
    cookie = browser.cookies["__Host-own"]
    answer = await browser.get("/own/away")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("https://")
    assert answer.headers["referrer-policy"] == "no-referrer"
    browser.cookies.set("__Host-own", cookie)
    assert (await browser.get("/own")).status_code == 410
    browser.cookies.clear()
    assert (await browser.get("/own/away")).status_code == 303


async def test_another_client_s_things_are_not_there(
    clinic: httpx.AsyncClient, browser: httpx.AsyncClient, settings: Settings, parts: Parts
) -> None:
    referral, made = await served(clinic, parts)
    await served(clinic, parts, "2")
    await linking.opened(browser, settings, path_of((await own_link(clinic, "own:2"))["url"]))
    held = await consent_of(clinic, referral, parts)
    for place in (f"/own/a/{held}", f"/own/b/{held}", f"/own/c/{held}", f"/own/d/{referral}/{made}"):
        assert (await browser.get(place)).status_code == 404
        data = {"csrf": proof(await browser.get("/own/e")), "need_met": "no"}
        assert (await browser.post(place, data=data)).status_code == 404
    assert (await clinic.get(f"/v1/referrals/{referral}")).json()["offers"][0]["need_met"] is None


async def test_link_is_made_by_who_has_a_name_for_the_client_alone(
    clinic: httpx.AsyncClient, shelter: httpx.AsyncClient, parts: Parts
) -> None:
    await linking.offered(clinic)
    wish = {"kind": "client", "client": "own:1", "email": HOME}
    assert (await shelter.post("/v1/links", json=wish)).status_code == 404
    assert (await clinic.post("/v1/links", json={**wish, "client": "own:2"})).status_code == 404
    assert (await clinic.post("/v1/links", json={**wish, "email": "ada"})).status_code == 422
    assert (await clinic.post("/v1/links", json={**wish, "days": 91})).status_code == 422
    async with reading.partner(parts, REFUGE) as refuge:
        assert (await refuge.post("/v1/links", json=wish)).status_code == 403


async def test_erasure_takes_links_and_sessions_with_it(
    clinic: httpx.AsyncClient, browser: httpx.AsyncClient, settings: Settings, parts: Parts
) -> None:
    await served(clinic, parts)
    await linking.opened(browser, settings, path_of((await own_link(clinic))["url"]))
    await reading.erased(parts, "1")
    assert (await browser.get("/own")).status_code == 410
    for table in ("given_link", "link_session"):
        assert await people.rows(settings, f"select * from keep.{table}") == []  # noqa: S608


async def test_no_partner_can_be_called_like_the_client_s_own_reading(parts: Parts) -> None:
    joined = {"name": "N", "sector": "health", "reporting": "client-level"}
    [answer] = await parts.admission.admit(registrar, [said("partner.joined", "j", joined, subject=THEMSELF)])
    assert codes([answer]) == ["invalid-value"]


async def test_name_and_address_are_in_keep_alone(
    clinic: httpx.AsyncClient, browser: httpx.AsyncClient, settings: Settings, parts: Parts
) -> None:
    search = Search(("Zaphrodite Quillfeather", HOME))
    await served(clinic, parts)
    made = await own_link(clinic)
    page = await linking.opened(browser, settings, path_of(made["url"]))
    told = f"{page.text}{page.headers}{(await clinic.get('/v1/links')).text}{(await browser.get('/own/e')).text}"
    assert search.text("answers", told.encode()) == set()
    for topic in ALL:
        for record in await records(settings, topic):
            assert search.text(topic.family, (record.key or b"") + (record.value or b"")) == set()
    for mail in people.mails(settings):
        body = mail.get_body(("plain",))
        assert body is not None
        text = f"{mail['Subject']}{body.get_content()}"
        assert search.text("mail", text.encode()) == set()
        assert [word for word in (CLINIC, SHELTER, INITIATIVE, "consent", "shar") if word in text.lower()] == []
