"""A story told through the gateway while cases are folded: who sent what to whom, and how it went."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from services.admission.caller import System
from services.gateway.parts import Parts
from services.runtime.roles import Role
from services.runtime.store import connect
from services.vault.vault import Vault
from tests.support import doors
from tests.support.admitting import (
    BACKBONE,
    CLINIC,
    NEWCOMER,
    REGISTRAR,
    SECOND,
    SHELTER,
    codes,
    consent,
    newcomer,
    offer,
    registered,
    registrar,
    requested,
    said,
    shelter,
)
from tests.support.events import INITIATIVE, ident
from tests.support.wait import until

JSON = {"Content-Type": "application/json"}
#: Names that stand in sealed text and nowhere else.
NAME = "Zaphrodite Quillfeather"
CONTACT, NEED, OFFERED = f"{NAME}, 555-0173", f"{NAME} sleeps in her car", f"{NAME} would come on Monday"
#: A service of the shelter that no protection is needed for, and one of the newcomer's.
MEALS, ROOMS = ident("meals"), ident("rooms")
COORDINATOR = ident("coordinator")
#: Who is named in a consent that lets everybody of these stories take part.
EVERYBODY = [SHELTER, NEWCOMER, BACKBONE]


async def prepared(parts: Parts) -> None:
    """Let the newcomer sign, publish services that are not protected, and make a person coordinator."""
    signed = {"agreement_id": "own:newcomer", "version": "1", "signed_at": "2026-01-01"}
    role = {"person_id": COORDINATOR, "role": "coordinator"}
    told = [
        said("partner.agreement_signed", "signed newcomer", signed, subject=NEWCOMER),
        said("partner.role_assigned", "second", {"person_id": SECOND, "role": "registrar"}, subject=BACKBONE),
        said("partner.role_assigned", "coordinator", role, subject=BACKBONE, actor=REGISTRAR, approver=SECOND),
    ]
    answers = await parts.admission.admit(registrar, told)
    usual = {"needs": ["shelter"], "accepts_referrals": True, "programme_class": "general"}
    for caller, service in ((shelter, MEALS), (newcomer, ROOMS)):
        data = {"service_id": service, "name": "Help", **usual}
        answers += await parts.admission.admit(caller, [said("partner.service_published", "general", data)])
    assert set(codes(answers)) == {None}, codes(answers)


@asynccontextmanager
async def partner(parts: Parts, name: str, person: str | None = None) -> AsyncIterator[httpx.AsyncClient]:
    """Give a client that speaks for the partner, or for a person of it."""
    async with doors.partner(parts, name, person) as made:
        yield made


async def tell(door: httpx.AsyncClient, row: bytes) -> dict[str, Any]:
    """Publish an event, wait until it is folded, and return the answer, which must be that it was applied."""
    answer = await door.post("/v1/events", content=row, headers=JSON, params={"wait": 20})
    told: dict[str, Any] = answer.json()
    assert (answer.status_code, told["ruling"]["outcome"]) == (200, "applied"), told
    return told


async def agreed(door: httpx.AsyncClient, own: str, **changed: Any) -> None:
    """Register a person and record what they agree to: the shelter, its protected programme included."""
    await tell(door, registered(f"c {own}", f"own:{own}", details=CONTACT))
    terms = {"consent_id": f"own:{own}", "programme_classes": ["substance-use", "general"], **changed}
    await tell(door, consent(f"g {own}", f"own:{own}", **terms))


async def asked(door: httpx.AsyncClient, own: str, **changed: Any) -> str:
    """Open a referral for the person and return its id."""
    told = await tell(door, requested(f"r {own}", f"own:r {own}", f"own:{own}", details=NEED, **changed))
    return str(told["subject"])


async def referred(door: httpx.AsyncClient, own: str, **changed: Any) -> str:
    """Open a referral for the person, offer it to the shelter and return its id."""
    referral = await asked(door, own)
    await tell(door, sent(own, **changed))
    return referral


def sent(own: str, which: str = "o", **changed: Any) -> bytes:
    """Return the offer of the person's referral to the shelter's meals."""
    usual = {"service_id": MEALS, "details": OFFERED, "offer_id": offer_id(own, which), "consent_id": f"own:{own}"}
    return offer(f"{which} {own}", f"own:r {own}", **usual | changed)


def offer_id(own: str, which: str = "o") -> str:
    return ident(f"offer {which} {own}")


def answered(name: str, own: str, subject: str, which: str = "o", **data: Any) -> bytes:
    """Return what the recipient says of the offer."""
    return said(
        f"referral.{name}", f"{name} {which} {own}", {"offer_id": offer_id(own, which), **data}, subject=subject
    )


def revoked(own: str) -> bytes:
    """Return that the person takes their consent back."""
    data = {"consent_id": f"own:{own}", "reason": "client-asked"}
    return said("consent.revoked", f"x {own}", data, client=f"own:{own}")


async def erased(parts: Parts, own: str, *, wait: bool = True) -> None:
    """Erase the clinic's client of this id, on the log and in the vault, and wait until that is folded."""
    [client] = (await parts.vault.find(INITIATIVE, CLINIC, [f"own:{own}"])).values()
    people = {"actor": REGISTRAR, "approver": SECOND, "partitionkey": client, "subject": client}
    row = said("client.erased", f"e {own}", {"certificate_id": ident("c")}, **people)
    [result] = await parts.admission.admit(System(INITIATIVE, "vault"), [row])
    assert result.problem is None, result.problem
    async with await connect(parts.settings.postgres, application="test", size=1, role=Role.OPERATOR) as pool:
        await Vault(pool, parts.secrets).destroy(INITIATIVE, client)
    assert result.at is not None
    at = result.at
    if wait:
        await until(lambda: parts.progress.reach(at))
