"""The initiative of the demonstration opens, its partners join, sign and publish what they offer."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

from services.admission.admission import Admission
from services.admission.caller import Caller, System
from services.admission.caller import Partner as Speaker
from services.admission.founding import Founding, rows
from services.admission.result import Result
from services.ops.demo.history import Span
from services.ops.demo.world import AREAS, BACKBONE, INITIATIVE, ZONE, Partner
from services.ops.errors import DemoFailed

#: The window of history, by an id that every partner can name.
BACKFILL = "3b0a1f6e-6f3c-4a55-9c8e-2f6d6a1f7c11"


async def opened(admission: Admission, registrar: str, partners: Sequence[Partner]) -> None:
    """Say all that comes before the first client.  Raises DemoFailed when any of it is turned away."""
    founding = Founding(INITIATIVE, "Riverbend", ZONE, BACKBONE, "Riverbend Together", registrar)
    begun = rows(founding, admission.standing(INITIATIVE), datetime.now(UTC))
    await _sure(admission, System(INITIATIVE, "init"), begun)
    backbone = Speaker(INITIATIVE, BACKBONE, registrar, as_registrar=True)
    protected = _row(
        "initiative.policy_set", INITIATIVE, {"protected_programmes": ["substance-use", "domestic-violence"]}
    )
    await _sure(admission, backbone, [protected, *_joining(partners)])
    for partner in partners:
        await _sure(admission, Speaker(INITIATIVE, partner.id, partner.staff), _services(partner))


async def window_opened(admission: Admission, registrar: str, partners: Sequence[Partner], span: Span) -> None:
    """Let all partners load the history of this span."""
    data = {
        "backfill_id": BACKFILL,
        "partners": [partner.id for partner in partners],
        "from": span.begin.isoformat(),
        "until": span.until.isoformat(),
        "reason": "history",
    }
    row = _row("initiative.backfill_opened", INITIATIVE, data)
    await _sure(admission, Speaker(INITIATIVE, BACKBONE, registrar, as_registrar=True), [row])


async def window_closed(admission: Admission, registrar: str) -> None:
    """End the loading of history: what partners say from now on happens now."""
    row = _row("initiative.backfill_closed", INITIATIVE, {"backfill_id": BACKFILL})
    await _sure(admission, Speaker(INITIATIVE, BACKBONE, registrar, as_registrar=True), [row])


def _joining(partners: Sequence[Partner]) -> Iterator[bytes]:
    for partner in partners:
        joined = {"name": partner.name, "sector": partner.sector, "reporting": "client-level"}
        yield _row("partner.joined", partner.id, {**joined, "classes": [partner.trade], "networks": ["all"]})
        signed = {"agreement_id": f"own:agreement-{partner.id}", "version": "2023", "signed_at": "2023-09-01"}
        yield _row("partner.agreement_signed", partner.id, signed)


def _services(partner: Partner) -> list[bytes]:
    service = partner.service
    published: dict[str, Any] = {
        "service_id": service.id,
        "name": f"{partner.name}: {service.need}",
        "needs": [service.need],
        "areas": list(AREAS),
        "accepts_referrals": True,
        "programme_class": service.programme_class,
    }
    if partner.trade == "food-bank":
        # Whoever is hungry does not wait for the days that the policy allows.
        published["start_business_days"] = 2
    capacity = {"service_id": service.id, "status": "capacity", "available": 6, "maximum": 20, "unit": "place"}
    return [
        _row("partner.service_published", partner.id, published),
        _row("partner.capacity_reported", partner.id, capacity),
    ]


def _row(name: str, subject: str, data: dict[str, Any]) -> bytes:
    time = datetime.now(UTC).isoformat()
    return orjson.dumps({"id": f"{name}/{subject}", "type": name, "subject": subject, "time": time, "data": data})


async def _sure(admission: Admission, caller: Caller, said: Sequence[bytes]) -> list[Result]:
    answers = await admission.admit(caller, said)
    failed = next((answer.problem for answer in answers if answer.problem), None)
    if failed:
        raise DemoFailed(f"{failed.code} at {failed.pointer}")
    return answers
