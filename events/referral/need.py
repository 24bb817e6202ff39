"""A need, opened and closed by its sender, and what was arranged for it outside."""

from typing import Annotated, Literal

from events.envelope import Body, CaseEnvelope
from events.fields import Code, Codelist, OfferId, Payload, Sealed
from events.referral.contact import Channel

Area = Annotated[Code, Codelist("area")]
Urgency = Literal["routine", "soon", "urgent", "emergency"]


class Need(Payload):
    """What is needed, as a code of a taxonomy."""

    taxonomy: Annotated[Code, Codelist("taxonomy")]
    code: Annotated[Code, Codelist("need")]


class RequestedBody(Body):
    need: Need
    area: Area | None = None
    urgency: Urgency
    programme: Annotated[Code, Codelist("programme")] | None = None
    details: Sealed | None = None


class Requested(CaseEnvelope):
    """A partner (from now on the sender) states a client's need."""

    type: Literal["org.manyhands.referral.requested.v1"]
    data: RequestedBody


class HandoffReportedBody(Body):
    #: Names the attempt, so that its sender can say later what they heard of it.
    offer_id: OfferId
    need: Need
    area: Area | None = None
    urgency: Urgency
    channel: Channel
    #: What kind of organisation it went to.
    sector: Annotated[Code, Codelist("sector")] | None = None
    details: Sealed | None = None


class HandoffReported(CaseEnvelope):
    """The sender referred the client to somebody outside, by other means; told apart in every figure."""

    type: Literal["org.manyhands.referral.handoff_reported.v1"]
    data: HandoffReportedBody


class ClosedBody(Body):
    disposition: Annotated[Code, Codelist("close-reason")]


class Closed(CaseEnvelope):
    """The sender makes no further attempt for this need."""

    type: Literal["org.manyhands.referral.closed.v1"]
    data: ClosedBody
