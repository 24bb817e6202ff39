"""A wish to cancel what was accepted: it ends nothing until the recipient, who may be at work, agrees."""

from collections.abc import Sequence

from services.ops.demo.scenes.block import Block, sure
from services.ops.demo.scenes.house import SENDER, House

TITLE = "A cancellation takes two"
HELPER, OWN = "birch-transport", "own:case-5"


async def play(house: House) -> Block:
    """Have an accepted offer cancelled.  Raises DemoFailed."""
    sender, helper = await house.desk(SENDER), await house.desk(HELPER)
    await sender.know(OWN, "Abel Kinyua, 555-0151", [helper.partner])
    asked = await sender.refer(OWN, helper.partner, "To the clinic, on Tuesdays.")
    await helper.answer(asked, "offer_accepted")
    await sender.answer(asked, "cancel_requested", reason="need-met-elsewhere")
    wish = await sender.stands(asked, "cancel-requested")
    waiting = await helper.get("/v1/referrals", list="needs-my-answer", limit=200)
    mine = [each["status"] for each in waiting["referrals"] if each["id"] == asked.referral]
    await helper.answer(asked, "cancel_confirmed")
    return told(wish, mine, await sender.stands(asked, "cancel-confirmed"))


def told(wish: str, mine: Sequence[str], ended: str) -> Block:
    """Return how it stood after the wish, on the recipient's list, and in the end.  Raises DemoFailed."""
    sure(wish == "cancel-requested", TITLE, f"the wish left it as {wish}")
    sure(mine == ["accepted"], TITLE, f"{HELPER} has {mine} to answer")
    sure(ended == "cancel-confirmed", TITLE, f"the recipient agreed and it stands as {ended}")
    return Block(
        TITLE,
        (
            ("accepted", f"{HELPER} took on a ride that {SENDER} asked for"),
            ("the sender", "asks to cancel, with a reason: it stays accepted, as somebody may be on the way"),
            ("the recipient", f"finds it under what needs its answer, and agrees; {SENDER}'s board: {ended}"),
        ),
    )
