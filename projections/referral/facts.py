"""What an event means to the offer it speaks of."""

from collections.abc import Mapping
from types import MappingProxyType

from events.authority import SYSTEM
from events.referral import (
    CancelConfirmed,
    CancelRequested,
    ClientAnswered,
    ClientAsked,
    ContactAttempted,
    Escalated,
    OfferAccepted,
    OfferClaimed,
    OfferDeclined,
    OfferExpired,
    OfferInError,
    OfferRecalled,
    OfferSent,
    OfferViewed,
    OutcomeAcknowledged,
    OutcomeCorrected,
    OutcomeRecorded,
    OutcomeReportedBySender,
    PutOnHold,
    Reminded,
    Resumed,
    ServiceStarted,
    Waitlisted,
    Withdrawn,
)
from events.referral.work import CONSENT_OVER, SENDER_GONE
from projections.referral.transitions import Fact

#: The events that speak of one offer that was sent, the sending included.
OfferEvent = (
    OfferSent
    | OfferRecalled
    | OfferViewed
    | OfferAccepted
    | OfferClaimed
    | OfferDeclined
    | OfferExpired
    | Reminded
    | Escalated
    | ContactAttempted
    | ServiceStarted
    | Waitlisted
    | PutOnHold
    | Resumed
    | OutcomeRecorded
    | OutcomeReportedBySender
    | CancelRequested
    | CancelConfirmed
    | Withdrawn
    | OutcomeAcknowledged
    | ClientAsked
    | ClientAnswered
    | OutcomeCorrected
    | OfferInError
)


def fact_of(event: OfferEvent) -> Fact:
    """Return what the event means to its offer."""
    fact = _FACT.get(type(event))
    if fact is not None:
        return fact
    match event:
        case OfferViewed():
            return "fetched" if event.data.by == "system" else "viewed"
        case OutcomeRecorded():
            return _OUTCOME_FACT[event.data.outcome]
        case OutcomeCorrected():
            return _CORRECTED_FACT[event.data.outcome]
        case CancelConfirmed():
            return "cancel-unanswered" if event.source.startswith(SYSTEM) else "cancelled"
        case Withdrawn():
            by_clock = event.source.startswith(SYSTEM)
            return _BY_CLOCK.get(event.data.reason, "recipient-left") if by_clock else "withdrawn"
        case _:
            raise LookupError(f"{event.type} means nothing to an offer")


#: Of the events that always mean the same.
_FACT: Mapping[type[OfferEvent], Fact] = MappingProxyType(
    {
        OfferSent: "sent",
        OfferRecalled: "recalled",
        OfferAccepted: "accepted",
        OfferClaimed: "claimed",
        OfferDeclined: "declined",
        OfferExpired: "expired",
        Reminded: "reminded",
        Escalated: "escalated",
        ContactAttempted: "contacted",
        ServiceStarted: "started",
        Waitlisted: "waitlisted",
        PutOnHold: "held",
        Resumed: "resumed",
        OutcomeReportedBySender: "heard",
        CancelRequested: "cancel-asked",
        OutcomeAcknowledged: "acknowledged",
        ClientAsked: "client-asked",
        ClientAnswered: "client-answered",
        OfferInError: "entered-in-error",
    }
)
#: What a withdrawal means by its reason, where the clock says it.
_BY_CLOCK: Mapping[str, Fact] = MappingProxyType(
    {**dict.fromkeys(SENDER_GONE, "sender-left"), CONSENT_OVER: "consent-expired"}
)
_OUTCOME_FACT: Mapping[str, Fact] = MappingProxyType(
    {"delivered": "delivered", "partly": "partly-delivered", "not-delivered": "not-delivered"}
)
_CORRECTED_FACT: Mapping[str, Fact] = MappingProxyType(
    {
        "delivered": "corrected-to-delivered",
        "partly": "corrected-to-partly",
        "not-delivered": "corrected-to-not-delivered",
    }
)
