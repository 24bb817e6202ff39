"""An offer to all of a class: each sees what it needs to decide, and the first who claims it learns the rest."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from services.ops.demo.scenes.block import Block, sure
from services.ops.demo.scenes.desk import Desk, Offered
from services.ops.demo.scenes.house import SENDER, House
from services.ops.demo.scenes.refusal import Told

TITLE = "An offer to a class, claimed by a member"
CLASS, OWN = "legal-aid", "own:case-4"
MEMBERS = ("alder-legal-aid", "birch-legal-aid", "cedar-legal-aid")
#: What a member is not told before it claims.
UNTOLD = ("client", "sender", "service")


async def play(house: House) -> Block:
    """Ask three partners at once, of which one claims.  Raises DemoFailed."""
    sender = await house.desk(SENDER)
    await sender.know(OWN, "Ilse Vandermeer, 555-0150", [house.partner(name) for name in MEMBERS])
    asked = await sender.need(OWN, CLASS, "The landlord kept the deposit.")
    await sender.ask(asked, OWN, {"to_class": CLASS, "service_id": str(uuid4())})
    before = {name: await _seen(await house.desk(name), asked) for name in MEMBERS}
    first = await house.desk(MEMBERS[1])
    await first.answer(asked, "offer_claimed", service_id=first.partner.service.id)
    after = {name: await _seen(await house.desk(name), asked) for name in MEMBERS}
    stands = await sender.stands(asked, "claimed")
    sure(stands == "claimed", TITLE, f"the sender heard {stands}")
    return told(before, after)


def told(before: Mapping[str, Mapping[str, Any]], after: Mapping[str, Mapping[str, Any]]) -> Block:
    """Return what each member saw before the claim and after it.  Raises DemoFailed when that is too much or little."""
    for name, seen in before.items():
        sure(seen.get("role") == "class-member", TITLE, f"{name} was not asked")
        sure(not any(seen[each] for each in UNTOLD), TITLE, f"{name} learned too much before it claimed")
    seeing = [name for name, seen in after.items() if seen]
    sure(seeing, TITLE, "nobody has claimed it")
    sure(len(seeing) == 1, TITLE, f"{len(seeing)} see it after it was claimed")
    first = seeing[0]
    sure(after[first]["sender"] == SENDER, TITLE, f"{first} does not learn who asks")
    shown = before[first]
    return Block(
        TITLE,
        (
            ("asked", f"{SENDER} asked all of {CLASS} at once: {', '.join(before)}"),
            ("each sees", f"{shown['need']['code']}, {shown['area']}, {shown['urgency']}; not whose, nor who asks"),
            ("claimed", f"{first} was first, and sees that {after[first]['sender']} asks"),
            ("the others", "see it no more (404), and the sender's board says claimed"),
        ),
    )


async def _seen(member: Desk, asked: Offered) -> dict[str, Any]:
    """Return the referral as the member sees it; nothing where it does not."""
    try:
        return await member.get(f"/v1/referrals/{asked.referral}")
    except Told as refused:
        sure(refused.status == 404, TITLE, f"{member.partner.id} was answered {refused}")
        return {}
