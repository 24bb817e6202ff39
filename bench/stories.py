"""One client's story in events: registered, consent, a need, offers and how they ended.

Every event is legal and stands as admission would have left it on the log, so engines that judge have
real work to do.  Ids are random UUIDs; sealed details are random bytes of a sealed text's length.
"""

from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Any, TypeVar
from uuid import UUID

from events import client, consent
from events.catalogue import CaseEvent, type_of
from events.client import Registered
from events.consent import Granted, Recipients
from events.envelope import Admitted, Body, Envelope
from events.fields import Sealed
from events.referral import (
    Need,
    OfferAccepted,
    OfferDeclined,
    OfferSent,
    OfferViewed,
    OutcomeAcknowledged,
    OutcomeRecorded,
    Output,
    Requested,
    ServiceStarted,
    need,
    offer,
    outcome,
)

E = TypeVar("E", bound=Envelope)

INITIATIVE = "harbour-county"
PARTNERS = tuple(f"partner-{number:02}" for number in range(30))
NEEDS = ("food", "housing", "childcare", "transport", "legal", "employment")
AREAS = tuple(f"district-{number}" for number in range(1, 9))
HAPPENED = datetime(2025, 3, 3, 9, 30, tzinfo=UTC)
#: As it was admitted: the day that the recipient names, and two weeks on.
STARTING = offer.Starting(
    start_by=datetime(2030, 3, 17, 22, 59, 59, tzinfo=UTC), escalate_at=datetime(2030, 3, 31, 21, 59, 59, tzinfo=UTC)
)
RESPOND_BY = datetime(2030, 3, 17, 22, 59, 59, tzinfo=UTC)
#: A text of up to 252 bytes, padded to 256, with its tag.
SEALED_BYTES = 272
SEALED_SHARE, DECLINED_SHARE, UNMET_SHARE, CORRELATED_SHARE = 0.5, 0.15, 0.1, 0.7


def uuid(random: Random) -> str:
    """Return a random UUID."""
    return str(UUID(int=random.getrandbits(128), version=4))


def _text(random: Random, count: int) -> str:
    return urlsafe_b64encode(random.randbytes(count)).decode().rstrip("=")


def _sealed(random: Random) -> Sealed | None:
    if random.random() >= SEALED_SHARE:
        return None
    return Sealed(v=1, alg="A256GCM", kid=_text(random, 16), nonce=_text(random, 12), ct=_text(random, SEALED_BYTES))


def _admitted(random: Random, **looked_up: Any) -> Admitted:
    return Admitted(digest=random.randbytes(32).hex(), directory=412, door="cli", **looked_up)


@dataclass(frozen=True)
class Story:
    """A client, the partner that asks and what it asks for; `said` wraps a payload into its envelope."""

    random: Random
    client_id: str
    referral_id: str
    sender: str

    def said(self, kind: type[E], partner: str, subject: str, data: Body) -> E:
        """Return the event of this kind that the partner says about the subject."""
        build: Callable[..., E] = kind
        return build(
            type=type_of(kind),
            id=uuid(self.random),
            source=f"urn:manyhands:partner:{partner}",
            subject=subject,
            time=HAPPENED,
            partitionkey=self.client_id,
            initiative=INITIATIVE,
            actor=uuid(self.random),
            correlationid=uuid(self.random) if self.random.random() < CORRELATED_SHARE else None,
            data=data,
        )


def story(random: Random) -> Iterator[CaseEvent]:
    """Yield one client's events in order: 4 to 14 of them."""
    sender, *recipients = random.sample(PARTNERS, 3)
    told = Story(random, uuid(random), uuid(random), sender)
    consent_id = uuid(random)
    yield from _opened(told, recipients, consent_id)
    if random.random() < DECLINED_SHARE:
        offer = _offer(told, recipients[0], consent_id, None)
        yield offer
        yield from _declined(told, recipients[0], offer.data.offer_id)
        again = _offer(told, recipients[1], consent_id, offer.data.offer_id)
        yield again
        yield from _served(told, recipients[1], again.data.offer_id)
    else:
        offer = _offer(told, recipients[0], consent_id, None)
        yield offer
        yield from _served(told, recipients[0], offer.data.offer_id)


def _opened(told: Story, recipients: list[str], consent_id: str) -> Iterator[CaseEvent]:
    random = told.random
    registered = client.RegisteredBody(
        admitted=_admitted(random), categories=("age-25-44", "family"), details=_sealed(random)
    )
    yield told.said(Registered, told.sender, told.client_id, registered)
    granted = consent.GrantedBody(
        admitted=_admitted(random),
        consent_id=consent_id,
        recipients=Recipients(partners=tuple(recipients)),
        purposes=("coordination",),
        data_classes=("contact", "need"),
        subject_capacity="adult",
        redisclosure="none",
        conditioned_on_service=False,
        valid_from=HAPPENED,
        form="paper-2026-1",
    )
    yield told.said(Granted, told.sender, told.client_id, granted)
    requested = need.RequestedBody(
        admitted=_admitted(random),
        need=Need(taxonomy="open-eligibility", code=random.choice(NEEDS)),
        area=random.choice(AREAS),
        urgency="soon",
        details=_sealed(random),
    )
    yield told.said(Requested, told.sender, told.referral_id, requested)


def _offer(told: Story, recipient: str, consent_id: str, replaces: str | None) -> OfferSent:
    random = told.random
    looked_up = _admitted(
        random,
        programme_class="general",
        protected=False,
        recipient_classes=("shelter",),
        recipient_networks=("county",),
    )
    sent = offer.OfferSentBody(
        admitted=looked_up,
        offer_id=uuid(random),
        recipient=recipient,
        service_id=uuid(random),
        purpose="coordination",
        data_classes=("contact", "need"),
        respond_by=RESPOND_BY,
        consent_id=consent_id,
        replaces=replaces,
        details=_sealed(random),
    )
    return told.said(OfferSent, told.sender, told.referral_id, sent)


def _viewed(told: Story, recipient: str, offer_id: str) -> CaseEvent:
    seen = offer.OfferViewedBody(admitted=_admitted(told.random), offer_id=offer_id, by="person")
    return told.said(OfferViewed, recipient, told.referral_id, seen)


def _declined(told: Story, recipient: str, offer_id: str) -> Iterator[CaseEvent]:
    yield _viewed(told, recipient, offer_id)
    body = offer.OfferDeclinedBody(
        admitted=_admitted(told.random), offer_id=offer_id, reason="no-capacity", note=_sealed(told.random)
    )
    yield told.said(OfferDeclined, recipient, told.referral_id, body)


def _served(told: Story, recipient: str, offer_id: str) -> Iterator[CaseEvent]:
    random = told.random
    yield _viewed(told, recipient, offer_id)
    digest = random.randbytes(32).hex()
    promised = offer.AdmittedPromise(digest=digest, directory=412, door="cli", starting=(STARTING,))
    accepted = offer.OfferAcceptedBody(admitted=promised, offer_id=offer_id, expected_by=RESPOND_BY)
    yield told.said(OfferAccepted, recipient, told.referral_id, accepted)
    started = offer.OfferBody(admitted=_admitted(random), offer_id=offer_id)
    yield told.said(ServiceStarted, recipient, told.referral_id, started)
    yield told.said(OutcomeRecorded, recipient, told.referral_id, _outcome(random, offer_id))
    last = offer.OfferBody(admitted=_admitted(random), offer_id=offer_id)
    yield told.said(OutcomeAcknowledged, told.sender, told.referral_id, last)


def _outcome(random: Random, offer_id: str) -> outcome.OutcomeRecordedBody:
    shared: dict[str, Any] = {"admitted": _admitted(random), "offer_id": offer_id, "note": _sealed(random)}
    if random.random() < UNMET_SHARE:
        return outcome.OutcomeRecordedBody(outcome="not-delivered", reason="client-withdrew", **shared)
    served = Output(kind="service", amount="1", unit="visit")
    return outcome.OutcomeRecordedBody(outcome="delivered", outputs=(served,), **shared)
