"""Offers to a class before and after the claim, and lists with a row for each partner that was asked."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any, get_args

import httpx
import orjson
import pytest

from projections.referral.transitions import Status
from services.gateway import listing, seeing
from services.gateway.parts import Parts
from services.gateway.principal import Kind, Principal
from services.gateway.sight import Claimer
from tests.support import classes, doors
from tests.support.admitting import CLINIC, NEWCOMER, REFUGE, SHELTER, ahead, codes, registrar, said
from tests.support.classes import CLASS, KITCHEN, LARDER, PANTRY, agreed, claim, opened, service, to_class
from tests.support.events import INITIATIVE
from tests.support.reading import ROOMS, answered, asked, offer_id, revoked, sent, tell

Doors = Mapping[str, httpx.AsyncClient]
#: What somebody of the class is told of a referral before the claim, and what it is not told.
TOLD = {"role": "class-member", "status": "requested", "area": "north", "urgency": "soon", "to_class": CLASS, "hops": 1}
UNTOLD = ("client", "sender", "recipient", "service", "programme")


@pytest.fixture
async def members(told: Parts) -> AsyncIterator[Doors]:
    """Everybody's system at the door, with a class of three that can be asked."""
    await classes.prepared(told.admission)
    async with AsyncExitStack() as stack:
        names = (CLINIC, SHELTER, NEWCOMER, *classes.MEMBERS)
        yield {name: await stack.enter_async_context(doors.partner(told, name)) for name in names}


async def listed(door: httpx.AsyncClient, **query: Any) -> dict[str, dict[str, Any]]:
    answer = await door.get("/v1/referrals", params=query)
    assert answer.status_code == 200, answer.text
    return {each["id"]: each for each in answer.json()["referrals"]}


async def exported(door: httpx.AsyncClient) -> dict[str, dict[str, Any]]:
    answer = await door.get("/v1/referrals/export", params={"format": "ndjson"})
    return {row["id"]: row for row in map(orjson.loads, answer.text.splitlines())}


async def reaches(door: httpx.AsyncClient, referral: str) -> set[str]:
    """Return the ways in which the partner learns of the referral."""
    ways = {
        "list": await listed(door),
        "answer": await listed(door, list="needs-my-answer"),
        "file": await exported(door),
    }
    place = f"/v1/referrals/{referral}"
    pages = {"one": place, "timeline": f"{place}/timeline", "text": f"{place}/sealed"}
    answers = {way: await door.get(path) for way, path in pages.items()}
    assert all(each.status_code != 404 or each.json()["code"] == "not-found" for each in answers.values())
    return {way for way, found in ways.items() if referral in found} | {
        way for way, answer in answers.items() if answer.status_code != 404
    }


EVERYTHING = {"list", "answer", "file", "one", "timeline", "text"}


async def test_class_sees_what_it_needs_to_decide_until_one_of_it_claims(members: Doors) -> None:
    clinic, pantry, kitchen = (members[name] for name in (CLINIC, PANTRY, KITCHEN))
    await agreed(clinic, "1")
    referral = await opened(clinic, "1")
    assert {name: await reaches(door, referral) for name, door in members.items() if name != CLINIC} == {
        PANTRY: EVERYTHING,
        KITCHEN: EVERYTHING,
        LARDER: set(),
        SHELTER: set(),
        NEWCOMER: set(),
    }
    whole = (await pantry.get(f"/v1/referrals/{referral}")).json()
    for shown in (whole, (await listed(pantry))[referral], (await exported(pantry))[referral]):
        assert {name: shown[name] for name in TOLD} == TOLD
        assert [shown[name] for name in UNTOLD] == [None] * len(UNTOLD)
    [offer] = whole["offers"]
    assert [offer[name] for name in ("service", "consent", "replaces")] == [None] * 3
    assert whole["next"]["events"] == ["referral.offer_claimed"]
    past = (await pantry.get(f"/v1/referrals/{referral}/timeline")).json()["entries"]
    assert [(each["type"], each["by"]) for each in past] == [
        ("referral.requested", None),
        ("referral.offer_sent", None),
    ]
    early = await pantry.get(f"/v1/referrals/{referral}/sealed")
    assert (early.status_code, early.json()["code"]) == (403, "not-yet-claimed")
    assert CLINIC not in (await pantry.get("/v1/referrals")).text

    await tell(pantry, claim(PANTRY, "1", referral))
    assert await reaches(kitchen, referral) == set()
    assert await reaches(pantry, referral) == EVERYTHING - {"answer"}
    mine = (await listed(pantry))[referral]
    assert (mine["role"], mine["sender"], mine["recipient"]) == ("recipient", CLINIC, PANTRY)
    assert len((await pantry.get(f"/v1/referrals/{referral}/sealed")).json()["texts"]) == 3


async def test_what_is_asked_of_a_class_is_not_tied_to_a_person_that_a_member_knows(members: Doors) -> None:
    clinic, pantry = members[CLINIC], members[PANTRY]
    await agreed(clinic, "1")
    first = await opened(clinic, "1")
    await tell(pantry, claim(PANTRY, "1", first))
    name = (await listed(pantry))[first]["client"]
    second = await _again(clinic, "1")
    assert (await listed(pantry)).keys() == {first, second}
    assert (await listed(pantry))[second]["client"] is None
    assert (await listed(pantry, client=name)).keys() == {first}
    assert (await listed(pantry, sender=CLINIC)).keys() == {first}
    assert (await listed(pantry, role="class-member")).keys() == {second}
    assert (await listed(pantry, referral=second)).keys() == {second}
    journey = (await pantry.get(f"/v1/clients/{name}/journey")).json()
    assert [leg["id"] for leg in journey["legs"]] == [first]


async def _again(door: httpx.AsyncClient, own: str) -> str:
    """Open a second referral for the person, and ask the class."""
    need = {"need": {"taxonomy": "manyhands", "code": "food"}, "urgency": "soon"}
    told = await tell(door, said("referral.requested", "again", need, subject="own:again", client=f"own:{own}"))
    row = orjson.loads(to_class(own, "again")) | {"subject": "own:again"}
    await tell(door, orjson.dumps(row))
    return str(told["subject"])


async def test_consent_and_membership_that_ended_show_nothing_any_more(members: Doors, told: Parts) -> None:
    clinic, pantry, kitchen = (members[name] for name in (CLINIC, PANTRY, KITCHEN))
    for own in ("1", "2", "3"):
        await agreed(clinic, own)
    revoked_, recalled, left = [await opened(clinic, own) for own in ("1", "2", "3")]
    assert (await listed(kitchen)).keys() == {revoked_, recalled, left}
    # Another person's referral calls its offer the same, and that person left the kitchen out.
    await agreed(clinic, "4", except_recipients=[KITCHEN])
    other = await asked(clinic, "4")
    await tell(clinic, to_class("4", offer_id=offer_id("3")))
    assert (await listed(kitchen)).keys() == {revoked_, recalled, left}
    assert other in await listed(pantry)
    await tell(clinic, revoked("1"))
    await tell(clinic, answered("offer_recalled", "2", recalled, reason="duplicate"))
    assert [await reaches(kitchen, each) for each in (revoked_, recalled)] == [set(), set()]
    closed = {"service_id": service(KITCHEN), "accepts_referrals": False}
    await _initiative(told, kitchen, said("partner.service_changed", "closed", closed))
    assert await reaches(kitchen, left) == set()
    assert await reaches(pantry, left) == EVERYTHING
    gone = said("partner.suspended", "gone", {}, subject=PANTRY)
    assert codes(await told.admission.admit(registrar, [gone])) == [None]
    await told.admission.catch_up()
    assert seeing.claimer_of(told, _who(PANTRY)) == Claimer()


async def _initiative(parts: Parts, door: httpx.AsyncClient, row: bytes) -> None:
    answer = await door.post("/v1/events", content=row, headers={"Content-Type": "application/json"})
    assert answer.status_code == 200, answer.text


def _who(partner: str) -> Principal:
    return Principal(Kind.PARTNER_SYSTEM, INITIATIVE, partner)


async def test_each_partner_that_was_asked_finds_it_as_its_own_offer_stands(
    members: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    clinic, shelter, newcomer, pantry = (members[name] for name in (CLINIC, SHELTER, NEWCOMER, PANTRY))
    everybody = [SHELTER, NEWCOMER, *classes.MEMBERS]
    await agreed(clinic, "1", recipients={"partners": everybody}, except_recipients=[])
    referral = await asked(clinic, "1", area="north")
    await tell(clinic, sent("1"))
    await tell(clinic, sent("1", "p", recipient=NEWCOMER, service_id=ROOMS, respond_by=ahead(days=12)))
    await tell(clinic, to_class("1", "q"))
    asked_now = {name: await listed(members[name], list="needs-my-answer") for name in everybody}
    assert {name: found.keys() for name, found in asked_now.items()} == {name: {referral} for name in everybody}

    await tell(shelter, answered("offer_accepted", "1", referral))
    await tell(newcomer, answered("offer_declined", "1", referral, "p", reason="no-capacity"))
    since = datetime.now(UTC).isoformat()
    await tell(pantry, claim(PANTRY, "1", referral, "q"))
    served = {"outcome": "delivered", "outputs": [{"kind": "goods"}]}
    await tell(pantry, answered("outcome_recorded", "1", referral, "q", **served))
    stands = {name: (await listed(members[name])).get(referral, {}) for name in (CLINIC, *everybody)}
    assert {name: (each.get("status"), each.get("detail"), each.get("loop")) for name, each in stands.items()} == {
        CLINIC: ("completed", "served", "closed-served"),
        SHELTER: ("accepted", "accepted", "open"),
        NEWCOMER: ("in-progress", "declined", "open"),
        PANTRY: ("completed", "served", "closed-served"),
        KITCHEN: (None, None, None),
        LARDER: (None, None, None),
    }
    for name, each in stands.items():
        await _found_by_what_it_shows(members[name], referral, each)
    changed = {name: referral in await listed(members[name], changed_since=since) for name in stands}
    assert [name for name, has in changed.items() if has] == [CLINIC, PANTRY]
    # A control: by all of the offers, a filter would tell one partner how another's offer stands.
    whole = listing.of_partner().replace("o.value ->> 'recipient' = $2 or", "true or")
    monkeypatch.setattr(listing, "of_partner", lambda: whole)
    assert referral in await listed(newcomer, status="completed")


async def test_a_partner_asked_again_for_what_it_served_finds_it_as_the_new_offer_stands(
    members: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By way of another partner, too, whose offer stood in between."""
    clinic, shelter, newcomer = (members[name] for name in (CLINIC, SHELTER, NEWCOMER))
    await agreed(clinic, "1", recipients={"partners": [SHELTER, NEWCOMER]}, except_recipients=[])
    referral = await asked(clinic, "1", area="north")
    await tell(clinic, sent("1"))
    await tell(shelter, answered("offer_accepted", "1", referral))
    served: dict[str, Any] = {"outcome": "delivered", "outputs": [{"kind": "goods"}]}
    await tell(shelter, answered("outcome_recorded", "1", referral, **served))
    other = {"recipient": NEWCOMER, "service_id": ROOMS, "respond_by": ahead(days=12)}
    await tell(clinic, sent("1", "p", **other, replaces=offer_id("1")))
    stands = {name: (await listed(members[name]))[referral] for name in (CLINIC, SHELTER, NEWCOMER)}
    assert {name: (each["status"], each["loop"]) for name, each in stands.items()} == {
        CLINIC: ("requested", "open"),
        SHELTER: ("completed", "closed-served"),
        NEWCOMER: ("requested", "open"),
    }
    await tell(newcomer, answered("offer_declined", "1", referral, "p", reason="no-capacity"))
    await tell(clinic, sent("1", "q", replaces=offer_id("1", "p")))
    for door in (clinic, shelter):
        shown = (await listed(door))[referral]
        assert (shown["status"], shown["loop"]) == ("requested", "open")
        await _found_by_what_it_shows(door, referral, shown)
    assert referral in await listed(shelter, list="needs-my-answer")
    # A control: by how far its offers came alone, the filter would find the one that it served.
    whole = listing.of_partner().replace("any(t.ids)", "''")
    monkeypatch.setattr(listing, "of_partner", lambda: whole)
    assert referral not in await listed(shelter, status="requested")


async def _found_by_what_it_shows(door: httpx.AsyncClient, referral: str, shown: Mapping[str, Any]) -> None:
    """Nothing finds a referral but what is shown of it: else a filter would tell how others' offers stand."""
    for status in get_args(Status):
        assert (referral in await listed(door, status=status)) is (status == shown.get("status"))
    for name, other in (("detail", "expired-no-response"), ("recipient", REFUGE), ("reason", "no-capacity")):
        value = shown.get(name)
        assert referral not in await listed(door, **{name: other}) or value == other
        assert value is None or referral in await listed(door, **{name: value})
    for loop in ("open", "closed-served"):
        assert (referral in await listed(door, loop=loop)) is (loop == shown.get("loop"))
