"""What the tests of clients' own pages begin with: somebody who is served, and their link."""

from typing import Any

import httpx

from services.gateway.parts import Parts
from tests.support import linking, reading
from tests.support.admitting import CLINIC, SHELTER, said
from tests.support.events import INITIATIVE
from tests.support.reading import tell

#: Where the client reads their mails.
HOME = "ada-quillfeather@home.example"


async def own_link(door: httpx.AsyncClient, client: str = "own:1", **changed: Any) -> dict[str, Any]:
    """Have a client's own link made."""
    answer = await door.post("/v1/links", json={"kind": "client", "client": client, "email": HOME, **changed})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def served(clinic: httpx.AsyncClient, parts: Parts, own: str = "1", **changed: Any) -> tuple[str, str]:
    """Have the shelter take on what the clinic asked for; return referral and offer."""
    referral, made = await linking.offered(clinic, own, **changed)
    async with reading.partner(parts, SHELTER) as door:
        await tell(door, said("referral.offer_accepted", f"a {own}", {"offer_id": made}, subject=referral))
    return referral, made


async def consent_of(clinic: httpx.AsyncClient, referral: str, parts: Parts) -> str:
    """Return the consent that the referral's offer stands on, as the log and the client's own page name it."""
    told: str = (await clinic.get(f"/v1/referrals/{referral}")).json()["offers"][0]["consent"]
    found = parts.admission.naming.unmasked(INITIATIVE, CLINIC, "consent", told)
    assert found != told
    return found
