"""What partners are told of one person has nothing in common that they could find them by."""

import re
from typing import Any

import httpx

from services.gateway.parts import Parts
from tests.support.admitting import NEWCOMER, said
from tests.support.events import ident
from tests.support.reading import EVERYBODY, JSON, MEALS, ROOMS, agreed, answered, asked, sent, tell

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
ELSEWHERE = {"recipient": NEWCOMER, "service_id": ROOMS}
CONSENTED = {"recipients": {"partners": EVERYBODY}}


async def offered(clinic: httpx.AsyncClient, which: str, **changed: Any) -> str:
    """Ask something for the one person, under the one consent; return the referral."""
    row = said(
        "referral.requested",
        f"r {which}",
        {"need": {"taxonomy": "manyhands", "code": "shelter"}, "urgency": "soon"},
        subject=f"own:r {which}",
        client="own:1",
    )
    referral = str((await tell(clinic, row))["subject"])
    await tell(clinic, sent(which, **{"service_id": MEALS, "consent_id": "own:1", **changed}))
    return referral


async def ids(door: httpx.AsyncClient, referral: str) -> set[str]:
    """Return every id in what is told of a referral, and of what its texts and their consents are."""
    told = [(await door.get(f"/v1/referrals/{referral}{path}")).text for path in ("", "/timeline", "/sealed")]
    return set(_UUID.findall("".join(told)))


async def test_two_that_serve_one_person_under_one_consent_are_told_no_id_alike(
    told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient, newcomer: httpx.AsyncClient
) -> None:
    await agreed(clinic, "1", **CONSENTED)
    one = await offered(clinic, "a")
    other = await offered(clinic, "b", **ELSEWHERE)
    await tell(shelter, answered("offer_accepted", "a", one))
    await tell(newcomer, answered("offer_accepted", "b", other))
    seen = [await ids(shelter, one), await ids(newcomer, other)]
    # The control: the clinic, which may know that they are one person's, is told consent, client and words alike.
    both = [await ids(clinic, one), await ids(clinic, other)]
    assert (len(both[0] & both[1]), seen[0] & seen[1]) == (3, set())


async def test_recipient_of_two_offers_is_told_of_one_consent_once_it_has_accepted(
    told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient
) -> None:
    await agreed(clinic, "1", **CONSENTED)
    referrals = [await offered(clinic, "a"), await offered(clinic, "b", service_id=ident("beds"))]
    assert await consents(shelter, referrals) == [None, None]
    await tell(shelter, answered("offer_accepted", "a", referrals[0]))
    named = await consents(shelter, referrals)
    assert (named[0] is None, named[1]) == (False, None)
    # The control: whoever sent them is told of both, under one name.
    sender = await consents(clinic, referrals)
    assert (len(set(sender)), None in sender, named[0] in sender) == (1, False, False)


async def test_name_that_a_partner_was_told_is_taken_from_it_alone(
    told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient, newcomer: httpx.AsyncClient
) -> None:
    await agreed(clinic, "1", **CONSENTED)
    referral = await offered(clinic, "a")
    await tell(shelter, answered("offer_accepted", "a", referral))
    [theirs], [mine] = await consents(shelter, [referral]), await consents(clinic, [referral])
    await asked(clinic, "1")
    refused = await clinic.post(
        "/v1/events", content=sent("1", "x", consent_id=theirs, **ELSEWHERE), params={"wait": 20}, headers=JSON
    )
    assert (refused.status_code, refused.json()["code"]) == (409, "consent-missing")
    await tell(clinic, sent("1", "y", consent_id=mine, **ELSEWHERE))


async def consents(door: httpx.AsyncClient, referrals: list[str]) -> list[str | None]:
    found = [(await door.get(f"/v1/referrals/{each}")).json()["offers"] for each in referrals]
    return [offer["consent"] for [offer] in found]
