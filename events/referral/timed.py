"""Time passing, said as events: the timekeeper names the offer's own deadline, and no clock is asked again."""

from typing import Literal

from events.envelope import CaseEnvelope
from events.fields import Instant
from events.referral.offer import OfferBody


class TimedBody(OfferBody):
    deadline: Instant


class OfferExpired(CaseEnvelope):
    """Nobody answered the offer in its time; it may still be accepted until it is replaced."""

    type: Literal["org.manyhands.referral.offer_expired.v1"]
    data: TimedBody


class Reminded(CaseEnvelope):
    """The recipient is reminded that an answer, or the service, is due."""

    type: Literal["org.manyhands.referral.reminded.v1"]
    data: TimedBody


class Escalated(CaseEnvelope):
    """The sender is told that there is no answer yet, or that what was promised has not begun."""

    type: Literal["org.manyhands.referral.escalated.v1"]
    data: TimedBody
