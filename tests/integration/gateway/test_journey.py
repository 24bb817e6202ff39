"""One client's way through several partners: who is told which part of it."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import httpx
import orjson
import pytest

from projections.referral.state import decode_referral
from services.gateway import journey
from services.gateway.parts import Parts
from services.gateway.principal import Principal
from services.gateway.seeing import of_row
from services.gateway.sight import Sight
from services.gateway.store import Row
from tests.integration.gateway.test_sealed import disclosures
from tests.support import doors
from tests.support.admitting import BACKBONE, CLINIC, NEWCOMER, SHELTER, consent, said
from tests.support.events import INITIATIVE, ident
from tests.support.reading import (
    COORDINATOR,
    EVERYBODY,
    NAME,
    ROOMS,
    agreed,
    answered,
    asked,
    referred,
    revoked,
    sent,
    tell,
)

NAMED = {"recipients": {"partners": EVERYBODY}}
NEED = {"need": {"taxonomy": "manyhands", "code": "food"}, "urgency": "soon"}
BEDS = {"service_id": ident("beds")}


async def way(door: httpx.AsyncClient, client: str = "own:1") -> dict[str, Any]:
    answer = await door.get(f"/v1/clients/{client}/journey")
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def alias(parts: Parts, partner: str) -> str:
    """Return the partner's alias of the clinic's client 1."""
    [client] = (await parts.vault.find(INITIATIVE, CLINIC, ["own:1"])).values()
    return (await parts.vault.aliases(INITIATIVE, partner, [client], grant=True))[client]


async def passed_on(parts: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient) -> tuple[str, str, str]:
    """The clinic asks the shelter twice, the second time for what is protected; the shelter asks the newcomer."""
    await agreed(clinic, "1", programme_classes=["general"], **NAMED)
    await tell(clinic, consent("g p", "own:1", consent_id="own:p", programme_classes=["substance-use"], **NAMED))
    first = await referred(clinic, "1")
    await tell(shelter, answered("offer_accepted", "1", first))
    await tell(clinic, said("referral.requested", "r p", NEED, subject="own:r p", client="own:1"))
    offered = orjson.loads(sent("p", consent_id="own:p", **BEDS))
    hidden = str((await tell(clinic, orjson.dumps(offered)))["subject"])
    named = await alias(parts, SHELTER)
    onward = await tell(shelter, said("referral.requested", "r n", NEED, subject="own:r n", client=named))
    # By the name that the recipient was told it by.
    by = (await shelter.get(f"/v1/referrals/{first}")).json()["offers"][0]["consent"]
    offer = sent("n", recipient=NEWCOMER, service_id=ROOMS, consent_id=by)
    await tell(shelter, offer)
    return first, hidden, str(onward["subject"])


async def test_each_sees_the_legs_that_it_takes_part_in(
    told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient, newcomer: httpx.AsyncClient
) -> None:
    first, hidden, onward = await passed_on(told, clinic, shelter)
    named = {"shelter": await alias(told, SHELTER), "newcomer": await alias(told, NEWCOMER)}
    seen = {
        "clinic": await way(clinic),
        "shelter": await way(shelter, named["shelter"]),
        "newcomer": await way(newcomer, named["newcomer"]),
    }
    assert {who: [leg["id"] for leg in found["legs"]] for who, found in seen.items()} == {
        "clinic": [first, hidden],
        "shelter": [first, hidden, onward],
        "newcomer": [onward],
    }
    assert [(leg["role"], leg["owner"], leg["next"]["who"]) for leg in seen["shelter"]["legs"]] == [
        ("recipient", SHELTER, "recipient"),
        ("recipient", SHELTER, "recipient"),
        ("sender", NEWCOMER, "recipient"),
    ]
    assert {who: found["client"] for who, found in seen.items() if who != "clinic"} == named


async def test_needs_are_counted_over_the_legs(
    told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient
) -> None:
    await agreed(clinic, "1", **NAMED)
    first = await referred(clinic, "1")
    await tell(shelter, answered("offer_declined", "1", first, reason="other"))
    await tell(clinic, sent("1", "second"))
    await tell(shelter, answered("offer_accepted", "1", first, "second"))
    done = {"outcome": "delivered", "outputs": [{"kind": "goods"}]}
    await tell(shelter, answered("outcome_recorded", "1", first, "second", **done))
    await tell(clinic, said("referral.requested", "r f", NEED, subject="own:r f", client="own:1"))
    [met, unmet] = (await way(clinic))["needs"]
    assert (met["need"]["code"], met["hops"], met["served"], met["open"], met["referrals"]) == (
        "shelter",
        2,
        True,
        True,
        [first],
    )
    assert met["ended"] is not None
    assert met["seconds"] >= 0
    assert (unmet["need"]["code"], unmet["hops"], unmet["served"], unmet["open"], unmet["ended"]) == (
        "food",
        0,
        False,
        True,
        None,
    )
    await tell(clinic, answered("outcome_acknowledged", "1", first, "second"))
    [met, _] = (await way(clinic))["needs"]
    assert not met["open"]


async def test_coordinator_sees_what_consent_names_and_nothing_protected(
    told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient
) -> None:
    first, hidden, onward = await passed_on(told, clinic, shelter)
    named = await alias(told, BACKBONE)
    async with doors.partner(told, BACKBONE, COORDINATOR) as door:
        for name in (named, first, onward):
            found = await door.get(f"/v1/clients/{name}/journey")
            assert [leg["id"] for leg in found.json()["legs"]] == [first, onward]
            assert hidden not in found.text
        for name in (hidden, ident("nobody")):
            answer = await door.get(f"/v1/clients/{name}/journey")
            assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
        await tell(clinic, revoked("1"))
        assert (await way(door, named))["legs"] == []
        assert (await door.get(f"/v1/clients/{first}/journey")).status_code == 404


async def test_without_judging_each_leg_others_would_be_seen(
    told: Parts,
    clinic: httpx.AsyncClient,
    shelter: httpx.AsyncClient,
    newcomer: httpx.AsyncClient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The control: the query itself gives all of a client's referrals."""
    first, hidden, onward = await passed_on(told, clinic, shelter)
    named = await alias(told, NEWCOMER)

    def everything(who: Principal, row: Row, now: datetime) -> Sight | None:
        return of_row(replace(who, partner=decode_referral(row["state"]).sender), row, now)

    monkeypatch.setattr(journey, "of_row", everything)
    assert {leg["id"] for leg in (await way(newcomer, named))["legs"]} == {first, hidden, onward}


async def test_two_unclaimed_offers_are_not_told_to_be_about_one_person(
    told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient
) -> None:
    await agreed(clinic, "1")
    first = await referred(clinic, "1")
    answer = await shelter.get(f"/v1/clients/{first}/journey")
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


async def test_each_leg_that_a_person_is_shown_is_on_record_first(
    told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient
) -> None:
    first, hidden, _ = await passed_on(told, clinic, shelter)
    await way(clinic)
    assert await disclosures(told) == []
    async with doors.partner(told, CLINIC, ident("nurse")) as door:
        answer = await door.get("/v1/clients/own:1/journey")
    assert NAME not in answer.text
    found = await disclosures(told)
    assert [(each["subject"], each["data"]["fields"]) for each in found] == [
        (first, ["journey"]),
        (hidden, ["journey"]),
    ]


async def test_client_without_referrals_has_an_empty_way(told: Parts, clinic: httpx.AsyncClient) -> None:
    await agreed(clinic, "1")
    found = await way(clinic)
    assert (found["legs"], found["needs"], found["complete"]) == ([], [], True)
    await asked(clinic, "1")
    [leg] = (await way(clinic))["legs"]
    assert (leg["status"], leg["owner"], leg["ended"]) == ("draft", CLINIC, None)
