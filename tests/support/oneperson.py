"""Two records of one person, for tests: asked by the partner that knows both, approved, and on the log."""

import httpx

from services.admission.caller import System
from services.gateway.oneperson.requests import LinkRequests
from services.gateway.oneperson.saying import said
from services.gateway.parts import Parts
from tests.support.admitting import REGISTRAR, SECOND, codes, consent
from tests.support.events import INITIATIVE
from tests.support.reading import tell


async def linked(door: httpx.AsyncClient, parts: Parts, first: str, second: str) -> None:
    """Have the partner's two clients be said to be one person, and wait until that is folded."""
    asked = await door.post(f"/v1/clients/own:{first}/links", json={"other": f"own:{second}"})
    requests = LinkRequests(parts.keep)
    for person in (REGISTRAR, SECOND):
        found = await requests.find(INITIATIVE, asked.json()["request"])
        assert found is not None
        assert await requests.approve(found, person)
    approved = await requests.find(INITIATIVE, asked.json()["request"])
    assert approved is not None
    results = await parts.admission.admit(System(INITIATIVE, "vault"), said(approved))
    assert codes(results) == [None, None]
    for own in (first, second):
        # What is told after it is folded after it.
        await tell(door, consent(f"then {own}", f"own:{own}", consent_id=f"own:then {own}"))
