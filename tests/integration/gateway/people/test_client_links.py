"""Two ids are said to be one person's when a partner that knows both asked, and two persons approved."""

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import orjson
import pytest
from fastapi import FastAPI

from events.topics import CASES
from services.admission.caller import Partner, System
from services.gateway.oneperson.requests import LinkRequests
from services.gateway.oneperson.saying import ended, said
from services.gateway.parts import Parts
from services.gateway.rulings import Ruling
from services.runtime.settings import Settings
from tests.support import doors, people
from tests.support.admitting import BACKBONE, CLINIC, REGISTRAR, SECOND, clinic, codes, records, registered
from tests.support.admitting import said as event
from tests.support.events import ident
from tests.support.people import csrf

PLACE = "/v1/clients/own:1/links"

pytestmark = pytest.mark.usefixtures("registrars")


@pytest.fixture
async def door(parts: Parts) -> AsyncIterator[httpx.AsyncClient]:
    """The clinic's system, which knows two ids."""
    assert (
        codes(await parts.admission.admit(clinic, [registered("1", "own:1"), registered("2", "own:2")])) == [None] * 2
    )
    async with doors.folding(parts.settings), doors.partner(parts, CLINIC) as made:
        yield made


async def at_backbone(parts: Parts) -> None:
    """Have the backbone know two ids as well."""
    rows = [registered(each, f"own:{each}") for each in "12"]
    assert codes(await parts.admission.admit(Partner("riverbend", BACKBONE), rows)) == [None] * 2


async def links(settings: Settings) -> list[tuple[str, str, str]]:
    """Return what the log says: the type, under which id, and of which other one."""
    found = [orjson.loads(each.value or b"") for each in await records(settings, CASES)]
    return [
        (each["type"].split(".")[3], each["partitionkey"], each["data"]["other_client"])
        for each in found
        if each["type"].startswith("org.manyhands.client.") and "other_client" in each["data"]
    ]


async def asked(door: httpx.AsyncClient) -> str:
    answer = await door.post(PLACE, json={"other": "own:2"})
    assert (answer.status_code, answer.json()["state"], answer.json()["action"]) == (201, "waiting", "link")
    return str(answer.json()["request"])


async def decide(by: httpx.AsyncClient, link: str, way: str = "approve", **query: str) -> httpx.Response:
    return await by.post(f"/v1/client-links/{link}/{way}", params=query, headers=await csrf(by))


async def approved(one: httpx.AsyncClient, other: httpx.AsyncClient, link: str, **query: str) -> httpx.Response:
    """Have both persons approve, and return what the second is told."""
    assert (await decide(one, link)).json()["state"] == "waiting"
    return await decide(other, link, **query)


async def test_two_persons_link_two_ids_and_unlink_them(
    door: httpx.AsyncClient, browser: httpx.AsyncClient, other: httpx.AsyncClient, parts: Parts, settings: Settings
) -> None:
    link = await asked(door)
    assert await asked(door) == link
    one, two = (await parts.vault.find("riverbend", CLINIC, ["own:1", "own:2"])).values()
    [told] = (await browser.get("/v1/client-links")).json()["requests"]
    assert (told["request"], told["asked_by"]) == (link, CLINIC)
    assert not {one, two} & set(map(str, told.values()))
    first = (await decide(browser, link)).json()
    assert (first["state"], first["first_by"]) == ("waiting", REGISTRAR)
    alone = await decide(browser, link)
    assert (alone.status_code, alone.json()["code"]) == (403, "second-person-required")
    assert await links(settings) == []
    done = (await decide(other, link)).json()
    assert (done["state"], done["second_by"]) == ("published", SECOND)
    assert (await decide(other, link)).json() == done
    assert sorted(await links(settings)) == sorted([("linked", one, two), ("linked", two, one)])
    ended = await door.delete(f"{PLACE}/own:2")
    assert (ended.status_code, ended.json()["action"]) == (202, "unlink")
    for each in (browser, other):
        last = await decide(each, ended.json()["request"])
    assert last.json()["state"] == "published"
    assert ("unlinked", two, one) in await links(settings)
    assert [each["state"] for each in (await door.get(PLACE)).json()["requests"]] == ["published"] * 2


async def test_events_are_the_same_however_often_they_are_said(door: httpx.AsyncClient, parts: Parts) -> None:
    requests = LinkRequests(parts.keep)
    found = await requests.find("riverbend", await asked(door))
    assert found is not None
    for person in (REGISTRAR, SECOND):
        assert await requests.approve(found, person)
        assert not await requests.approve(found, person)
    approved = await requests.find("riverbend", found.request)
    assert approved is not None
    assert approved.state == "approved"
    assert said(approved) == said(replace(approved))
    with pytest.raises(ValueError, match="not approved"):
        said(found)


async def test_who_may_not_is_told_so_and_nothing_is_said(
    door: httpx.AsyncClient, browser: httpx.AsyncClient, other: httpx.AsyncClient, app: FastAPI, parts: Parts
) -> None:
    for names in (("own:1", "own:never"), ("own:never", "own:1")):
        answer = await door.post(f"/v1/clients/{names[0]}/links", json={"other": names[1]})
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
    same = await door.post(PLACE, json={"other": "own:1"})
    assert (same.status_code, same.json()["code"]) == (409, "already-exists")
    link = await asked(door)
    bearer = {"Authorization": f"Bearer {await doors.token(parts, BACKBONE, SECOND)}"}
    async with people.browser(app) as system:
        token = await system.post(f"/v1/client-links/{link}/approve", headers=bearer)
    assert (token.status_code, token.json()["code"]) == (403, "forbidden")
    assert (await decide(browser, link, "refuse")).json()["state"] == "refused"
    late = [await decide(other, link), await decide(other, link, "refuse")]
    assert [(each.status_code, each.json()["code"]) for each in late] == [(409, "precondition-failed")] * 2
    again = await asked(door)
    assert again != link
    await parts.pool.execute("update keep.client_link set person = $1", SECOND)
    own = await decide(other, again)
    assert (own.status_code, own.json()["code"]) == (403, "second-person-required")
    await parts.pool.execute("update keep.client_link set expires = now()")
    assert (await decide(browser, again)).status_code == 409
    assert (await door.get(PLACE)).json()["requests"][0]["state"] == "expired"


async def test_rules_that_refuse_what_was_approved_are_told_of(
    door: httpx.AsyncClient, browser: httpx.AsyncClient, other: httpx.AsyncClient, parts: Parts
) -> None:
    """The ids are linked already, as two requests were under way; or one of the two persons was erased meanwhile."""
    first = await asked(door)
    [two] = (await parts.vault.find("riverbend", CLINIC, ["own:2"])).values()
    assert (await approved(browser, other, first)).json()["state"] == "published"
    again = (await approved(browser, other, await asked(door))).json()
    assert (again["state"], again["code"]) == ("not-applied", "already-exists")
    ended = (await door.delete(f"{PLACE}/own:2")).json()["request"]
    assert (await approved(browser, other, ended)).json()["state"] == "published"
    half = await asked(door)
    people_ = {"actor": REGISTRAR, "approver": SECOND, "partitionkey": two, "subject": two}
    row = event("client.erased", "e", {"certificate_id": ident("c")}, **people_)
    assert codes(await parts.admission.admit(System("riverbend", "vault"), [row])) == [None]
    told = (await approved(browser, other, half)).json()
    assert (told["state"], told["code"]) == ("partly-applied", "client-erased")
    assert [(each["state"], each["code"]) for each in (await door.get(PLACE)).json()["requests"]] == [
        ("partly-applied", "client-erased"),
        ("published", None),
        ("not-applied", "already-exists"),
        ("published", None),
    ]


async def test_what_is_not_known_yet_is_called_approved_until_it_is_asked_again(
    door: httpx.AsyncClient, browser: httpx.AsyncClient, other: httpx.AsyncClient, parts: Parts, settings: Settings
) -> None:
    link = await asked(door)
    first = await approved(browser, other, link, wait="0")
    # Whether it is folded by then is a matter of chance; where it is not, nothing is called done.
    assert (first.status_code, first.json()["state"]) in ((202, "approved"), (200, "published"))
    await parts.pool.execute("update keep.client_link set published = false, outcome = null, code = null")
    [waits] = (await door.get(PLACE)).json()["requests"]
    assert waits["state"] == "approved"
    told = await decide(browser, link)
    assert (told.status_code, told.json()["state"]) == (200, "published")
    assert len(set(await links(settings))) == 2


@pytest.mark.parametrize(
    ("outcomes", "told"),
    [
        (("applied", "applied"), ("applied", None)),
        (("refused", "refused"), ("refused", "erased")),
        (("applied", "refused"), ("partly", "erased")),
        (("applied", None), None),
        (("refused", None), None),
        (("applied", "parked"), None),
    ],
)
def test_nothing_is_done_before_both_rulings_are_known(
    outcomes: tuple[str | None, ...], told: tuple[str, str | None] | None
) -> None:
    refused = {"refused": "erased"}
    assert ended([None if each is None else Ruling(each, refused.get(each)) for each in outcomes]) == told


@pytest.mark.parametrize("person", [None, ident("a clerk")])
async def test_at_the_backbone_a_person_asks_who_is_neither_of_the_two(
    person: str | None, browser: httpx.AsyncClient, other: httpx.AsyncClient, parts: Parts
) -> None:
    await at_backbone(parts)
    async with doors.folding(parts.settings):
        async with doors.partner(parts, BACKBONE, person) as system:
            for answer in (
                await system.post(PLACE, json={"other": "own:2"}),
                await system.delete(f"{PLACE}/own:2"),
            ):
                assert (answer.status_code, answer.json()["code"]) == (403, "second-person-required")
            assert (await system.get(PLACE)).json() == {"requests": []}
        # One that was asked for so before nobody approves; the control: another partner's token is no such person's.
        ask = LinkRequests(parts.keep).ask
        one, two = (await parts.vault.find("riverbend", BACKBONE, ["own:1", "own:2"])).values()
        mine = await ask(("riverbend", BACKBONE, None), (one, two), link=True)
        answer = await decide(browser, mine.request)
        assert (answer.status_code, answer.json()["code"]) == (403, "second-person-required")
        theirs = await ask(("riverbend", CLINIC, None), (one, two), link=True)
        assert (await approved(browser, other, theirs.request)).json()["state"] == "published"


async def test_somebody_of_the_backbone_who_asks_signed_in_is_known(
    browser: httpx.AsyncClient, other: httpx.AsyncClient, parts: Parts
) -> None:
    await at_backbone(parts)
    async with doors.folding(parts.settings):
        assert (await other.put("/v1/me", json={"acting": "staff"}, headers=await csrf(other))).status_code == 200
        asked_ = await other.post(PLACE, json={"other": "own:2"}, headers=await csrf(other))
        assert asked_.status_code == 201
        assert (await other.put("/v1/me", json={"acting": "registrar"}, headers=await csrf(other))).status_code == 200
        own = await decide(other, asked_.json()["request"])
        assert (own.status_code, own.json()["code"]) == (403, "second-person-required")
        assert (await decide(browser, asked_.json()["request"])).json()["first_by"] == REGISTRAR


async def test_no_table_takes_one_person_twice(door: httpx.AsyncClient, parts: Parts) -> None:
    """Negative control: without the route's look and the statement's, the table refuses all the same."""
    link = await asked(door)
    for change in ("first_by = $1, second_by = $1, approved_at = now()", "person = $1, first_by = $1"):
        with pytest.raises(Exception, match="check constraint"):
            await parts.pool.execute(f"update keep.client_link set {change} where request = '{link}'", SECOND)  # noqa: S608
