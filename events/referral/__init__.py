"""A need and the offers made to meet it.  Topic cases; the subject is always the referral's id."""

from events.referral.need import Closed, HandoffReported, Need, Requested
from events.referral.offer import (
    OfferAccepted,
    OfferClaimed,
    OfferDeclined,
    OfferDiscarded,
    OfferDrafted,
    OfferInError,
    OfferRecalled,
    OfferSent,
    OfferViewed,
)
from events.referral.outcome import (
    ClientAnswered,
    ClientAsked,
    OutcomeAcknowledged,
    OutcomeCorrected,
    OutcomeRecorded,
    OutcomeReportedBySender,
    Output,
)
from events.referral.timed import Escalated, OfferExpired, Reminded
from events.referral.work import (
    CancelConfirmed,
    CancelRequested,
    ContactAttempted,
    PutOnHold,
    Resumed,
    ServiceStarted,
    Waitlisted,
    Withdrawn,
)

Event = (
    Requested
    | OfferDrafted
    | OfferSent
    | OfferDiscarded
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
    | HandoffReported
    | CancelRequested
    | CancelConfirmed
    | Withdrawn
    | OutcomeAcknowledged
    | ClientAsked
    | ClientAnswered
    | OutcomeCorrected
    | OfferInError
    | Closed
)

__all__ = [
    "CancelConfirmed",
    "CancelRequested",
    "ClientAnswered",
    "ClientAsked",
    "Closed",
    "ContactAttempted",
    "Escalated",
    "Event",
    "HandoffReported",
    "Need",
    "OfferAccepted",
    "OfferClaimed",
    "OfferDeclined",
    "OfferDiscarded",
    "OfferDrafted",
    "OfferExpired",
    "OfferInError",
    "OfferRecalled",
    "OfferSent",
    "OfferViewed",
    "OutcomeAcknowledged",
    "OutcomeCorrected",
    "OutcomeRecorded",
    "OutcomeReportedBySender",
    "Output",
    "PutOnHold",
    "Reminded",
    "Requested",
    "Resumed",
    "ServiceStarted",
    "Waitlisted",
    "Withdrawn",
]
