"""How offers ended: as the recipient recorded it, as the sender heard it, and as the client says."""

from typing import Annotated, Literal

from pydantic import Field

from events.envelope import CaseEnvelope
from events.fields import Amount, Code, Codelist, EnrolmentId, Flag, Payload, Sealed, Small
from events.referral.contact import Channel
from events.referral.offer import OfferBody

Result = Literal["delivered", "partly", "not-delivered"]
Reason = Annotated[Code, Codelist("outcome-reason")]


class Output(Payload):
    """What was given: a kind and how much of it, or an enrolment."""

    kind: Annotated[Code, Codelist("output-kind")]
    amount: Amount | None = None
    unit: Annotated[Code, Codelist("unit")] | None = None
    enrolment_id: EnrolmentId | None = None


class OutcomeRecordedBody(OfferBody):
    outcome: Result
    reason: Reason | None = None
    #: Contact attempts made, as the recipient states them.
    attempts: Small | None = None
    outputs: Annotated[tuple[Output, ...], Field(max_length=20)] = ()
    note: Sealed | None = None


class OutcomeRecorded(CaseEnvelope):
    """How the offer ended: delivered, in part, or not."""

    type: Literal["org.manyhands.referral.outcome_recorded.v1"]
    data: OutcomeRecordedBody


class OutcomeCorrectedBody(OutcomeRecordedBody):
    because: Annotated[Code, Codelist("correction-reason")]


class OutcomeCorrected(CaseEnvelope):
    """Whoever recorded the outcome says what it truly was; the earlier record stands beside it."""

    type: Literal["org.manyhands.referral.outcome_corrected.v1"]
    data: OutcomeCorrectedBody


class OutcomeAcknowledged(CaseEnvelope):
    """A person at the sender has seen how it ended."""

    type: Literal["org.manyhands.referral.outcome_acknowledged.v1"]
    data: OfferBody


class OutcomeReportedBody(OfferBody):
    outcome: Result
    reason: Reason | None = None
    heard_from: Literal["client", "partner"]


class OutcomeReportedBySender(CaseEnvelope):
    """The sender tells what it heard of the outcome: known, and never counted as served."""

    type: Literal["org.manyhands.referral.outcome_reported_by_sender.v1"]
    data: OutcomeReportedBody


class ClientAskedBody(OfferBody):
    channel: Channel


class ClientAsked(CaseEnvelope):
    """The client was asked whether the need was met."""

    type: Literal["org.manyhands.referral.client_asked.v1"]
    data: ClientAskedBody


class ClientAnsweredBody(OfferBody):
    need_met: Literal["yes", "partly", "no"]
    #: The client ends the consent that the offer was sent under.
    stop_sharing: Flag = False


class ClientAnswered(CaseEnvelope):
    """The client's answer, by their own link or relayed by staff; relayed answers are counted apart."""

    type: Literal["org.manyhands.referral.client_answered.v1"]
    data: ClientAnsweredBody
