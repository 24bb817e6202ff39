"""What a class did not claim in time can still be taken on: page, lists and the API agree on who sees it, and when."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.admission.caller import System
from services.gateway.pages.staff import WORK
from services.gateway.parts import Parts
from services.gateway.principal import Kind, Principal
from services.gateway.worklist import work
from tests.integration.gateway.pages.test_claiming import SERVICE, TAKE
from tests.support import classes, doors
from tests.support.admitting import CLINIC, said
from tests.support.classes import KITCHEN, LARDER, PANTRY, to_class
from tests.support.events import INITIATIVE
from tests.support.reading import NAME, offer_id, tell
from tests.support.surfing import Surfer, held
from tests.support.wait import until

LATE = "Nobody answered in time. You can still take it on, and so can others; the first who does it helps."


@pytest.fixture
async def referral(parts: Parts, staff: dict[str, Surfer]) -> str:
    """A referral to a class that nobody claimed in time."""
    assert staff
    async with doors.partner(parts, CLINIC) as door:
        await classes.agreed(door, "1")
        opened = await classes.opened(door, "1")
        [offer] = (await door.get(f"/v1/referrals/{opened}")).json()["offers"]
    [record] = (await parts.vault.find(INITIATIVE, CLINIC, ["own:1"])).values()
    data = {"offer_id": offer_id("1"), "deadline": offer["respond_by"]}
    row = said("referral.offer_expired", "late", data, subject=opened, partitionkey=record)
    [result] = await parts.admission.admit(System(INITIATIVE, "timekeeper"), [row])
    at = result.at
    assert at is not None, result.problem
    await until(lambda: parts.progress.reach(at))
    return opened


async def _sees(parts: Parts, staff: dict[str, Surfer], referral: str) -> dict[str, set[str]]:
    """Return in which ways each member comes upon the referral."""
    found = {}
    for name, who in staff.items():
        async with doors.partner(parts, name) as door:
            listed = (await door.get("/v1/referrals", params={"list": "overdue"})).json()["referrals"]
            ways = {
                "worklist": held(await who.open(WORK)) == {"overdue": 1},
                "page": (await who.open(f"/referrals/{referral}")).status == 200,
                "list": [each["id"] for each in listed] == [referral],
                "one": (await door.get(f"/v1/referrals/{referral}")).status_code == 200,
            }
        found[name] = {way for way, sees in ways.items() if sees}
    return found


EVERYWHERE, NOWHERE = {"worklist", "page", "list", "one"}, set[str]()


async def test_member_takes_on_late_what_its_sender_still_waits_for(
    parts: Parts, staff: dict[str, Surfer], clinic: Surfer, referral: str
) -> None:
    assert await _sees(parts, staff, referral) == {PANTRY: EVERYWHERE, KITCHEN: EVERYWHERE, LARDER: NOWHERE}
    pantry = staff[PANTRY]
    work = await pantry.open("/work?list=overdue")
    [row] = work.table()
    assert (row["Person"], row["With"], row["Next step"]) == (
        "told once you take it on",
        "to any: food bank or pantry",
        "Answer late",
    )
    page = await pantry.open(work.link_in_table())
    assert LATE in page.text
    assert page.terms()["From"] == "told once you take it on"
    assert "Clinic" not in page.text
    mine = await pantry.press(await pantry.open(page.link(TAKE)), TAKE, {SERVICE: "Meals of the pantry"})
    assert (mine.terms()["From"], "Accepted, not begun yet" in mine.text) == ("Clinic", True)
    assert NAME in (await pantry.press(mine, "Open what was written")).text
    assert await _sees(parts, staff, referral) == {PANTRY: {"page", "one"}, KITCHEN: NOWHERE, LARDER: NOWHERE}
    assert [held(await who.open(WORK)) for who in (clinic, pantry)] == [{"waiting": 1}, {"taken": 1}]


@pytest.mark.parametrize("ending", ["replaced", "given up", "revoked"])
async def test_nobody_sees_it_once_its_sender_or_the_person_waits_no_more(
    parts: Parts, staff: dict[str, Surfer], referral: str, ending: str
) -> None:
    form = await staff[KITCHEN].open((await staff[KITCHEN].open(f"/referrals/{referral}")).link(TAKE))
    async with doors.partner(parts, CLINIC) as door:
        if ending == "replaced":
            only = {"consent_id": "own:only", "recipients": {"partners": [PANTRY]}, "except_recipients": []}
            await classes.granted(door, "1", **only)
            await tell(door, to_class("1", "q", replaces=offer_id("1"), consent_id="own:only"))
        elif ending == "given up":
            await tell(door, said("referral.closed", "closed", {"disposition": "other"}, subject=referral))
        else:
            data = {"consent_id": "own:1", "reason": "client-asked"}
            await tell(door, said("consent.revoked", "ended", data, client="own:1"))
    found = await _sees(parts, staff, referral)
    assert found[KITCHEN] == NOWHERE
    again = await staff[KITCHEN].press(form, TAKE, {SERVICE: "Meals of the kitchen"})
    assert again.status == 404
    # The pantry is asked anew.
    assert held(await staff[PANTRY].open(WORK)) == ({"answer": 1} if ending == "replaced" else {})


async def test_nobody_sees_it_after_as_many_days_as_one_may_take_to_answer(parts: Parts, referral: str) -> None:
    who = Principal(Kind.STAFF, INITIATIVE, PANTRY)

    async def overdue(**later: Any) -> list[str]:
        at = datetime.now(UTC) + timedelta(**later)
        return [item.place.referral for item in (await work(parts, who, "overdue", None, at)).items]

    async with doors.partner(parts, CLINIC) as door:
        [offer] = (await door.get(f"/v1/referrals/{referral}")).json()["offers"]
    due = datetime.fromisoformat(offer["respond_by"]) - datetime.now(UTC)
    assert await overdue(days=due.days + 14) == [referral]
    assert await overdue(days=due.days + 15) == []
