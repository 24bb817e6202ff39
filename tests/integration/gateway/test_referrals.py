"""How referrals stand, over HTTP: who sees what of them."""

from collections.abc import AsyncIterator

import httpx
import pytest

from services.gateway.parts import Parts
from tests.support import doors
from tests.support.reading import agreed, answered, offer_id, referred, tell


@pytest.fixture(autouse=True)
async def _folding(parts: Parts) -> AsyncIterator[None]:
    async with doors.folding(parts.settings):
        yield


async def test_sender_sees_how_it_stands_and_who_owes_the_next_step(
    clinic: httpx.AsyncClient, shelter: httpx.AsyncClient
) -> None:
    await agreed(clinic, "1")
    referral = await referred(clinic, "1")
    told = (await clinic.get(f"/v1/referrals/{referral}")).json()
    print(told)
    for name in ("own:r 1", referral):
        told = (await clinic.get(f"/v1/referrals/{name}")).json()
        assert (told["role"], told["status"], told["detail"], told["hops"]) == ("sender", "requested", "sent", 1)
        assert told["next"]["who"] == "recipient"
    await tell(shelter, answered("offer_accepted", "1", referral))
    told = (await shelter.get(f"/v1/referrals/{referral}")).json()
    assert (told["role"], told["status"], told["offers"][0]["id"]) == ("recipient", "accepted", offer_id("1"))
    told = (await shelter.get("/v1/referrals")).json()
    print(told)
    told = (await shelter.get(f"/v1/referrals/{referral}/timeline")).json()
    print(told)
