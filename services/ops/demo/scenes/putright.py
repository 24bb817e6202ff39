"""What was said wrongly is put right by saying so: an outcome, and an offer that should never have been made."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from services.ops.demo.scenes.block import Block, sure
from services.ops.demo.scenes.clock import name_of, story
from services.ops.demo.scenes.desk import Desk, Offered
from services.ops.demo.scenes.feed import heard
from services.ops.demo.scenes.house import SENDER, House
from services.ops.demo.scenes.refusal import refusal

TITLE = "Said wrongly, and put right"
HELPER, OWN, OTHER = "cedar-legal-aid", "own:case-13", "own:case-14"
RECORDED, CORRECTED = "outcome_recorded", "outcome_corrected"


class Outcome(NamedTuple):
    """How a need stood before its outcome was corrected and after it, what its sender heard, and what is on record."""

    before: Mapping[str, Any]
    after: Mapping[str, Any]
    heard: str
    said: Sequence[str]


class Wrong(NamedTuple):
    """How an offer stands that was made by mistake, what its recipient heard, and how that one is answered now."""

    after: Mapping[str, Any]
    heard: str
    read: str


async def play(house: House) -> Block:
    """Have an outcome corrected by who recorded it, and an offer taken back by who made it.  Raises DemoFailed."""
    sender, helper = await house.desk(SENDER), await house.desk(HELPER)
    for own, name in ((OWN, "Salome Whitlock, 555-0159"), (OTHER, "Salome Whitley, 555-0160")):
        await sender.know(own, name, [helper.partner])
    return told(await _corrected(house, sender, helper), await _in_error(sender, helper))


def told(outcome: Outcome, wrong: Wrong) -> Block:
    """Return how both stand.  Raises DemoFailed when anything was erased, or goes on as if nothing had been said."""
    loops = (outcome.before["loop"], outcome.after["loop"])
    sure(loops == ("closed-served", "open"), TITLE, f"it stood as {loops}")
    sure(outcome.heard == "outcome-corrected", TITLE, f"the sender heard {outcome.heard or 'nothing'}")
    kept = [name for name in outcome.said if name in (RECORDED, CORRECTED)]
    sure(kept == [RECORDED, CORRECTED], TITLE, f"on record is {kept}")
    stands = (wrong.after["offers"][0]["status"], wrong.after["loop"])
    sure(stands == ("entered-in-error", "not-opened"), TITLE, f"what was made by mistake stands as {stands}")
    sure(wrong.heard == "offer-in-error", TITLE, f"{HELPER} heard {wrong.heard or 'nothing'}")
    sure(wrong.read.startswith("403"), TITLE, f"{HELPER} reads on: {wrong.read or 'all of it'}")
    offer = outcome.after["offers"][0]
    return Block(
        TITLE,
        (
            ("recorded", f"{HELPER} said that it helped; {SENDER}'s board: {loops[0]}"),
            (
                "corrected",
                f"that was another's visit: {offer['outcome']}, {offer['reason']}; the need is {loops[1]} again",
            ),
            ("told", f"{SENDER} hears {outcome.heard}; both records stay, one after the other"),
            ("by mistake", f"{SENDER} asked {HELPER} for somebody of nearly the same name, and says so"),
            ("from then on", f"{stands[0]}; {HELPER} hears {wrong.heard}, and reads nothing more ({wrong.read})"),
        ),
    )


async def _corrected(house: House, sender: Desk, helper: Desk) -> Outcome:
    asked = await sender.refer(OWN, helper.partner, "Her lease.")
    await helper.answer(asked, "offer_accepted")
    await helper.answer(asked, RECORDED, outcome="delivered", outputs=[{"kind": "service"}])
    before = await _whole(sender, asked)
    await helper.answer(asked, CORRECTED, outcome="not-delivered", reason="no-show", because="wrong-entry")
    hears = await heard(sender, asked, "outcome-corrected")
    said = await story(house, asked, lambda _: True)
    return Outcome(before, await _whole(sender, asked), hears, [name_of(each) for each in said])


async def _in_error(sender: Desk, helper: Desk) -> Wrong:
    asked = await sender.refer(OTHER, helper.partner, "Her lease.")
    await helper.answer(asked, "offer_accepted")
    await sender.answer(asked, "entered_in_error", reason="wrong-client")
    hears = await heard(helper, asked, "offer-in-error")
    return Wrong(
        await _whole(sender, asked), hears, await refusal(helper.get(f"/v1/referrals/{asked.referral}/sealed"))
    )


async def _whole(desk: Desk, asked: Offered) -> Mapping[str, Any]:
    return await desk.get(f"/v1/referrals/{asked.referral}")
