"""What two persons approved, said under each of the two ids, and what the rules made of it."""

import asyncio
from collections.abc import Sequence
from datetime import UTC

import orjson

from events.authority import SYSTEM, VAULT
from services.admission.caller import System
from services.admission.judging import Terms
from services.gateway.answers import turned_away
from services.gateway.events import Door
from services.gateway.oneperson.requests import LinkRequest, Outcome
from services.gateway.parts import Parts
from services.gateway.principal import Principal
from services.gateway.rulings import Ruling


async def say(parts: Parts, who: Principal, asked: LinkRequest, seconds: float) -> tuple[Outcome, str | None] | None:
    """Say it, always as the same events, and return what became of it; None while that is not known.

    The caller waits so long for the rulings.  Raises ProblemError.
    """
    door = Door(parts, who, Terms(System(asked.initiative, VAULT.removeprefix(SYSTEM))))
    results = await door.admit(said(asked))
    for result in results:
        if result.problem is not None:
            raise turned_away(result.problem)
    return ended(await asyncio.gather(*(door.ruling(result, seconds) for result in results)))


def ended(rulings: Sequence[Ruling | None]) -> tuple[Outcome, str | None] | None:
    """Return what both together amount to, with the first refusal's code; None while one is not known.  Pure."""
    known = [ruling for ruling in rulings if ruling is not None and ruling.outcome != "parked"]
    if len(known) < len(rulings):
        return None
    refused = [ruling for ruling in known if ruling.outcome == "refused"]
    if not refused:
        return "applied", None
    return "refused" if len(refused) == len(known) else "partly", refused[0].code or "unreadable"


def said(asked: LinkRequest) -> list[bytes]:
    """Return the two events of an approved request: the same bytes whenever they are said again."""
    if asked.approved_at is None:
        raise ValueError("the request is not approved")
    common = {
        "type": "client.linked" if asked.link else "client.unlinked",
        "time": asked.approved_at.astimezone(UTC).isoformat(),
        "actor": asked.first_by,
        "approver": asked.second_by,
    }
    pairs = ((asked.client, asked.other), (asked.other, asked.client))
    return [
        orjson.dumps(
            common
            | {"id": f"link-{asked.request}-{number}", "subject": one, "partitionkey": one}
            | {"data": {"other_client": other}}
        )
        for number, (one, other) in enumerate(pairs, 1)
    ]
