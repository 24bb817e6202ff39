"""Two ids are said to be one person's when a partner that knows both asked, and two persons approved."""

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import orjson
import pytest
from fastapi import FastAPI

from events.topics import CASES
from services.gateway.oneperson.deciding import said
from services.gateway.oneperson.requests import LinkRequests
from services.gateway.parts import Parts
from services.runtime.settings import Settings
from tests.support import doors, people
from tests.support.admitting import BACKBONE, CLINIC, REGISTRAR, SECOND, clinic, codes, records, registered
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


async def decide(by: httpx.AsyncClient, link: str, way: str = "approve") -> httpx.Response:
    return await by.post(f"/v1/client-links/{link}/{way}", headers=await csrf(by))


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


async def test_no_table_takes_one_person_twice(door: httpx.AsyncClient, parts: Parts) -> None:
    """Negative control: without the route's look and the statement's, the table refuses all the same."""
    link = await asked(door)
    for change in ("first_by = $1, second_by = $1, approved_at = now()", "person = $1, first_by = $1"):
        with pytest.raises(Exception, match="check constraint"):
            await parts.pool.execute(f"update keep.client_link set {change} where request = '{link}'", SECOND)  # noqa: S608
