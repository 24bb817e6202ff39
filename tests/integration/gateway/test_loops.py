"""Loop figures at the door: everybody's own, whole for those whose task it is, and nobody's name who is protected."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from events.topics import DISCLOSURES
from projections.communication import COMMUNICATION
from projections.measurement import MEASUREMENT
from services.admission.caller import System
from services.gateway import loopshapes
from services.gateway.app import make
from services.gateway.auth import caller
from services.gateway.parts import Parts
from services.gateway.principal import Kind, Principal
from services.ops.loops import figures, listed
from tests.support import doors, reading
from tests.support.admitting import (
    BACKBONE,
    CLINIC,
    NEWCOMER,
    REFUGE,
    REGISTRAR,
    SHELTER,
    records,
    registrar,
    said,
)
from tests.support.events import INITIATIVE, ident
from tests.support.reading import COORDINATOR, ROOMS, agreed, answered, partner, referred, revoked, tell
from tests.support.wait import until

PROTECTED_BEDS = ident("beds")
ANALYST = ident("analyst")


@pytest.fixture
async def counted(told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient) -> AsyncIterator[Parts]:
    """One need that was served, and one that waits for an answer from a protected programme."""
    async with doors.folding(told.settings, MEASUREMENT):
        for own, changed in (("ann", {}), ("bob", {"service_id": PROTECTED_BEDS})):
            await agreed(clinic, own)
            referral = await referred(clinic, own, **changed)
            if own == "ann":
                await tell(shelter, answered("offer_accepted", own, referral))
                outputs = [{"kind": "goods"}]
                await tell(shelter, answered("outcome_recorded", own, referral, outcome="delivered", outputs=outputs))
        await until(lambda: _arrived(clinic))
        yield told


async def _arrived(door: httpx.AsyncClient) -> bool:
    answer = await door.get("/v1/loops")
    if answer.status_code != 200:
        return False
    return [(each["sent"], each["served"]) for each in answer.json()["figures"]] == [(2, 1)]


async def get(door: httpx.AsyncClient, path: str = "/v1/loops", **query: Any) -> Any:
    answer = await door.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.usefixtures("counted")
async def test_partners_read_their_own(
    clinic: httpx.AsyncClient, shelter: httpx.AsyncClient, newcomer: httpx.AsyncClient
) -> None:
    sent = await get(clinic, by="recipient", of="offers")
    [line] = sent["figures"]
    assert (line["recipient"], line["sent"], line["rates"]["served"]) == (SHELTER, 2, {"of": 1, "among": 2})
    assert sent["maturity_days"] == 60
    [received] = (await get(shelter, by="sender", of="offers"))["figures"]
    assert (received["sender"], received["sent"]) == (CLINIC, 2)
    assert (await get(shelter))["figures"] == []
    assert (await get(newcomer, of="offers"))["figures"] == []
    needs = await get(clinic, by="need")
    assert {each["need"] for each in needs["figures"]} == {"shelter"}


async def test_whole_figures_hide_what_is_protected(counted: Parts) -> None:
    async with partner(counted, BACKBONE, REGISTRAR) as door:
        # A registrar who is no analyst reads what their own partner sent, as other staff do.
        assert (await get(door))["figures"] == []
        role = {"person_id": REGISTRAR, "role": "analyst"}
        await counted.admission.admit(registrar, [said("partner.role_assigned", "reads", role, subject=BACKBONE)])
        whole = await get(door, by=["need", "recipient"], of="offers")
        assert [(each["need"], each["recipient"], each["sent"]) for each in whole["figures"]] == [
            ("protected-need", "protected-partner", 1),
            ("shelter", SHELTER, 1),
        ]
        listed = await get(door, "/v1/loops/events", figure="sent", of="offers")
        assert len(listed["events"]) == 1
    assert "bob" not in str(listed)


async def test_a_coordinator_reads_on_record(counted: Parts) -> None:
    before = len(await records(counted.settings, DISCLOSURES))
    async with partner(counted, BACKBONE, COORDINATOR) as door:
        assert [each["sent"] for each in (await get(door))["figures"]] == [2]
        assert len(await records(counted.settings, DISCLOSURES)) == before + 1
        [event] = (await get(door, "/v1/loops/events", figure="served"))["events"]
    assert (event["by"], event["mark"], event["value"]) == (SHELTER, "ended", "served")
    assert len(await records(counted.settings, DISCLOSURES)) == before + 2


async def test_an_auditor_reads_the_figures_of_their_own_partner_on_record(counted: Parts) -> None:
    before, app = len(await records(counted.settings, DISCLOSURES)), make(counted)
    for name, sent in ((CLINIC, [2]), (SHELTER, [])):
        who = Principal(Kind.AUDITOR, INITIATIVE, name, ident("auditor"), frozenset(), "test")
        app.dependency_overrides[caller] = lambda who=who: who
        async with doors.client(app) as door:
            assert [each["sent"] for each in (await get(door))["figures"]] == sent
    assert len(await records(counted.settings, DISCLOSURES)) == before + 2


async def test_a_coordinator_of_a_partner_without_an_agreement_reads_nothing(counted: Parts) -> None:
    app = make(counted)
    who = Principal(Kind.COORDINATOR, INITIATIVE, "nobody", COORDINATOR, frozenset(), "test")
    app.dependency_overrides[caller] = lambda: who
    async with doors.client(app) as door:
        assert (await door.get("/v1/loops")).status_code == 403


async def test_an_analyst_of_the_backbone_reads_whole_figures_and_other_staff_their_own(counted: Parts) -> None:
    async with partner(counted, BACKBONE, ANALYST) as door:
        assert (await get(door))["figures"] == []
        role = {"person_id": ANALYST, "role": "analyst"}
        await counted.admission.admit(registrar, [said("partner.role_assigned", "analyst", role, subject=BACKBONE)])
        assert [each["sent"] for each in (await get(door))["figures"]] == [2]


async def test_events_are_listed_page_by_page_and_name_no_client(counted: Parts, clinic: httpx.AsyncClient) -> None:
    [ann, bob] = (await counted.vault.find(INITIATIVE, CLINIC, ["own:ann", "own:bob"])).values()
    first = await get(clinic, "/v1/loops/events", figure="sent", of="offers", limit=1)
    second = (await clinic.get(first["next"])).json()
    events = [*first["events"], *second["events"]]
    assert [event["mark"] for event in events] == ["sent", "sent"]
    assert second["next"] is None
    assert not {ann, bob} & set(str(events).split("'"))
    assert not {"partition", "offset", "record_offset"} & {name for event in events for name in event}
    assert (await clinic.get(first["next"].replace("figure=sent", "figure=closed"))).json()["code"] == "bad-cursor"


async def test_no_id_or_instant_joins_what_one_event_ended(
    told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One consent carries two offers to two partners; its end, and an erasure, are told to each under another id."""
    async with (
        doors.folding(told.settings, MEASUREMENT),
        doors.folding(told.settings, COMMUNICATION),
        partner(told, NEWCOMER) as newcomer,
        partner(told, BACKBONE, ANALYST) as analyst,
    ):
        role = {"person_id": ANALYST, "role": "analyst"}
        await told.admission.admit(registrar, [said("partner.role_assigned", "analyst", role, subject=BACKBONE)])
        await agreed(clinic, "1", recipients={"partners": [SHELTER, NEWCOMER]})
        await referred(clinic, "1")
        await tell(clinic, reading.sent("1", "p", recipient=NEWCOMER, service_id=ROOMS))
        await tell(clinic, revoked("1"))
        await until(lambda: _closed(analyst, 2))
        [ours], [theirs] = [await _ends(door) for door in (shelter, newcomer)]
        assert ours["event"] != theirs["event"]
        # Each side of an offer is told the same of it, the instant too; the feed names it so as well.
        both = await _ends(clinic)
        assert {each["event"] for each in both} == {ours["event"], theirs["event"]}
        assert {each["recorded"] for each in both} == {ours["recorded"]}
        fed = (await shelter.get("/v1/feed")).json()["entries"]
        assert ours["event"] in {each["event"] for each in fed if each["kind"] == "offer-cancelled"}
        whole = await _ends(analyst)
        assert len({each["event"] for each in whole}) == 2
        assert {each[name][11:] for each in whole for name in ("happened", "recorded")} == {"00:00:00+00:00"}
        one = await get(analyst, "/v1/loops/events", figure="closed", of="offers", limit=1)
        assert one["events"] == whole[:1]
        assert (await analyst.get(one["next"])).json()["events"] == whole[1:]
        monkeypatch.setattr(loopshapes, "_apart", lambda event, _: event["event"])
        # A control.
        assert len({each["event"] for each in await _ends(analyst)}) == 1


async def test_nothing_joins_what_ended_with_one_consent_by_the_clock(
    told: Parts, clinic: httpx.AsyncClient, newcomer: httpx.AsyncClient
) -> None:
    """Each has an event of its own then; its instant is the consent's, and is told as a day to who is no side of it."""
    ends = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    async with doors.folding(told.settings, MEASUREMENT), partner(told, BACKBONE, ANALYST) as analyst:
        role = {"person_id": ANALYST, "role": "analyst"}
        await told.admission.admit(registrar, [said("partner.role_assigned", "analyst", role, subject=BACKBONE)])
        await agreed(clinic, "1", recipients={"partners": [SHELTER, NEWCOMER]}, expires_at=ends)
        referral = await referred(clinic, "1")
        await tell(clinic, reading.sent("1", "p", recipient=NEWCOMER, service_id=ROOMS))
        at = await _run_out(told, referral, ends)
        await until(lambda: _closed(analyst, 2))
        # Both sides of an offer are told when.
        assert {each["happened"] for each in await _ends(clinic)} == {at}
        [theirs] = await _ends(newcomer)
        assert theirs["happened"] == at
        whole = await _ends(analyst)
        assert len(whole) == 2
        assert {each[name][11:] for each in whole for name in ("happened", "recorded")} == {"00:00:00+00:00"}
        assert [each["offer"] for each in whole] == sorted(each["offer"] for each in whole)


async def _run_out(told: Parts, referral: str, ends: str) -> str:
    """Have the clock say of both offers that their consent ran out, and return when that was."""
    at = datetime.now(UTC).isoformat()
    [record] = (await told.vault.find(INITIATIVE, CLINIC, ["own:1"])).values()
    why, of = {"reason": "consent-expired", "deadline": ends}, {"subject": referral, "partitionkey": record, "time": at}
    rows = [said("referral.withdrawn", each, {"offer_id": reading.offer_id("1", each), **why}, **of) for each in "op"]
    found = await told.admission.admit(System(INITIATIVE, "timekeeper"), rows)
    assert [each.problem for each in found] == [None, None]
    return at


async def _closed(door: httpx.AsyncClient, number: int) -> bool:
    answer = await door.get("/v1/loops", params={"of": "offers"})
    return answer.status_code == 200 and [each["closed"] for each in answer.json()["figures"]] == [number]


async def _ends(door: httpx.AsyncClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await get(door, "/v1/loops/events", figure="closed", of="offers"))["events"]
    return found


@pytest.mark.usefixtures("counted")
async def test_an_earlier_instant_and_a_narrower_question(clinic: httpx.AsyncClient) -> None:
    accepted = (await get(clinic, "/v1/loops/events", figure="acceptances", of="offers"))["events"][0]["recorded"]
    earlier = await get(clinic, as_of=accepted)
    assert (earlier["at"], [each["served"] for each in earlier["figures"]]) == (accepted, [0])
    assert (await get(clinic, need="food"))["figures"] == []
    assert (await get(clinic, of="offers", recipient=REFUGE))["figures"] == []


@pytest.mark.parametrize(
    "query",
    [
        {"by": "recipient"},
        {"service": "x"},
        {"first": "2026-03", "last": "2026-02"},
        {"first": "2001-01", "last": "2026-02"},
        {"first": "march"},
        {"by": ["month", "sender", "need", "area"]},
        {"by": "client"},
        {"of": "people"},
    ],
)
async def test_what_cannot_be_asked_is_said_to_be_wrong(clinic: httpx.AsyncClient, query: dict[str, Any]) -> None:
    answer = await clinic.get("/v1/loops", params=query)
    assert (answer.status_code, answer.json()["code"]) == (422, "bad-parameter")


async def test_nobody_and_before_the_first_build(stranger: httpx.AsyncClient, clinic: httpx.AsyncClient) -> None:
    assert (await stranger.get("/v1/loops")).status_code == 401
    assert (await clinic.get("/v1/loops")).status_code == 503


async def test_the_command_line_reads_the_same_with_what_is_protected_hidden(counted: Parts) -> None:
    asked = {"of": "offers", "cuts": frozenset(("recipient",))}
    found = await figures(counted.settings, None, asked)
    assert [(each["recipient"], each["sent"]) for each in found.figures] == [("protected-partner", 1), (SHELTER, 1)]
    page = await listed(counted.settings, INITIATIVE, {"of": "offers"}, "sent", (None, 10))
    assert (len(page.events), page.next) == (1, None)
