"""One client's way through several helpers, as whoever sent them reads it."""

from collections.abc import Mapping
from typing import Any

from services.ops.demo.scenes.block import Block, Line, sure
from services.ops.demo.scenes.case import Case

TITLE = "One client's journey"


async def play(case: Case) -> Block:
    """Show each leg and what became of each need.  Raises DemoFailed."""
    return told(await case.sender.get(f"/v1/clients/{case.own}/journey"))


def told(way: Mapping[str, Any]) -> Block:
    """Return what the journey amounts to.  Raises DemoFailed when it is not hers."""
    served = {need["need"]["code"]: need["served"] for need in way["needs"]}
    sure(served == {"shelter": True, "food": False}, TITLE, f"it tells {served}")
    legs: list[Line] = [
        (
            leg["need"]["code"],
            f"{leg['sender']} → {leg['recipient']}: {leg['status']}, {leg['detail']}; "
            f"next: {leg['owner'] or 'nobody'}{' may ' + leg['next']['events'][0] if leg['next'] else ''}",
        )
        for leg in way["legs"]
    ]
    hops = sum(need["hops"] for need in way["needs"])
    met = sum(served.values())
    whole = f"{len(served)} needs, {hops} offers, {met} met; what others do with her is not in it"
    return Block(TITLE, (*legs, ("in all", whole)))
