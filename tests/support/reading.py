"""A gateway whose cases are folded, and a story told through it: who sent what to whom, and how it went."""

from typing import Any

import httpx
import orjson

from tests.support.admitting import SHELTER, consent, offer, registered, requested, said
from tests.support.events import ident

JSON = {"Content-Type": "application/json"}
#: The need's details, as the sender writes them.
DETAILS = "Zaphrodite Quillfeather sleeps in her car"


async def tell(door: httpx.AsyncClient, row: bytes) -> dict[str, Any]:
    """Publish an event, wait until it is folded, and return the answer, which must be that it was applied."""
    answer = await door.post("/v1/events", content=row, headers=JSON, params={"wait": 20})
    told: dict[str, Any] = answer.json()
    assert (answer.status_code, told["ruling"]["outcome"]) == (200, "applied"), told
    return told


async def agreed(door: httpx.AsyncClient, own: str, **changed: Any) -> None:
    """Register a person and record what they agree to: the shelter, also as a protected programme."""
    await tell(door, registered(f"c {own}", f"own:{own}", details="Zaphrodite Quillfeather, 555-0173"))
    terms = {"consent_id": f"own:{own}", "programme_classes": ["substance-use"], **changed}
    await tell(door, consent(f"g {own}", f"own:{own}", **terms))


async def referred(door: httpx.AsyncClient, own: str, **changed: Any) -> str:
    """Open a referral for the person and offer it to the shelter; return its id."""
    told = await tell(door, requested(f"r {own}", f"own:r {own}", f"own:{own}", details=DETAILS))
    await tell(door, sent(own, **changed))
    return str(told["subject"])


def sent(own: str, which: str = "o", **changed: Any) -> bytes:
    """Return the offer of the person's referral to the shelter."""
    return offer(
        f"{which} {own}",
        f"own:r {own}",
        offer_id=offer_id(own, which),
        consent_id=f"own:{own}",
        details=f"{DETAILS}: offered",
        **changed,
    )


def offer_id(own: str, which: str = "o") -> str:
    return ident(f"offer {which} {own}")


def answered(name: str, own: str, subject: str, **data: Any) -> bytes:
    """Return what the shelter says of the offer."""
    return said(f"referral.{name}", f"{name} {own}", {"offer_id": offer_id(own), **data}, subject=subject)


def event(row: bytes) -> Any:
    return orjson.loads(row)


__all__ = ["DETAILS", "SHELTER", "agreed", "answered", "event", "offer_id", "referred", "sent", "tell"]
