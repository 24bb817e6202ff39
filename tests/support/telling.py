"""Rows as the people of the scene say them, as of its own time."""

import orjson

from tests.support.admitting import (
    CLINIC,
    consent,
    offer,
    requested,
    said,
)
from tests.support.events import ident
from tests.support.scene import (
    NOW,
    REFERRAL,
)

AT = {"time": NOW.isoformat()}


def viewed(**attributes: str) -> bytes:
    about = {"subject": REFERRAL, **AT, **attributes}
    return said("referral.offer_viewed", "v", {"offer_id": "own:o", "by": "person"}, **about)


def asked(**changed: object) -> bytes:
    return timed(requested("r", "own:new", "own:1", **changed))


def offered(**changed: object) -> bytes:
    return timed(offer("o", REFERRAL, **({"respond_by": "2026-03-12"} | changed)))


def granted(**changed: object) -> bytes:
    return timed(consent("k", "own:1", **changed))


def timed(row: bytes, **attributes: str) -> bytes:
    """Return the row as of the scene's own time."""
    return orjson.dumps(orjson.loads(row) | AT | attributes)


def role(**changed: object) -> bytes:
    data = {"person_id": ident("somebody"), "role": "coordinator"}
    return said("partner.role_assigned", "p", data, subject=CLINIC, **AT, **changed)


def joined(**changed: object) -> bytes:
    data = {"name": "N", "sector": "health", "reporting": "client-level", **changed}
    return said("partner.joined", "j", data, subject="somebody", **AT)


def published(**changed: object) -> bytes:
    data = {"service_id": ident("new"), "name": "Desk", "needs": ["shelter"], "accepts_referrals": True, **changed}
    return said("partner.service_published", "s", data, **AT)
