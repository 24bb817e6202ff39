"""Every rule of referrals with its number; a changed rule is added with a number and a date of its own."""

from events.catalogue import type_of
from events.client import Erased, Registered
from events.consent import EnteredInError, Granted, Narrowed, Revoked
from events.referral import (
    OfferAccepted,
    OfferDeclined,
    OfferSent,
    OfferViewed,
    OutcomeAcknowledged,
    OutcomeRecorded,
    Requested,
    ServiceStarted,
)
from projections.referral.rules.client import erased, registered
from projections.referral.rules.consent import consent_granted, consent_in_error, consent_narrowed, consent_revoked
from projections.referral.rules.offer import offer_moved, offer_sent, outcome_recorded, requested
from projections.rulebook import Rule, Rulebook

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
        Rule(10, type_of(OfferAccepted), offer_moved),
        Rule(11, type_of(OfferDeclined), offer_moved),
        Rule(12, type_of(ServiceStarted), offer_moved),
        Rule(13, type_of(OutcomeRecorded), outcome_recorded),
        Rule(14, type_of(OutcomeAcknowledged), offer_moved),
    )
)
