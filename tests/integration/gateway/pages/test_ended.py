"""What both sides and the person read where nobody ended it: whoever asked is gone, or the consent ran out."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.admission.caller import System
from services.gateway.parts import Parts
from tests.support import doors
from tests.support.admitting import CLINIC, SHELTER, said
from tests.support.events import INITIATIVE
from tests.support.reading import agreed, answered, offer_id, referred, tell
from tests.support.surfing import Surfer, held
from tests.support.wait import until

END = (datetime.now(UTC) + timedelta(days=1)).isoformat()
OVER: dict[str, Any] = {"reason": "consent-expired", "deadline": END}
GONE = "Ended, as whoever asked takes no part any more; nobody waits for an answer"
RAN_OUT = "Ended, as the time was over for which the person agreed"


async def _asked(parts: Parts) -> str:
    """Ask the shelter by the clinic's system, under a consent that runs out, and return the referral."""
    async with doors.partner(parts, CLINIC) as door:
        await agreed(door, "1", expires_at=END)
        return await referred(door, "1")


async def _withdrawn(parts: Parts, referral: str, **why: Any) -> None:
    """Let the clock withdraw the offer."""
    [record] = (await parts.vault.find(INITIATIVE, CLINIC, ["own:1"])).values()
    data = {"offer_id": offer_id("1"), **why}
    row = said("referral.withdrawn", "over", data, subject=referral, partitionkey=record)
    [result] = await parts.admission.admit(System(INITIATIVE, "timekeeper"), [row])
    at = result.at
    assert at is not None, result.problem
    await until(lambda: parts.progress.reach(at))


async def test_whoever_was_asked_reads_that_nobody_waits(clinic: Surfer, shelter: Surfer, parts: Parts) -> None:
    referral = await _asked(parts)
    await _withdrawn(parts, referral, reason="sender-suspended")
    page = await shelter.open(f"/referrals/{referral}")
    assert page.text.partition("How it stands")[2].startswith(GONE)
    assert "Whoever asked is suspended" in page.text
    assert "Nobody owes a step." in page.text
    assert "Nothing waits for you here." in page.text
    assert held(await shelter.open("/work")) == {}
    # Whoever asked may be back, and ask anew.
    again = await clinic.open(f"/referrals/{referral}")
    assert "Offer it to somebody else" in again.buttons()


@pytest.mark.parametrize("taken", [False, True])
async def test_both_sides_read_that_the_consent_ran_out(
    clinic: Surfer, shelter: Surfer, parts: Parts, taken: bool
) -> None:
    referral = await _asked(parts)
    if taken:
        async with doors.partner(parts, SHELTER) as door:
            await tell(door, answered("offer_accepted", "1", referral))
    await _withdrawn(parts, referral, **OVER)
    for who in (clinic, shelter):
        page = await who.open(f"/referrals/{referral}")
        assert page.text.partition("How it stands")[2].startswith(RAN_OUT)
        assert "The time was over for which the person agreed" in page.text
    assert held(await shelter.open("/work")) == {}
    assert "again" in held(await clinic.open("/work"))


async def test_the_clock_s_reasons_are_nobody_else_s_to_choose(shelter: Surfer, parts: Parts) -> None:
    referral = await _asked(parts)
    async with doors.partner(parts, SHELTER) as door:
        await tell(door, answered("offer_accepted", "1", referral))
    page = await shelter.open(f"/referrals/{referral}")
    asking = await shelter.open(page.link("We cannot go on"))
    codes = {option["value"] for option in asking.root.one("select").all("option")}
    assert "staff-shortage" in codes
    assert codes.isdisjoint({"partner-left", "sender-left", "sender-suspended", "consent-expired"})
