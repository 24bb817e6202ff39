"""Anything said by anybody in any order: what must hold whatever comes."""

from datetime import timedelta
from typing import Any, get_args

from hypothesis import settings
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from events.catalogue import CaseEvent, Event, short, type_of
from events.client import Erased
from events.consent import EnteredInError, Revoked
from projections.referral import REFERRAL
from projections.referral.state import Client, Offer, Referral, consent_of
from projections.referral.status import standing_of
from projections.referral.transitions import MOVES, OPEN
from projections.ruling import Refused
from tests.support.events import CONSENT, NOON, OFFER, SERVICE, Told, ident, partner, system
from tests.support.events import REFERRAL as REFERRAL_ID
from tests.support.story import History

#: What ends a story has rules of its own, or no story would get far.
ENDS = (Erased, Revoked, EnteredInError)
NAMES = tuple(short(type_of(event)) for event in get_args(CaseEvent) if event not in ENDS)
ANSWERS = (
    "referral.offer_viewed",
    "referral.offer_accepted",
    "referral.offer_declined",
    "referral.service_started",
    "referral.outcome_recorded",
)
OFFER_NAMES = tuple(name for name in NAMES if name.startswith("referral."))
REFERRALS = some.sampled_from((REFERRAL_ID, ident("second need")))
OFFERS = some.sampled_from((OFFER, *(ident(f"offer {number}") for number in range(5))))
CONSENTS = some.sampled_from((CONSENT, ident("consent 2"), ident("consent 3")))
PARTNERS = some.sampled_from(("clinic", "shelter", "pantry"))
SOURCES = some.sampled_from((partner("clinic"), partner("shelter"), partner("pantry"), system("vault")))
RECIPIENTS = some.sampled_from(({"partners": ["shelter"]}, {"partners": ["shelter", "pantry"]}))
OUTCOMES = some.sampled_from(
    (
        {},
        {"outcome": "partly"},
        {"outcome": "delivered", "outputs": []},
        {"outcome": "not-delivered", "outputs": []},
        {"outcome": "not-delivered", "outputs": [], "reason": "no-show"},
        {"outcome": "not-delivered", "outputs": [], "reason": "unable-to-contact", "attempts": 1},
    )
)
REACHABLE = {(move.to, move.detail) for move in MOVES if move.to}


class Anything(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.told = Told()
        self.history = History(REFERRAL)
        self.applied: list[tuple[Event, timedelta]] = []
        self.say("client.registered")
        self.say("consent.granted", recipients={"partners": ["shelter", "pantry"]})
        self.say("referral.requested")
        self.say("referral.offer_sent")
        self.say("referral.offer_accepted")

    def say(self, name: str, **said: Any) -> None:
        before = dict(self.history.states)
        event = self.told(name, **said)
        passed = self.history.now - NOON
        if isinstance(self.history.when(event), Refused):
            assert self.history.states == before
            return
        for key, state in self.history.states.items():
            assert key not in before or before[key].last <= state.last
        self.applied.append((event, passed))

    @rule(name=some.sampled_from(NAMES), source=SOURCES, referral=REFERRALS, offer=OFFERS, consent=CONSENTS)
    def anybody_says_anything(self, name: str, source: str, referral: str, offer: str, consent: str) -> None:
        family, fact = name.split(".")
        said: dict[str, Any] = {"source": source}
        if family == "consent" or fact == "offer_sent":
            said["consent_id"] = consent
        if family == "referral":
            said["subject"] = referral
        if name in OFFER_NAMES and fact != "requested":
            said["offer_id"] = offer
        self.say(name, **said)

    @rule(referral=REFERRALS, offer=OFFERS, to=PARTNERS, consent=CONSENTS, once=some.booleans())
    def the_sender_asks(self, referral: str, offer: str, to: str, consent: str, once: bool) -> None:
        reason = None if once else "second-household"
        ids = {"subject": referral, "offer_id": offer, "consent_id": consent, "service_id": SERVICE}
        self.say("referral.offer_sent", **ids, recipient=to, duplicate_reason=reason)

    @precondition(lambda self: self.client().open_offers)
    @rule(name=some.sampled_from(ANSWERS), outcome=OUTCOMES, choice=some.integers(0, 5))
    def a_recipient_goes_on(self, name: str, outcome: dict[str, Any], choice: int) -> None:
        held = self.client().open_offers[choice % len(self.client().open_offers)]
        said = outcome if name == "referral.outcome_recorded" else {}
        source = partner(held.recipient)
        self.say(name, subject=held.referral, offer_id=held.offer, source=source, **said)

    @rule(consent=CONSENTS, recipients=RECIPIENTS)
    def consent_is_granted(self, consent: str, recipients: dict[str, Any]) -> None:
        self.say("consent.granted", consent_id=consent, recipients=recipients)

    @precondition(lambda self: len(self.client().open_offers) > 1)
    @rule(consent=CONSENTS, name=some.sampled_from(("consent.revoked", "consent.entered_in_error")))
    def consent_ends(self, consent: str, name: str) -> None:
        self.say(name, consent_id=consent)

    @rule(consent=CONSENTS, recipients=RECIPIENTS)
    def consent_is_narrowed(self, consent: str, recipients: dict[str, Any]) -> None:
        self.say("consent.narrowed", consent_id=consent, recipients=recipients)

    @precondition(lambda self: len(self.applied) > 14)
    @rule()
    def the_client_is_erased(self) -> None:
        self.say("client.erased")

    @rule(name=some.sampled_from(NAMES), minutes=some.integers(-30, 0))
    def history_is_loaded(self, name: str, minutes: int) -> None:
        backfill = {"backfill": ident("backfill")}
        self.say(name, admitted=backfill, time=self.history.now + timedelta(minutes=minutes))

    def client(self) -> Client:
        client: Client = self.history.state("client")
        return client

    def offers(self) -> list[tuple[str, Offer]]:
        referrals = ((key.id, state) for key, state in self.history.states.items() if isinstance(state, Referral))
        return [(referral, offer) for referral, state in referrals for offer in state.offers]

    @invariant()
    def the_index_holds_the_open_offers(self) -> None:
        held = {
            (held.referral, held.offer, held.service, held.recipient, held.consent)
            for held in self.client().open_offers
        }
        found = {
            (referral, offer.id, offer.service, offer.recipient, offer.consent)
            for referral, offer in self.offers()
            if offer.status in OPEN
        }
        assert held == found
        assert len(held) == len(self.client().open_offers)

    @invariant()
    def no_offer_is_where_the_table_never_leads(self) -> None:
        assert {(offer.status, offer.detail) for _, offer in self.offers()} <= REACHABLE

    @invariant()
    def nothing_is_served_without_an_output(self) -> None:
        assert all(offer.outputs for _, offer in self.offers() if offer.status == "completed")

    @invariant()
    def no_open_offer_relies_on_a_consent_that_ended(self) -> None:
        client = self.client()
        consents = [consent_of(client, held.consent) for held in client.open_offers]
        assert all(consent is not None and consent.ended is None for consent in consents)

    @invariant()
    def an_erased_client_has_nothing_open(self) -> None:
        assert not (self.client().erased and self.client().open_offers)

    @invariant()
    def a_referral_is_served_when_an_offer_is(self) -> None:
        for key, state in self.history.states.items():
            if isinstance(state, Referral):
                served = any(offer.status == "completed" for offer in state.offers)
                assert (standing_of(state).loop == "closed-served") == served
                assert REFERRAL.kinds[key.kind].row(key, state)[4] == standing_of(state).status

    def teardown(self) -> None:
        """What was applied, folded again without what was refused, amounts to the same."""
        again = History(REFERRAL)
        for event, passed in self.applied:
            again.now = NOON + passed
            again.given(event)
        assert again.states == self.history.states


TestAnything = Anything.TestCase
TestAnything.settings = settings(max_examples=150, stateful_step_count=50, deadline=None)
