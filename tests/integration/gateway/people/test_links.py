"""Sign-in links: once, soon, in the same browser, and never by looking."""

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from services.gateway.app import make
from services.gateway.parts import Parts
from services.gateway.people.cookies import Cookies
from services.runtime.settings import Settings
from tests.support import people
from tests.support.events import ident
from tests.support.people import ADA, EMAIL, ask, link, link_in, mails, proof, sign_in
from tests.support.wait import until


async def test_somebody_signs_in(browser: httpx.AsyncClient, settings: Settings) -> None:
    await sign_in(browser, settings)
    me = (await browser.get("/v1/me")).json()
    assert (me["person"], me["partner"], me["acting"], me["roles"]) == (ADA, "clinic", "staff", [])
    page = await browser.get("/me")
    assert page.status_code == 200
    assert ADA in page.text
    assert EMAIL not in page.text


async def test_link_works_once(browser: httpx.AsyncClient, settings: Settings) -> None:
    path = await link(browser, settings)
    form = {"csrf": proof(await browser.get(path))}
    kept = dict(browser.cookies)
    assert (await browser.post(path, data=form)).status_code == 303
    browser.cookies.clear()
    browser.cookies.update(kept)
    assert (await browser.post(path, data=form)).status_code == 410
    assert (await browser.get("/v1/me")).status_code == 401


async def test_looking_changes_nothing(
    browser: httpx.AsyncClient, other: httpx.AsyncClient, settings: Settings
) -> None:
    path = await link(browser, settings)
    for scanner in (other, browser, other):
        looked = await scanner.get(path)
        assert looked.headers.get_list("set-cookie") == []
        assert EMAIL not in looked.text
        assert ADA not in looked.text
    form = {"csrf": proof(await browser.get(path))}
    assert (await browser.post(path, data=form)).status_code == 303


async def test_another_browser_cannot_use_it_and_does_not_use_it_up(
    browser: httpx.AsyncClient, other: httpx.AsyncClient, settings: Settings
) -> None:
    path = await link(browser, settings)
    assert (await other.post(path, data={"csrf": "x"})).status_code == 403
    form = {"csrf": proof(await other.get("/signin"))}
    assert (await other.post(path, data=form)).status_code == 410
    assert (await other.get("/v1/me")).status_code == 401
    own = {"csrf": proof(await browser.get(path))}
    assert (await browser.post(path, data=own)).status_code == 303


async def test_expired_link_is_worth_nothing(parts: Parts) -> None:
    asked = await parts.people.links.ask(EMAIL, "b", timedelta(seconds=-1))
    assert await parts.people.links.use(asked.secret, "b") is None
    fresh = await parts.people.links.ask(EMAIL, "b")
    assert await parts.people.links.use(fresh.secret, "b") == ADA


async def test_link_of_somebody_who_left_is_worth_nothing(parts: Parts, settings: Settings) -> None:
    asked = await parts.people.links.ask(EMAIL, "b")
    await people.deactivate(settings)
    assert await parts.people.links.use(asked.secret, "b") is None


@pytest.mark.parametrize("typed", ["Ada@Clinic.Example", " ada@clinic.example "])
async def test_address_is_found_however_it_is_typed(browser: httpx.AsyncClient, settings: Settings, typed: str) -> None:
    await sign_in(browser, settings, typed)
    assert (await browser.get("/v1/me")).json()["person"] == ADA


async def test_international_domain_is_found_in_either_spelling(
    browser: httpx.AsyncClient, settings: Settings, parts: Parts
) -> None:
    await people.add(settings, "bo@xn--bcher-kva.example", person=ident("bo"))
    await sign_in(browser, settings, "BO@Bücher.example")
    assert (await browser.get("/v1/me")).json()["person"] == ident("bo")


NOBODY = [
    "nobody@clinic.example",
    "",
    "no address",
    "ada@clinic.example\r\nBcc: eve@example.net",
    "ada@clinic.example,eve@example.net",
    "x" * 400 + "@example.org",
]


@pytest.mark.parametrize("typed", NOBODY)
async def test_answer_does_not_tell_whether_somebody_is_known(
    browser: httpx.AsyncClient, other: httpx.AsyncClient, settings: Settings, typed: str
) -> None:
    known, unknown = await ask(browser), await ask(other, typed)
    assert (known.status_code, known.text) == (unknown.status_code, unknown.text)
    assert _without_cookies(known) == _without_cookies(unknown)
    posted = [
        await each.post("/v1/signin", json={"email": address}) for each, address in ((browser, EMAIL), (other, typed))
    ]
    assert {(each.status_code, each.text) for each in posted} == {(202, '{"sent":true}')}
    # Had anything been sent to anybody else, it would lie beside what was sent last to somebody known.
    await link(browser, settings)
    assert {mail["To"] for mail in mails(settings)} == {EMAIL}
    assert {mail["Bcc"] for mail in mails(settings)} == {None}


async def test_the_same_is_kept_whether_somebody_is_known(parts: Parts) -> None:
    await parts.people.links.ask(EMAIL, "b")
    await parts.people.links.ask("nobody@clinic.example", "b")
    rows = await parts.pool.fetch("select person is null as nobody, expires - asked as life from keep.link")
    assert sorted(row["nobody"] for row in rows) == [False, True]
    assert {row["life"] for row in rows} == {timedelta(minutes=15)}


async def test_link_s_secret_is_nowhere_in_the_database(
    browser: httpx.AsyncClient, settings: Settings, parts: Parts
) -> None:
    path = await link(browser, settings)
    rows = await parts.pool.fetch("select l::text from keep.link l")
    assert len(rows) == 1
    assert path.rpartition("/")[2] not in str(rows)


async def test_mail_names_nobody_and_answers_no_machine(browser: httpx.AsyncClient, settings: Settings) -> None:
    await link(browser, settings)
    [mail] = mails(settings)
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content_type() == "multipart/alternative"
    bodies = [mail.get_body((kind,)) for kind in ("plain", "html")]
    for body in bodies:
        assert body is not None
        assert not {"clinic", "riverbend", "ada", ADA} & set(body.get_content().lower().split())
    assert oct((next((settings.home / "mail").iterdir())).stat().st_mode & 0o777) == "0o600"


def _without_cookies(answer: httpx.Response) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name not in ("set-cookie", "x-request-id")}


HOSTS = ["evil.example", "127.0.0.1.evil.example", "127.0.0.1@evil.example", "[", "[::1", ""]


@pytest.mark.parametrize("host", HOSTS)
async def test_mail_leads_nowhere_else(browser: httpx.AsyncClient, parts: Parts, settings: Settings, host: str) -> None:
    """Whoever asks says which host they mean; it is never what the mail says."""
    await browser.post("/v1/signin", json={"email": EMAIL}, headers={"Host": host})
    await until(lambda: bool(mails(settings)))
    assert link_in(mails(settings)[0])
    unset = replace(settings, public_url=None)
    bare = replace(parts, people=replace(parts.people, cookies=Cookies(unset, b"key")))
    async with people.browser(make(bare)) as lost:
        answer = await lost.post("/v1/signin", json={"email": EMAIL}, headers={"Host": host})
        assert (answer.status_code, answer.json()["code"]) == (400, "bad-request")
        known = await lost.post("/v1/signin", json={"email": EMAIL}, headers={"Host": "127.0.0.1:8080"})
        assert known.status_code == 202
