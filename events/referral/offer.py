"""An offer, one attempt to meet a need: made by the sender, answered by whom it was made to."""

from typing import Annotated, Literal

from pydantic import Field

from events.consent import DataClasses, Purpose
from events.envelope import Admitted, Body, CaseEnvelope
from events.fields import Code, Codelist, ConsentId, Deadline, Instant, OfferId, PartnerId, Payload, Sealed, ServiceId

PartnerClass = Annotated[Code, Codelist("partner-class")]
RecallReason = Annotated[Code, Codelist("recall-reason")]


class OfferBody(Body):
    offer_id: OfferId


class OfferDraftedBody(OfferBody):
    recipient: PartnerId | None = None
    to_class: PartnerClass | None = None
    service_id: ServiceId | None = None
    details: Sealed | None = None


class OfferDrafted(CaseEnvelope):
    """The sender prepares an offer; nobody else is told."""

    type: Literal["org.manyhands.referral.offer_drafted.v1"]
    data: OfferDraftedBody


class OfferSentBody(OfferBody):
    #: Exactly one of the two: a partner, or a class any member of which may claim.
    recipient: PartnerId | None = None
    to_class: PartnerClass | None = None
    #: The recipient's service; of an offer to a class, an id by which its sender knows what was asked for.
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
    """The sender asks one partner's service to meet the need, or whoever of a class claims it first."""

    type: Literal["org.manyhands.referral.offer_sent.v1"]
    data: OfferSentBody


class OfferViewedBody(OfferBody):
    by: Literal["person", "link", "system"]


class OfferViewed(CaseEnvelope):
    """The offer was looked at by the recipient: a person, somebody with a link, or only their system."""

    type: Literal["org.manyhands.referral.offer_viewed.v1"]
    data: OfferViewedBody


class Starting(Payload):
    """When a service that was promised is to have begun, and when its sender is told that it has not."""

    #: Of these services, as they have days of their own; of every other one where it names none.
    services: Annotated[tuple[ServiceId, ...], Field(max_length=500)] = ()
    start_by: Instant
    escalate_at: Instant


class AdmittedPromise(Admitted):
    #: By service: of what is accepted, admission does not know which one was asked for.
    starting: Annotated[tuple[Starting, ...], Field(max_length=251)] | None = None


class PromiseBody(OfferBody):
    """A service is promised: where its recipient names no day, the policy's days count from then."""

    admitted: AdmittedPromise


class OfferAcceptedBody(PromiseBody):
    expected_by: Deadline | None = None


class OfferAccepted(CaseEnvelope):
    """The recipient takes the client on."""

    type: Literal["org.manyhands.referral.offer_accepted.v1"]
    data: OfferAcceptedBody


class OfferClaimedBody(PromiseBody):
    service_id: ServiceId
    expected_by: Deadline | None = None


class OfferClaimed(CaseEnvelope):
    """A member of the class that was asked takes the client on; the first valid claim counts."""

    type: Literal["org.manyhands.referral.offer_claimed.v1"]
    data: OfferClaimedBody


class OfferDeclinedBody(OfferBody):
    reason: Annotated[Code, Codelist("decline-reason")]
    note: Sealed | None = None
    suggested_partners: Annotated[tuple[PartnerId, ...], Field(max_length=10)] = ()


class OfferDeclined(CaseEnvelope):
    """The recipient does not take the client on, and says why."""

    type: Literal["org.manyhands.referral.offer_declined.v1"]
    data: OfferDeclinedBody


class OfferTakenBackBody(OfferBody):
    reason: RecallReason


class OfferDiscarded(CaseEnvelope):
    """The sender throws a draft away."""

    type: Literal["org.manyhands.referral.offer_discarded.v1"]
    data: OfferTakenBackBody


class OfferRecalled(CaseEnvelope):
    """The sender takes back an offer that nobody has answered."""

    type: Literal["org.manyhands.referral.offer_recalled.v1"]
    data: OfferTakenBackBody


class OfferInErrorBody(OfferBody):
    reason: Annotated[Code, Codelist("error-reason")]
    note: Sealed | None = None


class OfferInError(CaseEnvelope):
    """The offer should never have been made: its sender says so, and its row stays."""

    type: Literal["org.manyhands.referral.entered_in_error.v1"]
    data: OfferInErrorBody
