"""A class of partners that may be asked together, for tests: two of them the person agrees to, and one they do not."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import httpx

from services.admission.admission import Admission
from services.admission.caller import Partner
from tests.support.admitting import codes, consent, offer, registered, registrar, said
from tests.support.events import INITIATIVE, ident
from tests.support.reading import CONTACT, OFFERED, asked, offer_id, tell

CLASS = "food-bank"
PANTRY, KITCHEN, LARDER = "pantry", "kitchen", "larder"
MEMBERS = (PANTRY, KITCHEN, LARDER)
#: What the person agrees to: whoever is of the class, but for one.
AGREED: Mapping[str, Any] = MappingProxyType({"recipients": {"classes": [CLASS]}, "except_recipients": [LARDER]})


def service(partner: str) -> str:
    """Return the member's service."""
    return ident(f"service of {partner}")


async def prepared(admission: Admission) -> None:
    """Let the members join, sign, and publish a service each."""
    told = []
    for each in MEMBERS:
        profile = {"name": each.title(), "sector": "food", "reporting": "client-level", "classes": [CLASS]}
        signed = {"agreement_id": f"own:{each}", "version": "1", "signed_at": "2026-01-01"}
        told += [
            said("partner.joined", f"joined-{each}", profile, subject=each),
            said("partner.agreement_signed", f"signed-{each}", signed, subject=each),
        ]
    answers = await admission.admit(registrar, told)
    usual = {"needs": ["food"], "accepts_referrals": True, "programme_class": "general"}
    for each in MEMBERS:
        data = {"service_id": service(each), "name": f"Meals of the {each}", **usual}
        answers += await admission.admit(Partner(INITIATIVE, each), [said("partner.service_published", "meals", data)])
    assert set(codes(answers)) == {None}, codes(answers)


async def agreed(door: httpx.AsyncClient, own: str, **changed: Any) -> None:
    """Register a person and record that they agree to the class."""
    await tell(door, registered(f"c {own}", f"own:{own}", details=CONTACT))
    await granted(door, own, **changed)


async def granted(door: httpx.AsyncClient, own: str, **changed: Any) -> None:
    """Record that the person agrees to the class, or to what is said instead."""
    said = {"consent_id": f"own:{own}", **AGREED, **changed}
    await tell(door, consent(f"g {said['consent_id']}", f"own:{own}", **said))


async def opened(door: httpx.AsyncClient, own: str, which: str = "o") -> str:
    """Open a referral for the person, ask the class, and return its id."""
    referral = await asked(door, own, area="north")
    await tell(door, to_class(own, which))
    return referral


def to_class(own: str, which: str = "o", **changed: Any) -> bytes:
    """Return the offer of the person's referral to the class."""
    usual = {
        "recipient": None,
        "to_class": CLASS,
        "service_id": ident(f"asked {which} {own}"),
        "details": OFFERED,
        "offer_id": offer_id(own, which),
        "consent_id": f"own:{own}",
    }
    return offer(f"{which} {own}", f"own:r {own}", **usual | changed)


def claim(partner: str, own: str, subject: str, which: str = "o") -> bytes:
    """Return the member's claim."""
    data = {"offer_id": offer_id(own, which), "service_id": service(partner)}
    return said("referral.offer_claimed", f"claim {which} {own}", data, subject=subject)
