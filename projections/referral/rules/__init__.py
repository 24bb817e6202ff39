"""Every rule of referrals with its number; a changed rule is added with a number and a date of its own."""

from datetime import UTC, datetime

from events.catalogue import type_of
from events.client import Erased, Linked, Registered, Unlinked
from events.consent import EnteredInError, Granted, Narrowed, Revoked
from events.episode import Corrected, Enrolled, EpisodeInError, Exited, MilestoneReached, ServiceDelivered
from events.referral import (
    CancelConfirmed,
    CancelRequested,
    ClientAnswered,
    ClientAsked,
    Closed,
    ContactAttempted,
    Escalated,
    HandoffReported,
    OfferAccepted,
    OfferClaimed,
    OfferDeclined,
    OfferDiscarded,
    OfferDrafted,
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
    Requested,
    Resumed,
    ServiceStarted,
    Waitlisted,
    Withdrawn,
)
from projections.referral.rules.answer import (
    cancel_confirmed,
    client_answered,
    escalated,
    offer_accepted,
    offer_accepted_in_force,
    offer_claimed,
    offer_expired,
    offer_moved,
    outcome_heard,
    outcome_recorded,
    reminded,
    withdrawn,
    withdrawn_late,
)
from projections.referral.rules.client import erased, linked, registered, unlinked
from projections.referral.rules.consent import (
    consent_granted,
    consent_in_error,
    consent_narrowed,
    consent_narrowed_untold,
    consent_revoked,
)
from projections.referral.rules.episode import corrected, enrolled, in_error, told_while_enrolled
from projections.referral.rules.need import closed, offer_discarded, offer_drafted, offer_drafted_here, requested
from projections.referral.rules.offer import offer_sent, offer_sent_or_opened, offer_sent_untold
from projections.rulebook import Rule, Rulebook

#: From then on an offer may be made to a class; before, every offer had to name its recipient.
OPENED = datetime(2026, 11, 28, tzinfo=UTC)
#: From then on nothing is accepted under a consent that ran out; before, it only showed nothing any more.
LASTING = datetime(2026, 11, 28, tzinfo=UTC)
#: From then on nothing is prepared of a need that was arranged outside.
OUTSIDE = datetime(2026, 11, 28, tzinfo=UTC)
#: From then on no answer tells whom a consent names that speaks of a protected programme.
UNTOLD = datetime(2026, 11, 29, tzinfo=UTC)
#: From then on the clock takes back what ran out, too, when its sender is gone; before, it could be answered late.
DESERTED = datetime(2026, 11, 29, tzinfo=UTC)

RULES = Rulebook(
    (
        Rule(1, type_of(Registered), registered),
        Rule(2, type_of(Erased), erased),
        Rule(3, type_of(Granted), consent_granted),
        Rule(4, type_of(Narrowed), consent_narrowed),
        Rule(5, type_of(Revoked), consent_revoked),
        Rule(6, type_of(EnteredInError), consent_in_error),
        Rule(7, type_of(Requested), requested),
        Rule(8, type_of(OfferSent), offer_sent),
        Rule(9, type_of(OfferViewed), offer_moved),
        Rule(10, type_of(OfferAccepted), offer_accepted),
        Rule(11, type_of(OfferDeclined), offer_moved),
        Rule(12, type_of(ServiceStarted), offer_moved),
        Rule(13, type_of(OutcomeRecorded), outcome_recorded),
        Rule(14, type_of(OutcomeAcknowledged), offer_moved),
        Rule(15, type_of(OfferSent), offer_sent_or_opened, since=OPENED),
        Rule(16, type_of(OfferDrafted), offer_drafted),
        Rule(17, type_of(OfferDiscarded), offer_discarded),
        Rule(18, type_of(OfferRecalled), offer_moved),
        Rule(19, type_of(OfferClaimed), offer_claimed),
        Rule(20, type_of(OfferExpired), offer_expired),
        Rule(21, type_of(Reminded), reminded),
        Rule(22, type_of(Escalated), escalated),
        Rule(23, type_of(ContactAttempted), offer_moved),
        Rule(24, type_of(Waitlisted), offer_moved),
        Rule(25, type_of(PutOnHold), offer_moved),
        Rule(26, type_of(Resumed), offer_moved),
        Rule(27, type_of(OutcomeReportedBySender), outcome_heard),
        Rule(28, type_of(HandoffReported), requested),
        Rule(29, type_of(CancelRequested), offer_moved),
        Rule(30, type_of(CancelConfirmed), cancel_confirmed),
        Rule(31, type_of(Withdrawn), withdrawn),
        Rule(32, type_of(ClientAsked), offer_moved),
        Rule(33, type_of(ClientAnswered), client_answered),
        Rule(34, type_of(OutcomeCorrected), outcome_recorded),
        Rule(35, type_of(OfferInError), offer_moved),
        Rule(36, type_of(Closed), closed),
        Rule(37, type_of(Linked), linked),
        Rule(38, type_of(Unlinked), unlinked),
        Rule(39, type_of(Enrolled), enrolled),
        Rule(40, type_of(ServiceDelivered), told_while_enrolled),
        Rule(41, type_of(MilestoneReached), told_while_enrolled),
        Rule(42, type_of(Exited), told_while_enrolled),
        Rule(43, type_of(Corrected), corrected),
        Rule(44, type_of(EpisodeInError), in_error),
        Rule(45, type_of(OfferAccepted), offer_accepted_in_force, since=LASTING),
        Rule(46, type_of(OfferDrafted), offer_drafted_here, since=OUTSIDE),
        Rule(47, type_of(OfferSent), offer_sent_untold, since=UNTOLD),
        Rule(48, type_of(Narrowed), consent_narrowed_untold, since=UNTOLD),
        Rule(49, type_of(Withdrawn), withdrawn_late, since=DESERTED),
    )
)
