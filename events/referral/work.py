"""What a recipient tells of its work on an offer, and how the two sides part."""

from typing import Annotated, Literal

from events.envelope import CaseEnvelope
from events.fields import Code, Codelist, Deadline, Instant
from events.referral.contact import Channel, Result
from events.referral.offer import OfferBody, PromiseBody


class ContactAttemptedBody(OfferBody):
    channel: Channel
    result: Result


class ContactAttempted(CaseEnvelope):
    """The recipient tried to reach the client."""

    type: Literal["org.manyhands.referral.contact_attempted.v1"]
    data: ContactAttemptedBody


class ServiceStarted(CaseEnvelope):
    """The recipient has begun to serve the client."""

    type: Literal["org.manyhands.referral.service_started.v1"]
    data: OfferBody


class WaitlistedBody(PromiseBody):
    #: When the recipient expects to have room.
    expected_by: Deadline | None = None


class Waitlisted(CaseEnvelope):
    """The client waits for a place at the recipient; said again, it is a new estimate."""

    type: Literal["org.manyhands.referral.waitlisted.v1"]
    data: WaitlistedBody


class PutOnHoldBody(OfferBody):
    reason: Annotated[Code, Codelist("hold-reason")]


class PutOnHold(CaseEnvelope):
    """The work rests, and will go on."""

    type: Literal["org.manyhands.referral.put_on_hold.v1"]
    data: PutOnHoldBody


class Resumed(CaseEnvelope):
    """The work goes on after it rested."""

    type: Literal["org.manyhands.referral.resumed.v1"]
    data: OfferBody


class CancelRequestedBody(OfferBody):
    reason: Annotated[Code, Codelist("recall-reason")]


class CancelRequested(CaseEnvelope):
    """The sender asks to cancel what was accepted; the recipient confirms it, or says how it ended instead."""

    type: Literal["org.manyhands.referral.cancel_requested.v1"]
    data: CancelRequestedBody


class CancelConfirmedBody(OfferBody):
    #: The offer's own, where the clock confirms it as the recipient does not answer.
    deadline: Instant | None = None


class CancelConfirmed(CaseEnvelope):
    """The offer is cancelled as its sender asked."""

    type: Literal["org.manyhands.referral.cancel_confirmed.v1"]
    data: CancelConfirmedBody


#: Reasons that the clock gives: of whoever was asked, of whoever asked, and of the person's consent.
RECIPIENT_GONE = ("partner-left", "partner-suspended")
SENDER_GONE = ("sender-left", "sender-suspended")
CONSENT_OVER = "consent-expired"
BY_CLOCK = (*RECIPIENT_GONE, *SENDER_GONE, CONSENT_OVER)


class WithdrawnBody(OfferBody):
    reason: Annotated[Code, Codelist("withdraw-reason")]
    #: When the person's consent ran out, where the clock says it for that.
    deadline: Instant | None = None


class Withdrawn(CaseEnvelope):
    """The recipient cannot go on with what it accepted.

    The clock says it in the place of a partner that takes no part any more, and of a consent that ran out.
    """

    type: Literal["org.manyhands.referral.withdrawn.v1"]
    data: WithdrawnBody
