"""Consent that ends while something is on its way: what could be read a moment ago is shut."""

from typing import Any

from services.ops.demo.scenes.block import Block, sure
from services.ops.demo.scenes.case import Case
from services.ops.demo.scenes.desk import Desk, Offered
from services.ops.demo.scenes.house import House
from services.ops.demo.scenes.refusal import refusal

TITLE = "Consent ends on the way"
HELPER = "cedar-food-bank"


async def play(house: House, case: Case) -> Block:
    """Let a helper accept and read, and the client stop sharing.  Raises DemoFailed."""
    helper = await house.desk(HELPER)
    case.food = await case.sender.refer(case.own, helper.partner, "No gluten.")
    await helper.answer(case.food, "offer_accepted")
    texts = len((await _read(helper, case.food))["texts"])
    if case.page is None:
        raise LookupError("the client's page was not opened")
    after = await case.page.press(await case.page.open("/own/e"), "/own/e")
    sure("Nothing about you may be shared at present." in after.texts("p"), TITLE, "the page still shares something")
    shut = await refusal(_read(helper, case.food))
    sure(shut == "403 not-in-force", TITLE, f"{HELPER} reads on: {shut or 'all of it'}")
    stands = await case.sender.stands(case.food, "consent-revoked")
    sure(stands == "consent-revoked", TITLE, f"the offer stands as {stands}")
    return Block(
        TITLE,
        (
            ("accepted", f"{HELPER} took on food for the same client and reads {texts} sealed texts"),
            ("the client", "presses “Stop sharing everything” on their own page"),
            ("at once", f"{HELPER} asks again: {shut}"),
            ("the sender", f"{case.sender.partner.id}'s board: {stands}"),
        ),
    )


async def _read(helper: Desk, food: Offered) -> dict[str, Any]:
    """Return what the helper is shown at present.  Raises Told when it is shown nothing."""
    return await helper.get(f"/v1/referrals/{food.referral}/sealed")
