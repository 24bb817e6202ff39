"""A partner that leaves: what waits there is withdrawn by the clock, its senders are told, and a successor is named."""

from collections.abc import Mapping
from typing import Any

from services.ops.demo.scenes.backbone import Registrar
from services.ops.demo.scenes.block import Block, sure
from services.ops.demo.scenes.desk import Offered
from services.ops.demo.scenes.house import SENDER, House
from services.ops.demo.scenes.refusal import refusal

TITLE = "A partner leaves"
LEAVES, SUCCESSOR, OWN = "birch-counselling", "cedar-counselling", "own:case-8"


async def begun(house: House, registrar: Registrar) -> Offered:
    """Ask the partner for something, and have it leave: the timekeeper looks every few seconds."""
    sender, leaves = await house.desk(SENDER), house.partner(LEAVES)
    await sender.know(OWN, "Matthias Corvin, 555-0154", [leaves])
    asked = await sender.refer(OWN, leaves, "Cannot sleep.")
    await registrar.say("partner.left", LEAVES)
    await registrar.say("partner.succeeded_by", LEAVES, successor=SUCCESSOR)
    return asked


async def play(house: House, asked: Offered) -> Block:
    """Show what became of the offer, and of the partner.  Raises DemoFailed."""
    sender = await house.desk(SENDER)
    await sender.stands(asked, "recipient-left")
    whole = await sender.get(f"/v1/referrals/{asked.referral}")
    answered = await refusal((await house.desk(LEAVES)).get("/v1/referrals"))
    return told(whole, await sender.get(f"/v1/partners/{LEAVES}"), answered)


def told(whole: Mapping[str, Any], partner: Mapping[str, Any], answered: str) -> Block:
    """Return how the offer stands, and what the directory says.  Raises DemoFailed when anything goes on there."""
    sure(answered, TITLE, f"{LEAVES} reads on")
    stands = (whole["detail"], whole["reason"])
    sure(stands == ("recipient-left", "partner-left"), TITLE, f"the offer stands as {stands}")
    named = (partner["active"], partner["successor"])
    sure(named == (False, SUCCESSOR), TITLE, f"the directory says {named}")
    turn = whole["next"] or {}
    sure(turn.get("who") == "sender", TITLE, "the sender does not owe the next step")
    return Block(
        TITLE,
        (
            ("a registrar", f"says that {LEAVES} left, and that {SUCCESSOR} succeeds it"),
            ("withdrawn", f"what waited there, by the timekeeper: {', '.join(stands)}"),
            ("its sender", f"{SENDER} may say {', '.join(turn['events'])}: nothing is sent on by itself"),
            ("its system", f"is answered {answered}"),
        ),
    )
