"""A need and the offers made to meet it.  Topic cases; the subject is always the referral's id."""

from typing import Annotated, Literal

from pydantic import Field

from events.consent import DataClasses, Purpose
from events.envelope import Body, CaseEnvelope
from events.fields import (
    Amount,
    Code,
    Codelist,
    ConsentId,
    Deadline,
    EnrolmentId,
    OfferId,
    PartnerId,
    Payload,
    Sealed,
    ServiceId,
    Small,
)


class Need(Payload):
    """What is needed, as a code of a taxonomy."""

    taxonomy: Annotated[Code, Codelist("taxonomy")]
    code: Annotated[Code, Codelist("need")]


class RequestedBody(Body):
    need: Need
    area: Annotated[Code, Codelist("area")] | None = None
    urgency: Literal["routine", "soon", "urgent", "emergency"]
    programme: Annotated[Code, Codelist("programme")] | None = None
    details: Sealed | None = None


class Requested(CaseEnvelope):
    """A partner (from now on the sender) states a client's need."""

    type: Literal["org.manyhands.referral.requested.v1"]
    data: RequestedBody


class OfferSentBody(Body):
    offer_id: OfferId
    #: Exactly one of the two: a partner, or a class any member of which may claim.
    recipient: PartnerId | None = None
    to_class: Annotated[Code, Codelist("partner-class")] | None = None
    service_id: ServiceId
    purpose: Purpose
    data_classes: DataClasses
    respond_by: Deadline
    consent_id: ConsentId
    #: The offer of the same referral that this one takes the place of.
    replaces: OfferId | None = None
    #: Why a second open offer for the same client and service is meant.
    duplicate_reason: Annotated[Code, Codelist("duplicate-reason")] | None = None
    details: Sealed | None = None


class OfferSent(CaseEnvelope):
    """The sender asks one partner's service to meet the need."""

    type: Literal["org.manyhands.referral.offer_sent.v1"]
    data: OfferSentBody


class OfferBody(Body):
    offer_id: OfferId


class OfferViewedBody(OfferBody):
    by: Literal["person", "link", "system"]


class OfferViewed(CaseEnvelope):
    """The offer was looked at by the recipient: a person, somebody with a link, or only their system."""

    type: Literal["org.manyhands.referral.offer_viewed.v1"]
    data: OfferViewedBody


class OfferAcceptedBody(OfferBody):
    expected_by: Deadline | None = None


class OfferAccepted(CaseEnvelope):
    """The recipient takes the client on."""

    type: Literal["org.manyhands.referral.offer_accepted.v1"]
    data: OfferAcceptedBody


class OfferDeclinedBody(OfferBody):
    reason: Annotated[Code, Codelist("decline-reason")]
    note: Sealed | None = None
    suggested_partners: Annotated[tuple[PartnerId, ...], Field(max_length=10)] = ()


class OfferDeclined(CaseEnvelope):
    """The recipient does not take the client on, and says why."""

    type: Literal["org.manyhands.referral.offer_declined.v1"]
    data: OfferDeclinedBody


class ServiceStarted(CaseEnvelope):
    """The recipient has begun to serve the client."""

    type: Literal["org.manyhands.referral.service_started.v1"]
    data: OfferBody


class Output(Payload):
    """What was given: a kind and how much of it, or an enrolment."""

    kind: Annotated[Code, Codelist("output-kind")]
    amount: Amount | None = None
    unit: Annotated[Code, Codelist("unit")] | None = None
    enrolment_id: EnrolmentId | None = None


class OutcomeRecordedBody(OfferBody):
    outcome: Literal["delivered", "partly", "not-delivered"]
    reason: Annotated[Code, Codelist("outcome-reason")] | None = None
    #: Contact attempts made, as the recipient states them.
    attempts: Small | None = None
    outputs: Annotated[tuple[Output, ...], Field(max_length=20)] = ()
    note: Sealed | None = None


class OutcomeRecorded(CaseEnvelope):
    """How the offer ended: delivered, in part, or not."""

    type: Literal["org.manyhands.referral.outcome_recorded.v1"]
    data: OutcomeRecordedBody


class OutcomeAcknowledged(CaseEnvelope):
    """A person at the sender has seen how it ended."""

    type: Literal["org.manyhands.referral.outcome_acknowledged.v1"]
    data: OfferBody


Event = (
    Requested
    | OfferSent
    | OfferViewed
    | OfferAccepted
    | OfferDeclined
    | ServiceStarted
    | OutcomeRecorded
    | OutcomeAcknowledged
)
