"""The account of disclosures over HTTP: who is told what was shown to whom, and that nothing is left out."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import orjson
import pytest

from events.authority import OPERATOR
from projections.disclosure import DISCLOSURE
from projections.sql import statement
from services.admission.caller import System
from services.gateway.parts import Parts
from services.gateway.progress import ACCOUNTS, Progress
from services.gateway.sheets import BOM
from tests.support import doors
from tests.support.accounts import alias
from tests.support.admitting import BACKBONE, CLINIC, NEWCOMER, SHELTER, said
from tests.support.admitting import newcomer as newcomer_speaks
from tests.support.events import INITIATIVE, ident
from tests.support.reading import (
    COORDINATOR,
    EVERYBODY,
    NAME,
    ROOMS,
    agreed,
    answered,
    asked,
    erased,
    referred,
    sent,
    tell,
)

PERSON, NURSE = ident("person of shelter"), ident("person of clinic")
NAMED = {"recipients": {"partners": EVERYBODY}}


async def account(door: httpx.AsyncClient, client: str = "own:1", **query: Any) -> dict[str, Any]:
    answer = await door.get(f"/v1/clients/{client}/disclosures", params=query)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def opened(door: httpx.AsyncClient, client: str = "own:1") -> list[dict[str, Any]]:
    """Return the lines of what was opened, without the offers."""
    lines: list[dict[str, Any]] = (await account(door, client))["disclosures"]
    return [each for each in lines if each["kind"].startswith("disclosure.")]


async def read_by_everybody(parts: Parts, referral: str) -> None:
    """Have a person of the shelter, the coordinator and a person of the clinic look at the referral."""
    for partner, person in ((SHELTER, PERSON), (BACKBONE, COORDINATOR), (CLINIC, NURSE)):
        async with doors.partner(parts, partner, person) as door:
            answer = await door.get(f"/v1/referrals/{referral}")
            assert answer.status_code == 200, answer.text


async def test_sender_is_told_who_was_shown_what_and_under_which_consent(
    counted: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient
) -> None:
    await agreed(clinic, "1", **NAMED)
    referral = await referred(clinic, "1")
    await tell(shelter, answered("offer_accepted", "1", referral))
    await read_by_everybody(counted, referral)
    assert (await shelter.get(f"/v1/referrals/{referral}/sealed")).status_code == 200
    found = await opened(clinic)
    naming = counted.admission.naming
    consent = naming.masked(INITIATIVE, CLINIC, "consent", naming.own(INITIATIVE, CLINIC, "consent", "1"))
    assert [(each["recipient"], each["fields"], each["consent"], each["own"], each["actor"]) for each in found] == [
        (SHELTER, ["details"], consent, False, None),
        (CLINIC, ["status"], None, True, NURSE),
        (BACKBONE, ["status"], consent, False, None),
        (SHELTER, ["status"], consent, False, None),
    ]
    assert {each["referral"] for each in found} == {referral}
    assert (found[0]["recipient_name"], found[0]["description"]) == (
        "Shelter",
        "Shown: the details that were written down. For: Treatment and care.",
    )
    times = [each["recorded"] for each in found]
    assert times == sorted(times, reverse=True)


async def test_recipient_is_told_of_its_own_readings_alone(
    counted: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient
) -> None:
    await agreed(clinic, "1", **NAMED)
    referral = await referred(clinic, "1")
    await tell(shelter, answered("offer_accepted", "1", referral))
    await read_by_everybody(counted, referral)
    found = await opened(shelter, await alias(counted, SHELTER))
    assert [(each["recipient"], each["own"]) for each in found] == [(SHELTER, True)]


async def test_what_is_read_of_another_s_referral_is_not_the_sender_s_to_know(
    counted: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient, newcomer: httpx.AsyncClient
) -> None:
    """The shelter refers the same person on; the clinic, who registered them, sent another referral."""
    await agreed(clinic, "1", programme_classes=["general"], **NAMED)
    mine = await referred(clinic, "1")
    await tell(shelter, answered("offer_accepted", "1", mine))
    name = await alias(counted, SHELTER)
    row = said("referral.requested", "theirs", NEED_OF_THEIRS, subject="own:theirs", client=name)
    theirs = (await tell(shelter, row))["subject"]
    consent = counted.admission.naming.own(INITIATIVE, CLINIC, "consent", "1")
    offered = sent("theirs", recipient=NEWCOMER, service_id=ROOMS, consent_id=consent)
    await tell(shelter, orjson.dumps(orjson.loads(offered) | {"subject": theirs}))
    async with doors.partner(counted, NEWCOMER, PERSON) as door:
        assert (await door.get(f"/v1/referrals/{theirs}")).status_code == 200
    assert await opened(clinic) == []
    assert [each["recipient"] for each in await opened(shelter, name)] == [NEWCOMER]


NEED_OF_THEIRS = {"need": {"taxonomy": "manyhands", "code": "shelter"}, "urgency": "soon"}


async def test_readings_of_the_client_are_told_to_who_registered_them(
    counted: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient
) -> None:
    """As when clients are matched; a partner that is protected is told of and not named.

    All that the newcomer offers here is protected.
    """
    await agreed(clinic, "1")
    [client] = (await counted.vault.find(INITIATIVE, CLINIC, ["own:1"])).values()
    await protected(counted)
    rows = [
        said(
            "disclosure.opened",
            f"x {reader}",
            {"reader": reader, "purpose": "care", "fields": ["details"]},
            partitionkey=client,
            subject=client,
        )
        for reader in (SHELTER, NEWCOMER)
    ]
    for result in await counted.admission.admit(System(INITIATIVE, "gateway"), rows):
        assert result.problem is None
    found = (await account(clinic))["disclosures"]
    assert [(each["recipient"], each["recipient_name"], each["referral"]) for each in found] == [
        (None, "protected partner", None),
        (SHELTER, "Shelter", None),
    ]
    assert NEWCOMER not in orjson.dumps(found).decode()
    theirs = await account(shelter, await alias(counted, SHELTER))
    assert [each["recipient"] for each in theirs["disclosures"]] == [SHELTER]


async def test_sender_is_told_that_the_glass_was_broken(counted: Parts, clinic: httpx.AsyncClient) -> None:
    await agreed(clinic, "1")
    referral = await referred(clinic, "1")
    [client] = (await counted.vault.find(INITIATIVE, CLINIC, ["own:1"])).values()
    data = {"reader": OPERATOR, "purpose": "emergency", "fields": ["details"]}
    people = {"actor": PERSON, "approver": NURSE}
    row = said("disclosure.broke_glass", "glass", data, partitionkey=client, subject=referral, **people)
    [result] = await counted.admission.admit(System(INITIATIVE, "operator"), [row])
    assert result.problem is None, result.problem
    [found] = await opened(clinic)
    assert (found["recipient"], found["recipient_name"], found["referral"]) == (OPERATOR, "the operator", referral)
    assert found["description"].startswith("Opened in an emergency: the details")


async def protected(parts: Parts) -> None:
    """Make all that the newcomer offers protected."""

    data = {"service_id": ROOMS, "programme_class": "domestic-violence"}
    [result] = await parts.admission.admit(newcomer_speaks, [said("partner.service_changed", "hidden", data)])
    assert result.problem is None, result.problem


async def test_client_of_nobody_and_of_others_look_alike(
    counted: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient
) -> None:
    await agreed(clinic, "1")
    [client] = (await counted.vault.find(INITIATIVE, CLINIC, ["own:1"])).values()
    for door, name in ((shelter, "own:1"), (shelter, client), (clinic, client), (clinic, ident("nobody"))):
        answer = await door.get(f"/v1/clients/{name}/disclosures")
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
    assert client not in (await clinic.get("/v1/clients/own:1/disclosures")).text


async def test_account_goes_on_page_by_page_and_reaches_back_so_many_days(
    counted: Parts, clinic: httpx.AsyncClient
) -> None:
    await agreed(clinic, "1", **NAMED)
    referral = await referred(clinic, "1")
    await read_by_everybody(counted, referral)
    whole = await account(clinic)
    first = await account(clinic, limit=2)
    second = (await clinic.get(first["next"])).json()
    assert [*first["disclosures"], *second["disclosures"]] == whole["disclosures"]
    assert (len(first["disclosures"]), second["next"], whole["next"]) == (2, None, None)
    [client] = (await counted.vault.find(INITIATIVE, CLINIC, ["own:1"])).values()
    async with counted.keep.snapshot(ACCOUNTS.projection, INITIATIVE) as transaction:
        query = statement(ACCOUNT_SQL, "of_client")
        later = datetime.now(UTC) + timedelta(days=1)
        assert await transaction.run(query, INITIATIVE, client, later, None, None, [], False, 9, None) == []


ACCOUNT_SQL = DISCLOSURE.views[1].table.sql


async def test_account_as_a_file(counted: Parts, clinic: httpx.AsyncClient) -> None:
    await agreed(clinic, "1", **NAMED)
    referral = await referred(clinic, "1")
    await read_by_everybody(counted, referral)
    path = "/v1/clients/own:1/disclosures"
    answer = await clinic.get(path, params={"limit": 2, "bom": True}, headers={"Accept": "text/csv"})
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.content.startswith(BOM)
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    told = (await account(clinic, limit=2))["disclosures"]
    assert [(row["recipient"], row["description"]) for row in rows] == [
        (each["recipient"], each["description"]) for each in told
    ]
    assert rows[0]["recorded_local"][-6:] in ("-06:00", "-05:00")
    following = answer.headers["link"].partition(">")[0].removeprefix("<")
    rest = await clinic.get(following, headers={"Accept": "text/csv"})
    assert len(list(csv.DictReader(io.StringIO(rest.text, newline="")))) == 2
    assert "link" not in rest.headers
    refused = await clinic.get(path, headers={"Accept": "image/png"})
    assert (refused.status_code, refused.json()["code"]) == (406, "not-acceptable")


async def test_account_that_is_behind_says_so_rather_than_that_nothing_was_shown(
    told: Parts, clinic: httpx.AsyncClient
) -> None:
    async with doors.folding(told.settings, DISCLOSURE):
        await agreed(clinic, "1", **NAMED)
        referral = await referred(clinic, "1")
    await read_by_everybody(told, referral)
    answer = await clinic.get("/v1/clients/own:1/disclosures")
    assert (answer.status_code, answer.json()["code"]) == (503, "too-stale")
    assert answer.json()["lag"] > 0


async def test_without_looking_how_far_it_is_nothing_would_have_been_shown(
    told: Parts, clinic: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: it is the comparison with the log that keeps the account from saying too little."""
    async with doors.folding(told.settings, DISCLOSURE):
        await agreed(clinic, "1", **NAMED)
        referral = await referred(clinic, "1")
    await read_by_everybody(told, referral)

    async def everywhere(*_: object) -> int:
        return 0

    monkeypatch.setattr(Progress, "behind", everywhere)
    assert await opened(clinic) == []


async def test_erased_client_has_no_name_left_to_ask_by(counted: Parts, clinic: httpx.AsyncClient) -> None:
    await agreed(clinic, "1", **NAMED)
    await asked(clinic, "1")
    await erased(counted, "1")
    assert (await clinic.get("/v1/clients/own:1/disclosures")).status_code == 404


async def test_name_of_the_person_is_nowhere_in_it(
    counted: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient
) -> None:
    await agreed(clinic, "1")
    referral = await referred(clinic, "1")
    await tell(shelter, answered("offer_accepted", "1", referral))
    assert NAME in (await shelter.get(f"/v1/referrals/{referral}/sealed")).text
    for accept in ("application/json", "text/csv"):
        answer = await clinic.get("/v1/clients/own:1/disclosures", headers={"Accept": accept})
        assert answer.status_code == 200
        assert NAME.split()[0] not in answer.text
