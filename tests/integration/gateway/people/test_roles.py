"""What people may act as follows the log; what needs two people is done by two."""

import httpx
import pytest
from fastapi import FastAPI

from events.topics import INITIATIVES
from services.gateway.parts import Parts
from services.runtime.settings import Settings
from tests.support import people
from tests.support.admitting import BACKBONE, CLINIC, REGISTRAR, SECOND, codes, records, registrar, said
from tests.support.doors import token
from tests.support.events import ident
from tests.support.people import ADA, csrf, proof, sign_in

SCHOOL = {"name": "School", "sector": "education", "reporting": "client-level", "classes": []}
WISH = {"role": "coordinator", "partner": BACKBONE, "person_id": ident("coordinator")}


async def test_staff_act_as_staff_alone(browser: httpx.AsyncClient, settings: Settings, parts: Parts) -> None:
    await sign_in(browser, settings)
    assert (await browser.get("/v1/me")).json()["may_act"] == ["staff"]
    for kind in ("registrar", "coordinator", "operator", "partner-system"):
        answer = await browser.put("/v1/me", json={"acting": kind}, headers=await csrf(browser))
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
        form = {"csrf": proof(await browser.get("/me")), "acting": kind}
        assert (await browser.post("/me/acting", data=form)).status_code == 403


async def test_role_written_into_keep_is_worth_nothing(
    browser: httpx.AsyncClient, settings: Settings, parts: Parts
) -> None:
    await sign_in(browser, settings)
    await parts.pool.execute("update keep.session set acting = 'registrar'")
    assert (await browser.get("/v1/me")).json()["acting"] == "staff"
    assert (await browser.get("/v1/approvals")).status_code == 403


async def test_role_on_the_log_counts_at_once_and_acts_when_chosen(
    browser: httpx.AsyncClient, settings: Settings, parts: Parts
) -> None:
    await people.add(settings, "eve@together.example", ident("eve"), BACKBONE)
    await sign_in(browser, settings, "eve@together.example")
    assert (await browser.get("/v1/me")).json()["may_act"] == ["staff"]
    row = said("partner.role_assigned", "eve", {"person_id": ident("eve"), "role": "registrar"}, subject=BACKBONE)
    assert codes(await parts.admission.admit(registrar, [row])) == [None]
    me = (await browser.get("/v1/me")).json()
    assert (me["roles"], me["acting"], me["may_act"]) == (["registrar"], "staff", ["staff", "registrar"])
    page = await browser.get("/me")
    await browser.post("/me/acting", data={"csrf": proof(page), "acting": "registrar"})
    assert (await browser.get("/v1/approvals")).status_code == 200


async def test_registrar_s_role_at_another_partner_is_none_of_the_backbone(
    browser: httpx.AsyncClient, settings: Settings, parts: Parts
) -> None:
    row = said("partner.role_assigned", "ada", {"person_id": ADA, "role": "registrar"}, subject=CLINIC)
    assert codes(await parts.admission.admit(registrar, [row])) == [None]
    await sign_in(browser, settings)
    assert (await browser.get("/v1/me")).json()["may_act"] == ["staff"]


@pytest.mark.usefixtures("registrars")
async def test_registrar_who_acts_as_staff_says_what_staff_may(
    browser: httpx.AsyncClient, app: FastAPI, parts: Parts
) -> None:
    """Negative control: the same rows are taken from the same person once they act as a registrar, or by a token."""
    proven = await csrf(browser) | {"Content-Type": "application/json"}
    rows = (
        said("partner.role_assigned", "eve", {"person_id": ident("eve"), "role": "analyst"}, subject=BACKBONE),
        said("initiative.policy_set", "matching", {"client_matching": True}),
        said("partner.joined", "school", SCHOOL, subject="school"),
    )
    await browser.put("/v1/me", json={"acting": "staff"}, headers=proven)
    staff = [await browser.post("/v1/events", content=row, headers=proven) for row in rows]
    assert [(each.status_code, each.json()["code"]) for each in staff] == [(403, "not-authorised")] * 3
    assert not parts.admission.standing("riverbend").matching
    await browser.put("/v1/me", json={"acting": "registrar"}, headers=proven)
    acting = [await browser.post("/v1/events", content=row, headers=proven) for row in rows[:2]]
    bearer = {"Authorization": f"Bearer {await token(parts, BACKBONE, REGISTRAR)}", "Content-Type": "application/json"}
    async with people.browser(app) as system:
        acting.append(await system.post("/v1/events", content=rows[2], headers=bearer))
    assert [each.status_code for each in acting] == [200] * 3
    assert parts.admission.standing("riverbend").matching


@pytest.mark.usefixtures("registrars")
async def test_coordinator_is_made_by_two(
    browser: httpx.AsyncClient, other: httpx.AsyncClient, parts: Parts, settings: Settings
) -> None:
    asked = (await browser.post("/v1/approvals", json=WISH, headers=await csrf(browser))).json()
    assert asked["state"] == "waiting"
    place = f"/v1/approvals/{asked['approval']}/approve"
    alone = await browser.post(place, headers=await csrf(browser))
    assert (alone.status_code, alone.json()["code"]) == (403, "second-person-required")
    assert (await other.post(place)).json()["code"] == "cross-site"
    done = (await other.post(place, headers=await csrf(other))).json()
    assert (done["state"], done["asked_by"], done["decided_by"]) == ("published", REGISTRAR, SECOND)
    assert ident("coordinator") in parts.admission.standing("riverbend").coordinators
    last = (await records(settings, INITIATIVES))[-1].value
    assert last is not None
    assert done["event"].encode() in last
    acts = await _acts(settings)
    assert acts == [(REGISTRAR, SECOND, "coordinator.approved", asked["approval"])]
    again = (await other.post(place, headers=await csrf(other))).json()
    assert again == done
    assert len(await _acts(settings)) == 1


@pytest.mark.usefixtures("registrars")
async def test_approval_that_was_not_published_is_published_by_approving_again(
    browser: httpx.AsyncClient, other: httpx.AsyncClient, parts: Parts
) -> None:
    asked = (await browser.post("/v1/approvals", json=WISH, headers=await csrf(browser))).json()
    kept = await parts.people.approvals.find("riverbend", asked["approval"])
    assert kept is not None
    await parts.people.approvals.decide(kept, SECOND, True)
    assert (await browser.get("/v1/approvals")).json()["approvals"][0]["state"] == "approved"
    done = await other.post(f"/v1/approvals/{asked['approval']}/approve", headers=await csrf(other))
    assert done.json()["state"] == "published"


@pytest.mark.usefixtures("registrars")
async def test_refused_request_stays_refused(
    browser: httpx.AsyncClient, other: httpx.AsyncClient, settings: Settings
) -> None:
    asked = (await browser.post("/v1/approvals", json=WISH, headers=await csrf(browser))).json()
    place = f"/v1/approvals/{asked['approval']}"
    assert (await other.post(f"{place}/refuse", headers=await csrf(other))).json()["state"] == "refused"
    late = await other.post(f"{place}/approve", headers=await csrf(other))
    assert (late.status_code, late.json()["code"]) == (409, "precondition-failed")
    assert [act[2] for act in await _acts(settings)] == ["coordinator.refused"]


@pytest.mark.usefixtures("registrars")
async def test_expired_request_cannot_be_approved(
    browser: httpx.AsyncClient, other: httpx.AsyncClient, parts: Parts
) -> None:
    asked = (await browser.post("/v1/approvals", json=WISH, headers=await csrf(browser))).json()
    await parts.pool.execute("update keep.approval set expires = now()")
    late = await other.post(f"/v1/approvals/{asked['approval']}/approve", headers=await csrf(other))
    assert late.status_code == 409
    assert (await browser.get("/v1/approvals")).json()["approvals"][0]["state"] == "expired"


@pytest.mark.usefixtures("registrars")
async def test_token_approves_nothing(browser: httpx.AsyncClient, app: FastAPI, parts: Parts) -> None:
    asked = (await browser.post("/v1/approvals", json=WISH, headers=await csrf(browser))).json()
    bearer = {"Authorization": f"Bearer {await token(parts, BACKBONE, SECOND)}"}
    async with people.browser(app) as system:
        answer = await system.post(f"/v1/approvals/{asked['approval']}/approve", headers=bearer)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


async def test_nobody_s_word_is_taken_for_who_approved(app: FastAPI, parts: Parts) -> None:
    """Negative control: whoever holds the deployment's secrets is believed."""
    data = {"person_id": ident("coordinator"), "role": "coordinator"}
    row = said("partner.role_assigned", "word", data, subject=BACKBONE, approver=ident("eve"))
    bearer = {"Authorization": f"Bearer {await token(parts, BACKBONE, REGISTRAR)}"}
    async with people.browser(app) as system:
        answer = await system.post("/v1/events", content=row, headers=bearer | {"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"], answer.json()["pointer"]) == (
        403,
        "second-person-required",
        "/approver",
    )
    assert codes(await parts.admission.admit(registrar, [row])) == [None]


async def _acts(settings: Settings) -> list[tuple[str, str, str, str]]:
    rows = await people.rows(settings, "select person, approver, code, target from keep.act order by at")
    return [(str(row[0]), str(row[1]), row[2], row[3]) for row in rows]
