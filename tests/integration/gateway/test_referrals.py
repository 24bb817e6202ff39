"""How referrals stand, over HTTP: who sees what of them."""

import httpx

from services.gateway.parts import Parts
from tests.support import doors
from tests.support.admitting import CLINIC, NEWCOMER, consent, said
from tests.support.events import INITIATIVE, ident
from tests.support.reading import (
    EVERYBODY,
    JSON,
    ROOMS,
    agreed,
    answered,
    asked,
    offer_id,
    prepared,
    referred,
    revoked,
    sent,
    tell,
)

#: What a recipient may say of its work before it says how it ended.
ACCEPTED = [f"referral.{name}" for name in ("contact_attempted", "service_started", "waitlisted", "put_on_hold")]
STARTED = ["referral.contact_attempted", "referral.put_on_hold"]


async def test_it_is_shown_with_its_offers_and_who_owes_the_next_step(
    told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient
) -> None:
    await agreed(clinic, "1")
    referral = await asked(clinic, "1")
    steps = [(await clinic.get(f"/v1/referrals/{referral}")).json()["next"]]
    for door, row in (
        (clinic, sent("1")),
        (shelter, answered("offer_accepted", "1", referral, expected_by="2020-01-01")),
        (shelter, answered("service_started", "1", referral)),
        (shelter, answered("outcome_recorded", "1", referral, outcome="delivered", outputs=[{"kind": "goods"}])),
        (clinic, answered("outcome_acknowledged", "1", referral)),
    ):
        await tell(door, row)
        steps.append((await clinic.get("/v1/referrals/own:r 1")).json()["next"])
    assert [step and (step["who"], step["events"], step["overdue"]) for step in steps] == [
        ("sender", ["referral.offer_sent"], False),
        ("recipient", ["referral.offer_accepted", "referral.offer_declined"], False),
        ("recipient", [*ACCEPTED, "referral.outcome_recorded", "referral.withdrawn"], True),
        ("recipient", [*STARTED, "referral.outcome_recorded", "referral.withdrawn"], False),
        ("sender", ["referral.outcome_acknowledged"], False),
        None,
    ]
    whole = (await shelter.get(f"/v1/referrals/{referral}")).json()
    assert (whole["role"], whole["status"], whole["loop"]) == ("recipient", "completed", "closed-served")
    [offer] = whole["offers"]
    assert all(seconds is not None for seconds in offer["seconds"].values())


async def test_recipient_sees_its_own_offers_alone(
    told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient, newcomer: httpx.AsyncClient
) -> None:
    await agreed(clinic, "1", recipients={"partners": EVERYBODY})
    referral = await referred(clinic, "1")
    await tell(shelter, answered("offer_declined", "1", referral, reason="other"))
    await tell(clinic, sent("1", "p", recipient=NEWCOMER, service_id=ROOMS))
    await tell(newcomer, answered("offer_accepted", "1", referral, "p"))
    seen = {}
    for name, door in (("clinic", clinic), ("shelter", shelter), ("newcomer", newcomer)):
        whole = (await door.get(f"/v1/referrals/{referral}")).json()
        entries = (await door.get(f"/v1/referrals/{referral}/timeline")).json()["entries"]
        offers = [each["id"] for each in whole["offers"]]
        seen[name] = (whole["status"], whole["hops"], offers, [each["type"].split(".")[1] for each in entries])
    first, second = offer_id("1"), offer_id("1", "p")
    assert seen == {
        "clinic": (
            "accepted",
            2,
            [first, second],
            ["requested", "offer_sent", "offer_declined", "offer_sent", "offer_accepted"],
        ),
        "shelter": ("in-progress", 1, [first], ["requested", "offer_sent", "offer_declined"]),
        "newcomer": ("accepted", 1, [second], ["requested", "offer_sent", "offer_accepted"]),
    }


async def test_what_consent_shared_is_withheld_when_it_ends(
    told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient
) -> None:
    await agreed(clinic, "1")
    referral = await referred(clinic, "1")
    before = (await shelter.get(f"/v1/referrals/{referral}")).json()
    assert (before["need"], before["urgency"], before["withheld"]) == (
        {"taxonomy": "manyhands", "code": "shelter"},
        "soon",
        None,
    )
    await tell(clinic, revoked("1"))
    after = (await shelter.get(f"/v1/referrals/{referral}")).json()
    assert (after["status"], after["detail"]) == ("cancelled", "consent-revoked") or after["status"] == "in-progress"
    assert (after["need"], after["urgency"], after["withheld"]) == (None, None, "consent-not-in-force")
    assert (await shelter.get("/v1/referrals", params={"need": "shelter"})).json()["referrals"] == []
    [listed] = (await shelter.get("/v1/referrals")).json()["referrals"]
    assert listed["need"] is None
    assert (await clinic.get(f"/v1/referrals/{referral}")).json()["need"] is not None


async def test_refused_claims_are_shown_to_who_made_them(
    told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient
) -> None:
    await agreed(clinic, "1")
    referral = await referred(clinic, "1")
    row = answered("service_started", "1", referral)
    answer = await shelter.post(
        "/v1/events", content=row, headers={"Content-Type": "application/json"}, params={"wait": 20}
    )
    assert answer.json()["code"] == "illegal-transition"
    shown = {}
    for name, door in (("clinic", clinic), ("shelter", shelter)):
        entries = (await door.get(f"/v1/referrals/{referral}/timeline")).json()["entries"]
        shown[name] = [(each["code"], each["own"]) for each in entries if each["outcome"] == "refused"]
    assert shown == {"clinic": [], "shelter": [("illegal-transition", True)]}
    [refused] = (await shelter.get("/v1/refusals")).json()["refusals"]
    assert (refused["code"], refused["subject"]) == ("illegal-transition", referral)
    assert (await clinic.get("/v1/refusals")).json()["refusals"] == []
    became = await shelter.get("/v1/events/service_started o 1", params={"subject": referral})
    assert (became.json()["outcome"], became.json()["code"]) == ("refused", "illegal-transition")
    foreign = await clinic.get("/v1/events/service_started o 1", params={"subject": referral})
    assert (foreign.status_code, foreign.json()["code"]) == (404, "not-found")


async def test_client_s_own_id_is_told_to_nobody(told: Parts, clinic: httpx.AsyncClient) -> None:
    await agreed(clinic, "1")
    [client] = (await told.vault.find(INITIATIVE, CLINIC, ["own:1"])).values()
    alias = (await clinic.post("/v1/clients", json={"client": "own:1"})).json()["alias"]
    again = consent("again", "own:1", consent_id="own:1")
    answer = await clinic.post("/v1/events", content=again, headers=JSON, params={"wait": 20})
    assert answer.json()["code"] == "already-exists"
    became = await clinic.get("/v1/events/c 1", params={"client": "own:1"})
    refusals = await clinic.get("/v1/refusals")
    assert became.json()["subject"] == alias
    assert [each["subject"] for each in refusals.json()["refusals"]] == [alias]
    assert client not in became.text + refusals.text + answer.text


async def test_timeline_goes_on_page_by_page(told: Parts, clinic: httpx.AsyncClient) -> None:
    await agreed(clinic, "1")
    referral = await referred(clinic, "1")
    whole = (await clinic.get(f"/v1/referrals/{referral}/timeline")).json()
    first = (await clinic.get(f"/v1/referrals/{referral}/timeline", params={"limit": 1})).json()
    second = (await clinic.get(first["next"])).json()
    assert [*first["entries"], *second["entries"]] == whole["entries"]
    assert (len(first["entries"]), second["next"]) == (1, None)


async def test_what_did_not_change_is_not_sent_again(
    told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient
) -> None:
    await agreed(clinic, "1")
    referral = await referred(clinic, "1")
    for path in (f"/v1/referrals/{referral}", f"/v1/referrals/{referral}/timeline", "/v1/referrals"):
        tag = (await clinic.get(path)).headers["etag"]
        again = await clinic.get(path, headers={"If-None-Match": f'"other", W/{tag}'})
        assert (again.status_code, again.content) == (304, b"")
        assert (await shelter.get(path, headers={"If-None-Match": tag})).status_code == 200
    await tell(shelter, answered("offer_accepted", "1", referral))
    assert (await clinic.get(f"/v1/referrals/{referral}", headers={"If-None-Match": tag})).status_code == 200


async def test_event_of_a_partner_is_found_without_a_subject(told: Parts, clinic: httpx.AsyncClient) -> None:
    data = {"name": "Clinic by the river"}
    posted = await clinic.post(
        "/v1/events",
        content=said("partner.profile_changed", "p/1", data),
        headers={"Content-Type": "application/json"},
    )
    found = (await clinic.get("/v1/events/p/1")).json()
    assert (found["event"], found["outcome"], found["type"]) == (
        posted.json()["event"],
        "applied",
        "partner.profile_changed",
    )
    await agreed(clinic, "1")
    became = (await clinic.get("/v1/events/g 1", params={"client": "own:1"})).json()
    assert (became["outcome"], became["type"]) == ("applied", "consent.granted")
    assert (await clinic.get("/v1/events/g 1", params={"client": "own:2"})).status_code == 404
    assert (await clinic.get("/v1/events/g 1")).status_code == 404


async def test_reading_waits_for_what_was_written(parts: Parts, clinic: httpx.AsyncClient) -> None:
    await prepared(parts)
    async with doors.folding(parts.settings):
        await agreed(clinic, "1")
        referral = await referred(clinic, "1")
    row = answered("outcome_acknowledged", "1", "own:r 1")
    token = (await clinic.post("/v1/events", content=row, headers={"Content-Type": "application/json"})).json()["token"]
    for path in (f"/v1/referrals/{referral}", f"/v1/referrals/{referral}/timeline", "/v1/referrals", "/v1/refusals"):
        stale = (await clinic.get(path, params={"token": token})).json()
        assert (stale["stale"], stale["lag"]) == (True, 1)
    unknown = await clinic.get(f"/v1/referrals/{ident('nothing')}", params={"token": token})
    assert (unknown.status_code, unknown.json()["code"], unknown.json()["lag"]) == (503, "too-stale", 1)
    async with doors.folding(parts.settings):
        fresh = (await clinic.get(f"/v1/referrals/{referral}/timeline", params={"token": token})).json()
        assert (fresh["stale"], fresh["entries"][-1]["type"]) == (False, "referral.outcome_acknowledged")


async def test_token_of_another_is_none(told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient) -> None:
    await agreed(clinic, "1")
    referral = await asked(clinic, "1")
    token = (await tell(clinic, sent("1")))["token"]
    answer = await shelter.get(f"/v1/referrals/{referral}", params={"token": token})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad-token")
