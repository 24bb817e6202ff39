"""An NDJSON file as one partner's system would send it: clients, consents, needs and offers, in clear text."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import orjson

from bench.stories import uuid

INITIATIVE, SENDER, RECIPIENT = "harbour-county", "clinic", "shelter"
#: Every second text about a person is left out, as in life.
TOLD = "Asked for a call back in the evening; speaks Spanish."

#: Within the days that an initiative allows, for as long as it takes to load.
ANSWER_BY = (datetime.now(UTC) + timedelta(days=10)).date().isoformat()


def write(path: Path, rows: int, service: str) -> None:
    """Write so many rows, four a client."""
    random = Random(rows)
    lines: list[bytes] = []
    while len(lines) < rows:
        lines += map(orjson.dumps, client(random, len(lines), service))
    path.write_bytes(b"\n".join(lines[:rows]) + b"\n")


def client(random: Random, number: int, service: str) -> Iterator[dict[str, Any]]:
    """Yield one client's four rows, the first with this number."""
    person, consent, referral = f"own:client-{number}", f"own:consent-{number}", f"own:referral-{number}"
    yield _row(number, "client.registered", {"categories": ["adult"], "details": TOLD}, client=person)
    granted = {
        "consent_id": consent,
        "recipients": {"partners": [RECIPIENT]},
        "purposes": ["referral"],
        "data_classes": ["contact", "need"],
        "subject_capacity": "adult",
        "redisclosure": "none",
        "conditioned_on_service": False,
        "valid_from": "2026-01-01",
        "form": "electronic",
    }
    yield _row(number + 1, "consent.granted", granted, client=person)
    requested: dict[str, Any] = {"need": {"taxonomy": "manyhands", "code": "shelter"}, "urgency": "soon"}
    if random.random() < 0.5:
        requested["details"] = TOLD
    yield _row(number + 2, "referral.requested", requested, client=person, subject=referral)
    sent = {
        "offer_id": uuid(random),
        "recipient": RECIPIENT,
        "service_id": service,
        "purpose": "referral",
        "data_classes": ["contact", "need"],
        "respond_by": ANSWER_BY,
        "consent_id": consent,
    }
    yield _row(number + 3, "referral.offer_sent", sent, subject=referral)


def _row(number: int, name: str, data: dict[str, Any], **attributes: str) -> dict[str, Any]:
    time = datetime.now(UTC).isoformat()
    return {"id": f"record-{number}", "type": name, "time": time, **attributes, "data": data}


def joining(service: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return what the registrar says to let both partners join, and the recipient's service."""
    told = []
    for partner in (SENDER, RECIPIENT):
        joined = {"name": partner.title(), "sector": "health", "reporting": "client-level"}
        told.append(_row(0, "partner.joined", joined, subject=partner) | {"id": f"joined-{partner}"})
        signed = {"agreement_id": f"own:{partner}", "version": "1", "signed_at": "2026-01-01"}
        told.append(_row(0, "partner.agreement_signed", signed, subject=partner) | {"id": f"signed-{partner}"})
    offered = {"service_id": service, "name": "Beds", "needs": ["shelter"], "accepts_referrals": True}
    of_all = {"programme_class": "general"}
    return told, _row(0, "partner.service_published", offered | of_all, subject=RECIPIENT)
