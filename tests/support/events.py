"""Events and records for tests, in few words: what is not said gets a plain value.

    told = Told()
    told("client.registered")
    told("consent.granted", valid_from=..., recipients={"partners": ["bakery"]})

`admitted={...}` in the data is laid over what admission would have written.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, cast
from uuid import UUID, uuid5

from events.catalogue import NAMES, TYPES, Event
from events.codec import write

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
INITIATIVE = "riverbend"
_SPACE = UUID("6f1d5a0e-7c55-4d8c-9a3b-3f4f7f0f9a11")


def ident(name: str) -> str:
    """Return the UUID that stands for this name in every test."""
    return str(uuid5(_SPACE, name))


CLIENT, REFERRAL, OFFER, CONSENT, SERVICE = map(ident, ("client", "referral", "offer", "consent", "service"))
SENDER, RECIPIENT = "clinic", "shelter"


def partner(name: str) -> str:
    """Return the source that a partner's events carry."""
    return f"urn:manyhands:partner:{name}"


def system(name: str) -> str:
    """Return the source of a part of this system."""
    return f"urn:manyhands:system:{name}"


SEALED = {"v": 1, "alg": "A256GCM", "kid": "k" * 22, "nonce": "n" * 16, "ct": "c" * 363}

_BY_RECIPIENT = frozenset(
    {"offer_viewed", "offer_accepted", "offer_claimed", "offer_declined", "contact_attempted", "service_started"}
    | {"waitlisted", "put_on_hold", "resumed", "outcome_recorded", "outcome_corrected", "cancel_confirmed", "withdrawn"}
)
_BY_CLOCK = frozenset({"offer_expired", "reminded", "escalated"})
_DUE = "2026-03-09T12:00:00Z"
_NEED = {"need": {"taxonomy": "open-eligibility", "code": "shelter"}, "urgency": "soon"}
_OFFER = {"offer_id": OFFER}
_DATA: dict[str, dict[str, Any]] = {
    "client.registered": {},
    "client.linked": {"other_client": ident("other client")},
    "client.unlinked": {"other_client": ident("other client")},
    "client.erased": {"certificate_id": ident("certificate")},
    "consent.granted": {
        "consent_id": CONSENT,
        "recipients": {"partners": [RECIPIENT]},
        "purposes": ["coordination"],
        "data_classes": ["contact", "need"],
        "subject_capacity": "adult",
        "redisclosure": "none",
        "conditioned_on_service": False,
        "valid_from": "2026-01-01T00:00:00Z",
        "form": "paper-1",
    },
    "consent.narrowed": {"consent_id": CONSENT},
    "consent.revoked": {"consent_id": CONSENT, "reason": "client-asked"},
    "consent.entered_in_error": {"consent_id": CONSENT, "reason": "wrong-client"},
    "referral.requested": _NEED,
    "referral.offer_drafted": _OFFER,
    "referral.offer_discarded": {**_OFFER, "reason": "sent-by-mistake"},
    "referral.offer_recalled": {**_OFFER, "reason": "sent-by-mistake"},
    "referral.offer_claimed": {**_OFFER, "service_id": SERVICE},
    "referral.offer_expired": {**_OFFER, "deadline": _DUE},
    "referral.reminded": {**_OFFER, "deadline": _DUE},
    "referral.escalated": {**_OFFER, "deadline": _DUE},
    "referral.contact_attempted": {**_OFFER, "channel": "phone", "result": "no-answer"},
    "referral.waitlisted": _OFFER,
    "referral.put_on_hold": {**_OFFER, "reason": "client-away"},
    "referral.resumed": _OFFER,
    "referral.outcome_reported_by_sender": {**_OFFER, "outcome": "delivered", "heard_from": "client"},
    "referral.handoff_reported": {**_OFFER, **_NEED, "channel": "phone"},
    "referral.cancel_requested": {**_OFFER, "reason": "need-changed"},
    "referral.cancel_confirmed": _OFFER,
    "referral.withdrawn": {**_OFFER, "reason": "staff-shortage"},
    "referral.client_asked": {**_OFFER, "channel": "phone"},
    "referral.client_answered": {**_OFFER, "need_met": "yes"},
    "referral.outcome_corrected": {
        **_OFFER,
        "outcome": "not-delivered",
        "reason": "no-show",
        "because": "wrong-entry",
    },
    "referral.entered_in_error": {**_OFFER, "reason": "wrong-client"},
    "referral.closed": {"disposition": "no-suitable-service"},
    "episode.enrolled": {"programme": "winter"},
    "episode.service_delivered": {"kind": "bed-night", "amount": "3", "unit": "night"},
    "episode.milestone_reached": {"milestone": "permanent-housing", "reached_at": "2026-03-01T06:00:00Z"},
    "episode.exited": {"destination": "rented-home", "outcome": "completed"},
    "episode.corrected": {"because": "wrong-amount", "amount": "2"},
    "episode.entered_in_error": {"reason": "wrong-entry"},
    "referral.offer_sent": {
        "offer_id": OFFER,
        "recipient": RECIPIENT,
        "service_id": SERVICE,
        "purpose": "coordination",
        "data_classes": ["contact"],
        "respond_by": "2026-03-09T12:00:00Z",
        "consent_id": CONSENT,
    },
    "referral.offer_viewed": {**_OFFER, "by": "person"},
    "referral.offer_accepted": _OFFER,
    "referral.offer_declined": {**_OFFER, "reason": "no-capacity"},
    "referral.service_started": _OFFER,
    "referral.outcome_recorded": {**_OFFER, "outcome": "delivered", "outputs": [{"kind": "bed-night", "amount": "3"}]},
    "referral.outcome_acknowledged": _OFFER,
    "initiative.opened": {"name": "Riverbend Together", "zone": "America/Chicago", "backbone": "backbone"},
    "initiative.policy_set": {},
    "initiative.codelist_published": {"codelist": "need", "entries": [{"code": "shelter", "label": "Shelter"}]},
    "initiative.backfill_opened": {
        "backfill_id": ident("backfill"),
        "partners": [SENDER],
        "from": "2023-01-01T00:00:00Z",
        "until": "2026-01-01T00:00:00Z",
        "reason": "history",
    },
    "initiative.backfill_closed": {"backfill_id": ident("backfill")},
    "partner.joined": {"name": "The Clinic", "sector": "health", "reporting": "client-level"},
    "partner.agreement_signed": {
        "agreement_id": ident("agreement"),
        "version": "2026-1",
        "signed_at": "2026-01-01T00:00:00Z",
    },
    "partner.profile_changed": {},
    "partner.service_published": {
        "service_id": SERVICE,
        "name": "Night shelter",
        "needs": ["shelter"],
        "accepts_referrals": True,
        "programme_class": "general",
    },
    "partner.service_changed": {"service_id": SERVICE},
    "partner.capacity_reported": {"service_id": SERVICE, "status": "capacity"},
    "partner.role_assigned": {"person_id": ident("person"), "role": "staff"},
    "partner.role_ended": {"person_id": ident("person"), "role": "staff"},
    "partner.suspended": {},
    "partner.reinstated": {},
    "partner.left": {},
    "partner.succeeded_by": {"successor": RECIPIENT},
    "partner.service_retired": {"service_id": SERVICE},
    "disclosure.opened": {"reader": RECIPIENT, "purpose": "coordination", "fields": ["details"]},
    "disclosure.broke_glass": {"reader": system("operator"), "purpose": "emergency", "fields": ["details"]},
    "disclosure.exported": {"reader": RECIPIENT, "purpose": "care", "fields": ["id", "status"], "filters": ["status"]},
    "admission.refused": {"claimed_source": partner(SENDER), "code": "not-found", "count": 1},
}
#: What admission looked up, where a rule would else think the worst.
_ADMITTED: dict[str, dict[str, Any]] = {"referral.offer_sent": {"programme_class": "general", "protected": False}}


@dataclass
class Told:
    """Says events one after another, each with an id of its own; the attributes are what is not said."""

    client: str = CLIENT
    referral: str = REFERRAL
    initiative: str = INITIATIVE
    sender: str = SENDER
    recipient: str = RECIPIENT
    count: int = field(default=0, init=False)

    def __call__(self, name: str, /, **data: Any) -> Event:
        """Return the event of this short name; keys that name an attribute (source, subject, time, …) set it."""
        self.count += 1
        full = NAMES[name]
        envelope: dict[str, Any] = {
            "id": ident(f"{self.client} event {self.count}"),
            "source": self._source(name),
            "subject": self._subject(name),
            "time": NOON,
            "partitionkey": self.initiative if name.startswith(("initiative.", "partner.")) else self.client,
            "initiative": self.initiative,
        }
        if name in ("client.erased", "client.linked", "client.unlinked"):
            envelope |= {"actor": ident("coordinator"), "approver": ident("registrar")}
        envelope |= {key: data.pop(key) for key in list(data) if key in _ATTRIBUTES}
        body = _DATA[name] | data
        body["admitted"] = {
            "digest": _digest(envelope, body),
            "directory": 1,
            "door": "cli",
            **_ADMITTED.get(name, {}),
            **data.get("admitted", {}),
        }
        event = TYPES[full].model_validate({**envelope, "type": full, "data": body})
        return cast(Event, event)

    def _source(self, name: str) -> str:
        family, short = name.split(".")
        if name in _BY_SYSTEM or family in ("disclosure", "admission"):
            return system("init" if family == "initiative" else "vault")
        if short in _BY_CLOCK:
            return system("timekeeper")
        if family in ("initiative", "partner"):
            return partner("backbone")
        by_recipient = short in _BY_RECIPIENT or family == "episode"
        return partner(self.recipient if by_recipient else self.sender)

    def _subject(self, name: str) -> str:
        subjects = {
            "referral": self.referral,
            "episode": ident(f"{self.client} episode"),
            "initiative": self.initiative,
            "partner": self.sender,
        }
        return subjects.get(name.partition(".")[0], self.client)


_BY_SYSTEM = frozenset({"initiative.opened", "client.erased", "client.linked", "client.unlinked"})
_ATTRIBUTES = frozenset(
    {"id", "source", "subject", "time", "partitionkey", "initiative", "actor", "approver"}
    | {"latereason", "correlationid", "causationid"}
)


def _digest(envelope: dict[str, Any], body: dict[str, Any]) -> str:
    return sha256(repr((envelope, body)).encode()).hexdigest()


@dataclass(frozen=True)
class Line:
    """A record as a broker would hand it over."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]] = ()


def line(event: Event, offset: int, recorded: datetime = NOON) -> Line:
    """Return the record that holds the event."""
    return Line(offset, int(recorded.timestamp() * 1000), event.partitionkey.encode(), write(event))


def lines(events: Sequence[Event], start: int = 0, recorded: datetime = NOON) -> list[Line]:
    """Return the records that hold these events, one after another from offset `start`."""
    return [line(event, offset, recorded) for offset, event in enumerate(events, start)]
