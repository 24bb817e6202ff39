"""A need that was met by somebody who takes no part here: on record, heard of, and counted apart."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from services.ops.demo.scenes.block import Block, sure
from services.ops.demo.scenes.desk import Desk, Offered
from services.ops.demo.scenes.house import SENDER, House

TITLE = "Arranged outside"
#: The helper is asked for nothing; a consent has to name somebody.
AGREED, OWN = "birch-council", "own:case-6"


async def play(house: House) -> Block:
    """Report a hand-off, and later what became of it.  Raises DemoFailed."""
    sender = await house.desk(SENDER)
    await sender.know(OWN, "Perpetua Lund, 555-0152", [house.partner(AGREED)])
    asked = await _handed_off(sender)
    place = f"/v1/referrals/{asked.referral}"
    before = await sender.get(place)
    await sender.answer(asked, "outcome_reported_by_sender", outcome="delivered", heard_from="client")
    way = await sender.get(f"/v1/clients/{OWN}/journey")
    return told(before, await sender.get(place), way["needs"])


def told(before: Mapping[str, Any], after: Mapping[str, Any], needs: list[Mapping[str, Any]]) -> Block:
    """Return how it stood before and after it was heard of.  Raises DemoFailed when it counts as served here."""
    loops = (before["loop"], after["loop"])
    sure(loops == ("handed-off", "handed-off-heard"), TITLE, f"it stood as {loops}")
    counted = [(need["hops"], need["served"]) for need in needs]
    sure(counted == [(0, False)], TITLE, f"the person's needs are counted as {counted}")
    return Block(
        TITLE,
        (
            ("by telephone", f"{SENDER} found food for the person at a church that takes no part here"),
            ("the board", f"{before['status']}, {loops[0]}: nobody there says how it ends"),
            ("later", f"the person says that it helped: {loops[1]}"),
            ("counted", "apart: no offer, and not as served by this network"),
        ),
    )


async def _handed_off(sender: Desk) -> Offered:
    offer = str(uuid4())
    said = {
        "offer_id": offer,
        "need": {"taxonomy": "manyhands", "code": "food"},
        "area": "north",
        "urgency": "soon",
        "channel": "phone",
        "sector": "faith",
    }
    told = await sender.say("referral.handoff_reported", {"client": OWN, "subject": f"own:{uuid4()}"}, said)
    return Offered(told["subject"], offer)
