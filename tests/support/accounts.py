"""The account of disclosures asked for over HTTP, and what it calls things."""

from typing import Any

import httpx

from services.gateway.parts import Parts
from tests.support.admitting import CLINIC
from tests.support.events import INITIATIVE

SENT, CLAIMED = "referral.offer_sent", "referral.offer_claimed"
PLACE = "/v1/clients/own:1/disclosures"


async def account(door: httpx.AsyncClient, client: str = "own:1", **query: Any) -> list[dict[str, Any]]:
    answer = await door.get(f"/v1/clients/{client}/disclosures", params=query)
    assert answer.status_code == 200, answer.text
    lines: list[dict[str, Any]] = answer.json()["disclosures"]
    return lines


async def alias(parts: Parts, partner: str) -> str:
    """Return the partner's alias of the clinic's client."""
    [client] = (await parts.vault.find(INITIATIVE, CLINIC, ["own:1"])).values()
    return (await parts.vault.aliases(INITIATIVE, partner, [client], grant=True))[client]


def consent_of(parts: Parts, partner: str) -> str:
    """Return the partner's own name of the person's consent."""
    naming = parts.admission.naming
    return naming.masked(INITIATIVE, partner, "consent", naming.own(INITIATIVE, CLINIC, "consent", "1"))
