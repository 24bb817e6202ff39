"""How much a partner that is gone left open is told to registrars, in counts, and to nobody else."""

from typing import Any

import httpx
import pytest

from services.gateway.parts import Parts
from tests.support import reading
from tests.support.admitting import BACKBONE, CLINIC, REGISTRAR, SHELTER, registrar, said
from tests.support.canary import Search
from tests.support.reading import COORDINATOR, agreed, answered, asked, referred, tell

SERVED: dict[str, Any] = {"outcome": "delivered", "outputs": [{"kind": "goods"}]}


async def gone(parts: Parts, *partners: str) -> None:
    rows = [said("partner.suspended", f"gone {each}", {}, subject=each) for each in partners]
    assert [each.problem for each in await parts.admission.admit(registrar, rows)] == [None] * len(rows)


async def shown(parts: Parts, **query: Any) -> Any:
    async with reading.partner(parts, BACKBONE, REGISTRAR) as door:
        answer = await door.get("/v1/departed", params=query)
    assert answer.status_code == 200, answer.text
    assert Search((reading.NAME,)).text("departed", answer.content) == set()
    return answer.json()


async def test_what_a_partner_left_open_is_counted(
    told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient
) -> None:
    for own in ("untaken", "declined", "taken", "begun", "served", "given up", "stated", "erased"):
        await agreed(clinic, own)
    await asked(clinic, "stated")
    needs = {
        own: await referred(clinic, own) for own in ("untaken", "declined", "taken", "begun", "served", "given up")
    }
    await referred(clinic, "erased")
    for own in ("taken", "begun", "served"):
        await tell(shelter, answered("offer_accepted", own, needs[own]))
    for own in ("begun", "served"):
        await tell(shelter, answered("service_started", own, needs[own]))
    await tell(shelter, answered("outcome_recorded", "served", needs["served"], **SERVED))
    for own in ("declined", "given up"):
        await tell(shelter, answered("offer_declined", own, needs[own], reason="no-capacity"))
    await tell(clinic, said("referral.closed", "gu", {"disposition": "other"}, subject=needs["given up"]))
    await reading.erased(told, "erased")
    assert await shown(told) == {"partners": [], "next": None}
    await gone(told, CLINIC)
    [found] = (await shown(told))["partners"]
    absence = told.admission.standing("riverbend").members[CLINIC].absence
    assert absence is not None
    since = absence.since.isoformat()
    assert found == {"partner": CLINIC, "how": "suspended", "since": since, "untaken": 2, "taken": 2}


async def test_who_left_nothing_open_is_told_too_page_by_page(told: Parts) -> None:
    await gone(told, CLINIC, SHELTER)
    first = await shown(told, limit=1)
    second = await shown(told, limit=1, after=first["next"])
    assert [(each["partner"], each["untaken"], each["taken"]) for each in first["partners"]] == [(CLINIC, 0, 0)]
    assert ([each["partner"] for each in second["partners"]], second["next"]) == ([SHELTER], None)


@pytest.mark.parametrize(("partner", "person"), [(SHELTER, None), (BACKBONE, COORDINATOR), (SHELTER, COORDINATOR)])
async def test_nobody_but_a_registrar_is_told(told: Parts, partner: str, person: str | None) -> None:
    await gone(told, CLINIC)
    async with reading.partner(told, partner, person) as door:
        answer = await door.get("/v1/departed")
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
