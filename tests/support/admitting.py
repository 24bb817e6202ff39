"""An initiative to admit events into, and rows in few words."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from events.topics import Topic
from projections.record import Record
from services.admission.admission import Admission
from services.admission.caller import Partner, System
from services.admission.founding import Founding, rows
from services.admission.result import Result
from services.admission.wiring import opened
from services.runtime import log
from services.runtime.settings import Settings
from tests.support.events import INITIATIVE, ident

BACKBONE, CLINIC, SHELTER, REFUGE, NEWCOMER = "together", "clinic", "shelter", "refuge", "newcomer"
REGISTRAR, SECOND = ident("registrar"), ident("second registrar")
FOUNDING = Founding(INITIATIVE, "Riverbend", "America/Chicago", BACKBONE, "Riverbend Together", REGISTRAR)
registrar = Partner(INITIATIVE, BACKBONE, REGISTRAR, as_registrar=True)
clinic, shelter, refuge, newcomer = (Partner(INITIATIVE, each) for each in (CLINIC, SHELTER, REFUGE, NEWCOMER))


#: The day by which offers ask for an answer, for as long as the tests run.
ANSWER_BY = (datetime.now(UTC) + timedelta(days=10)).date().isoformat()


def ahead(**span: float) -> str:
    """Return a time so far ahead of now, or back."""
    return (datetime.now(UTC) + timedelta(**span)).isoformat()


#: What a client agrees to, as most do: the shelter may have their contact for their care.
AGREED = {
    "recipients": {"partners": [SHELTER]},
    "purposes": ["care"],
    "data_classes": ["contact"],
    "subject_capacity": "adult",
    "redisclosure": "none",
    "conditioned_on_service": False,
    "valid_from": "2026-01-01",
    "form": "paper",
}


def said(name: str, emitted: str, data: dict[str, Any], **attributes: Any) -> bytes:
    """Return a row as a partner's system writes it; what happened happened now unless `time` is given."""
    now = datetime.now(UTC).isoformat()
    return orjson.dumps({"id": emitted, "type": name, "time": now, **attributes, "data": data})


def codes(results: Sequence[Result]) -> list[str | None]:
    """Return each row's code, None where it was published."""
    return [result.problem.code if result.problem else None for result in results]


def registered(emitted: str, client: str, **data: object) -> bytes:
    return said("client.registered", emitted, data, client=client)


def offer(emitted: str, subject: str, **changed: Any) -> bytes:
    """Return an offer of the shelter's beds."""
    data = {
        "offer_id": f"own:{emitted}",
        "recipient": SHELTER,
        "service_id": ident("beds"),
        "purpose": "care",
        "data_classes": ["contact"],
        "respond_by": ANSWER_BY,
        "consent_id": "own:consent",
        **changed,
    }
    return said("referral.offer_sent", emitted, data, subject=subject)


def requested(emitted: str, subject: str, client: str, **changed: Any) -> bytes:
    need = {"taxonomy": "manyhands", "code": "shelter"}
    return said(
        "referral.requested", emitted, {"need": need, "urgency": "soon", **changed}, subject=subject, client=client
    )


def consent(emitted: str, client: str, **changed: Any) -> bytes:
    return said("consent.granted", emitted, {"consent_id": "own:consent", **AGREED, **changed}, client=client)


async def records(settings: Settings, topic: Topic) -> list[Record]:
    """Return all records of a topic, partition by partition."""
    spans = await log.spans(settings, [topic])
    kept: dict[int, list[Record]] = {}
    async for partition, batch in log.read(settings, spans):
        kept.setdefault(partition.number, []).extend(batch)
    return [record for number in sorted(kept) for record in kept[number]]


@asynccontextmanager
async def riverbend(settings: Settings) -> AsyncIterator[Admission]:
    """Give admission with an initiative of four partners that can speak, and one that has signed nothing."""
    async with opened(settings) as admission:
        await found(admission)
        yield admission


async def found(admission: Admission) -> None:
    """Open the initiative and let its partners join."""
    begun = rows(FOUNDING, admission.standing(INITIATIVE), datetime.now(UTC))
    answers = await admission.admit(System(INITIATIVE, "init"), begun)
    answers += await admission.admit(registrar, [*_joining()])
    beds = {"service_id": ident("beds"), "name": "Beds", "needs": ["shelter"], "accepts_referrals": True}
    programme = {"programme_class": "substance-use", "min_attempts": 5}
    answers += await admission.admit(shelter, [said("partner.service_published", "beds", beds | programme)])
    assert set(codes(answers)) == {None}, codes(answers)


def _joining() -> list[bytes]:
    told = []
    for partner in (CLINIC, SHELTER, REFUGE, NEWCOMER):
        reporting = "aggregate-only" if partner == REFUGE else "client-level"
        data = {"name": partner.title(), "sector": "health", "reporting": reporting, "classes": ["clinic"]}
        told.append(said("partner.joined", f"joined-{partner}", data, subject=partner))
        if partner != NEWCOMER:
            signed = {"agreement_id": f"own:{partner}", "version": "1", "signed_at": "2026-01-01"}
            told.append(said("partner.agreement_signed", f"signed-{partner}", signed, subject=partner))
    return told
