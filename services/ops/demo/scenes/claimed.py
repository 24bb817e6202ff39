"""An offer to all of a class: each sees what it needs to decide, and the first who claims it learns the rest."""

from collections.abc import Mapping

from services.ops.demo.scenes.block import Block, sure
from services.ops.demo.scenes.house import SENDER, House
from services.ops.demo.scenes.members import Class, Seen

TITLE = "An offer to a class, claimed by a member"
PERSON = ("own:case-4", "Ilse Vandermeer, 555-0150")
CLASS = Class("legal-aid", ("alder-legal-aid", "birch-legal-aid", "cedar-legal-aid"))
FIRST = CLASS.names[1]
#: What a member is not told before it claims.
UNTOLD = ("client", "sender", "service")


async def play(house: House) -> Block:
    """Ask three partners at once, of which one claims.  Raises DemoFailed."""
    sender, first = await house.desk(SENDER), await house.desk(FIRST)
    asked = await CLASS.asked(house, PERSON, "The landlord kept the deposit.")
    before = await CLASS.seen(house, asked)
    await first.answer(asked, "offer_claimed", service_id=first.partner.service.id)
    after = await CLASS.seen(house, asked)
    stands = await sender.stands(asked, "claimed")
    sure(stands == "claimed", TITLE, f"the sender heard {stands}")
    return told(before, after, await CLASS.heard(house, asked, "offer-gone", FIRST))


def told(before: Seen, after: Seen, heard: Mapping[str, str]) -> Block:
    """Return what each member saw before the claim and after it, and what the others heard.

    Raises DemoFailed when that is too much or little.
    """
    for name, seen in before.items():
        sure(seen.get("role") == "class-member", TITLE, f"{name} was not asked")
        sure(not any(seen[each] for each in UNTOLD), TITLE, f"{name} learned too much before it claimed")
    seeing = [name for name, seen in after.items() if seen]
    sure(seeing, TITLE, "nobody has claimed it")
    sure(len(seeing) == 1, TITLE, f"{len(seeing)} see it after it was claimed")
    first = seeing[0]
    sure(after[first]["sender"] == SENDER, TITLE, f"{first} does not learn who asks")
    for name, kind in heard.items():
        sure(kind == "offer-gone", TITLE, f"{name} heard {kind or 'nothing'} last")
    shown = before[first]
    return Block(
        TITLE,
        (
            ("asked", f"{SENDER} asked all of {CLASS.need} at once: {', '.join(before)}"),
            ("each sees", f"{shown['need']['code']}, {shown['area']}, {shown['urgency']}; not whose, nor who asks"),
            ("claimed", f"{first} was first, and sees that {after[first]['sender']} asks"),
            ("the others", "see it no more (404), and hear that it is gone: offer-gone"),
            ("the sender", "its board says claimed"),
        ),
    )
