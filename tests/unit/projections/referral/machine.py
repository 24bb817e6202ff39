"""Senders, recipients, clients, the clock and strangers say anything in any order, and this holds whatever comes."""

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from events.catalogue import Event
from projections.projection import At, Entry, Key, Row, State
from projections.record import Partition
from projections.referral import REFERRAL, changes
from projections.referral.asked import Asked
from projections.referral.deadline import Deadlines
from projections.referral.state import Client, Offer, Referral, consent_of
from projections.referral.transitions import EXPIRED, OPEN, TAKEN, TERMINAL, Status
from projections.ruling import APPLIED
from tests.support.events import NOON, SERVICE, ident, partner
from tests.support.story import History
from tests.unit.projections.referral import world
from tests.unit.projections.referral.world import World, stands

AT = At(Partition("a-topic", 0), 0, NOON, NOON)
ANSWERING = ("offer_viewed", "offer_accepted", "offer_declined", "client_asked")
WORKING = (
    *("contact_attempted", "service_started", "waitlisted", "put_on_hold", "resumed", "outcome_recorded"),
    *("outcome_recorded", "cancel_confirmed", "withdrawn"),
)
#: What a sender says of offers that stand so.
SENDING: dict[str, tuple[Status, ...]] = {
    "offer_recalled": ("requested",),
    "cancel_requested": TAKEN,
    "outcome_reported_by_sender": (*OPEN, *TERMINAL),
    "outcome_acknowledged": TERMINAL,
    "entered_in_error": (*OPEN, *TERMINAL),
}
OUTCOMES: tuple[dict[str, Any], ...] = (
    {},
    {"outcome": "partly", "outputs": [{"kind": "goods"}]},
    {"outcome": "delivered", "outputs": []},
    {"outcome": "not-delivered", "outputs": []},
    {"outcome": "not-delivered", "outputs": [], "reason": "no-show"},
    {"outcome": "not-delivered", "outputs": [], "reason": "unable-to-contact", "attempts": 1},
)
WITHIN = ("enrolled", "service_delivered", "milestone_reached", "exited", "corrected", "entered_in_error")
a_partner, a_referral, an_offer = map(some.sampled_from, (world.PARTNERS, world.REFERRALS, world.OFFERS))
a_recipient = some.sampled_from(("shelter", "pantry", "shelter", "pantry", "school"))
a_consent, a_source, a_day = map(some.sampled_from, (world.CONSENTS, world.SOURCES, world.DAYS))
a_choice, an_outcome, a_name = some.integers(0, 11), some.sampled_from(OUTCOMES), some.sampled_from(world.NAMES)
SCOPES: tuple[dict[str, Any], ...] = (
    {"partners": ["shelter"]},
    {"partners": ["shelter", "pantry"]},
    {"classes": ["housing"]},
)
a_scope = some.sampled_from(SCOPES)
#: In how many minutes a consent runs out.
a_while = some.sampled_from((None, None, 3, 9, 20))


class Anything(RuleBasedStateMachine):
    """One client with two needs; most rules speak of something that is there, one says anything at all."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.say = self.world.say
        self.say("client.registered")
        for consent in world.CONSENTS[:2]:
            self.consent_is_granted(consent, {"partners": ["shelter", "pantry"], "classes": ["housing"]})
        for number, referral in enumerate(world.REFERRALS[:2]):
            self.say("referral.requested", subject=referral)
            self.the_sender_asks(referral, world.OFFERS[number], "shelter", world.CONSENTS[0], 3 * number + 1)
            self.the_sender_asks(referral, world.OFFERS[2], "shelter", world.CONSENTS[number], 3)
        self.say("referral.offer_accepted", expected_by=world.DAYS[1])
        self.say("referral.requested", subject=world.REFERRALS[2])

    @rule(name=a_name, source=a_source, referral=a_referral, offer=an_offer, consent=a_consent, day=a_day)
    def anybody_says_anything(self, **by: str) -> None:
        family, fact = by["name"].split(".")
        said: dict[str, Any] = {"source": by["source"], "admitted": {"on_behalf": "pantry"}}
        if family == "consent" or fact == "offer_sent":
            said["consent_id"] = by["consent"]
        if family == "referral":
            said["subject"] = by["referral"]
            said |= {} if fact in ("requested", "closed") else {"offer_id": by["offer"]}
        if fact in ("offer_expired", "reminded", "escalated", "cancel_confirmed"):
            said["deadline"] = by["day"]
        self.say(by["name"], **said)

    @rule(referral=a_referral, offer=an_offer, to=a_recipient, consent=a_consent, choice=a_choice)
    def the_sender_asks(self, referral: str, offer: str, to: str, consent: str, choice: int) -> None:
        asked = {"recipient": None, "to_class": "housing"} if choice % 3 == 0 else {"recipient": to}
        days = dict(zip(("remind_at", "escalate_at"), world.DAYS, strict=False))
        looked_up = {**days, "class_members": sorted(self.world.members), "min_attempts": choice % 4}
        ids = {"subject": referral, "offer_id": offer, "consent_id": consent, "respond_by": world.DAYS[2]}
        reason = "second-household" if choice % 4 else None
        self.say("referral.offer_sent", **ids, **asked, service_id=SERVICE, duplicate_reason=reason, admitted=looked_up)

    @rule(referral=a_referral, offer=an_offer, name=some.sampled_from(("offer_drafted", "offer_discarded")))
    def the_sender_prepares(self, referral: str, offer: str, name: str) -> None:
        self.say(f"referral.{name}", subject=referral, offer_id=offer)

    @precondition(lambda self: self.ended())
    @rule(choice=a_choice, to=a_recipient)
    def the_sender_asks_somebody_else(self, choice: int, to: str) -> None:
        self._instead(_one(self.ended() if choice else self.world.offers(), choice), to)

    def _instead(self, which: tuple[str, Offer], to: str) -> None:
        referral, old = which
        used = [offer.id for key, offer in self.world.offers() if key == referral]
        for new in [each for each in world.OFFERS if each not in used][:1]:
            ids = {"subject": referral, "offer_id": new, "replaces": old.id, "consent_id": old.consent}
            self.say("referral.offer_sent", **ids, recipient=to, service_id=ident(f"{to} {new}"))

    @rule(name=some.sampled_from(sorted(SENDING)), choice=a_choice, day=a_day)
    def the_sender_goes_on(self, name: str, choice: int, day: str) -> None:
        found = [each for each in self.world.offers() if each[1].status in SENDING[name]]
        for referral, offer in found[choice % 6 :][:1]:
            self.say(f"referral.{name}", subject=referral, offer_id=offer.id, admitted={"confirm_by": day})

    @rule(referral=a_referral)
    def the_sender_gives_up(self, referral: str) -> None:
        self.say("referral.closed", subject=referral)

    @rule(referral=a_referral, offer=an_offer, outside=some.booleans())
    def a_need_is_stated(self, referral: str, offer: str, outside: bool) -> None:
        more = {"offer_id": offer} if outside else {}
        self.say("referral.handoff_reported" if outside else "referral.requested", subject=referral, **more)

    @precondition(lambda self: self.asked(*OPEN))
    @rule(name=some.sampled_from(ANSWERING), choice=a_choice, link=some.booleans())
    def a_recipient_answers(self, name: str, choice: int, link: bool) -> None:
        starting = {"start_by": world.DAYS[choice % 3], "escalate_at": world.DAYS[2]}
        said: dict[str, Any] = {"admitted": {"starting": [starting]}} if name == "offer_accepted" else {}
        self._told(name, _one(self.asked(*OPEN), choice), "school" if link and choice % 4 == 0 else link, said)

    @precondition(lambda self: self.asked(*TAKEN))
    @rule(name=some.sampled_from(WORKING), outcome=an_outcome, choice=a_choice, link=some.booleans())
    def a_recipient_works(self, name: str, outcome: dict[str, Any], choice: int, link: bool) -> None:
        said = dict(outcome) if name == "outcome_recorded" else {}
        self._told(name, _one(self.asked(*TAKEN), choice), link, said)

    def _told(self, name: str, which: tuple[str, Offer], link: bool | str, said: dict[str, Any]) -> None:
        """Let the recipient say it, or a link's holder for it or for somebody else."""
        referral, offer = which
        if link:
            said["admitted"] = said.get("admitted", {}) | {"on_behalf": offer.recipient if link is True else link}
        source = world.LINK if link else partner(offer.recipient)
        self.say(f"referral.{name}", subject=referral, offer_id=offer.id, source=source, **said)

    @precondition(lambda self: self.ended())
    @rule(outcome=an_outcome, choice=a_choice)
    def a_recipient_corrects_itself(self, outcome: dict[str, Any], choice: int) -> None:
        referral, offer = _one(self.ended(), choice)
        source = partner(offer.recipient or "pantry")
        self.say("referral.outcome_corrected", subject=referral, offer_id=offer.id, source=source, **outcome)

    @precondition(lambda self: any(offer.to_class for _, offer in self.world.offers()))
    @rule(who=a_partner, choice=a_choice)
    def somebody_claims(self, who: str, choice: int) -> None:
        referral, offer = _one([each for each in self.world.offers() if each[1].to_class or choice % 4 == 0], choice)
        self.world.claim(who, subject=referral, offer_id=offer.id)

    @rule(who=a_partner)
    def membership_changes(self, who: str) -> None:
        self.world.members ^= {who}

    @precondition(lambda self: self.world.offers())
    @rule(name=some.sampled_from(sorted(world.DUE)), choice=a_choice, day=a_day)
    def the_clock_says_so(self, name: str, choice: int, day: str) -> None:
        referral, offer = _one(self.world.offers(), choice)
        own = next((due for field in world.dues(name, offer) if (due := getattr(offer, field))), None)
        why = {"reason": world.GONE[choice % 4]} if name == "referral.withdrawn" else {}
        said = {"deadline": own if own and choice % 3 else day, **why}
        self.say(name, subject=referral, offer_id=offer.id, source=world.CLOCK, **said)

    @precondition(lambda self: len(self.standing("sent", "viewed")) > 1)
    @rule(choice=a_choice, instead=some.none() | a_recipient)
    def nobody_answers(self, choice: int, instead: str | None) -> None:
        referral, old = _one(self.standing("sent", "viewed"), choice)
        ids = {"subject": referral, "offer_id": old.id}
        if self.say("referral.offer_expired", **ids, deadline=old.respond_by) and instead is not None:
            self._instead((referral, old), instead)

    @precondition(lambda self: self.standing(EXPIRED))
    @rule(choice=a_choice, who=a_partner)
    def an_answer_comes_late(self, choice: int, who: str) -> None:
        referral, offer = _one(self.standing(EXPIRED), choice)
        ids = {"subject": referral, "offer_id": offer.id}
        if offer.recipient:
            self.say("referral.offer_accepted", **ids, source=partner(offer.recipient))
        else:
            self.world.claim(who, **ids)

    @precondition(lambda self: self.world.offers())
    @rule(choice=a_choice, source=some.sampled_from((world.CLIENT_LINK, *map(partner, world.PARTNERS))))
    def the_client_answers(self, choice: int, source: str) -> None:
        referral, offer = _one(self.world.offers(), choice)
        stop = choice == 0
        said = {"subject": referral, "offer_id": offer.id, "source": source}
        if self.say("referral.client_answered", **said, stop_sharing=stop) and stop:
            consent = consent_of(self.world.client(), offer.consent)
            assert consent is not None
            assert consent.ended is not None

    @rule(consent=a_consent, recipients=a_scope, minutes=a_while, guardian=some.booleans())
    def consent_is_granted(
        self, consent: str, recipients: dict[str, Any], minutes: int | None = None, guardian: bool = False
    ) -> None:
        looked_up = {"class_members": sorted(self.world.members)} if "classes" in recipients else {}
        until = self._until("guardian_until" if guardian else "expires_at", minutes)
        by = {"subject_capacity": "guardian"} if guardian and minutes else {}
        self.say("consent.granted", consent_id=consent, recipients=recipients, admitted=looked_up, **until, **by)

    def _until(self, field: str, minutes: int | None) -> dict[str, Any]:
        return {} if minutes is None else {field: (self.world.history.now + minutes * world.MINUTE).isoformat()}

    @precondition(lambda self: len(self.world.said) > 25)
    @rule(consent=a_consent, name=some.sampled_from(("consent.revoked", "consent.entered_in_error")))
    def consent_ends(self, consent: str, name: str) -> None:
        self.say(name, consent_id=consent)

    @rule(consent=a_consent, recipients=some.none() | a_scope, minutes=a_while)
    def consent_is_narrowed(self, consent: str, recipients: dict[str, Any] | None, minutes: int | None) -> None:
        until = self._until("expires_at", minutes)
        self.say("consent.narrowed", consent_id=consent, recipients=recipients, **until)

    @precondition(lambda self: self.over())
    @rule(choice=a_choice)
    def the_consent_runs_out(self, choice: int) -> None:
        referral, offer = _one(self.over(), choice)
        said = {"reason": "consent-expired", "deadline": offer.consent_until, "source": world.CLOCK}
        assert self.say("referral.withdrawn", subject=referral, offer_id=offer.id, **said) is (offer.status in OPEN)

    @rule(name=some.sampled_from(WITHIN), who=a_partner)
    def a_programme_goes_on(self, name: str, who: str) -> None:
        cause = {"causationid": ident("cause")} if name == "corrected" else {}
        self.say(f"episode.{name}", source=partner(who), **cause)

    @precondition(lambda self: len(self.world.said) > 30)
    @rule()
    def the_client_is_erased(self) -> None:
        self.say("client.erased")

    @precondition(lambda self: self.world.offers())
    @rule(name=some.sampled_from((*ANSWERING, *WORKING)), choice=a_choice, minutes=some.integers(-30, 0))
    def history_is_loaded(self, name: str, choice: int, minutes: int) -> None:
        referral, offer = _one(self.world.offers(), choice)
        said = {"subject": referral, "offer_id": offer.id, "source": partner(offer.recipient or "clinic")}
        backfill = {"backfill": ident("backfill")}
        self.say(f"referral.{name}", **said, admitted=backfill, time=self.world.history.now + minutes * world.MINUTE)

    def over(self) -> list[tuple[str, Offer]]:
        now = self.world.history.now
        return [each for each in self.world.offers() if each[1].consent_until and each[1].consent_until <= now]

    def asked(self, *statuses: str) -> list[tuple[str, Offer]]:
        return [each for each in self.world.offers() if each[1].recipient and each[1].status in statuses]

    def standing(self, *details: str) -> list[tuple[str, Offer]]:
        return [each for each in self.world.offers() if each[1].detail in details]

    def ended(self) -> list[tuple[str, Offer]]:
        return [each for each in self.world.offers() if each[1].status not in OPEN]

    @invariant()
    def the_index_holds_the_open_offers(self) -> None:
        held = [(each.referral, each.offer, each.service, each.recipient, each.consent) for each in self._held()]
        found = {
            (referral, offer.id, offer.service, offer.recipient, offer.consent)
            for referral, offer in self.world.offers()
            if offer.status in OPEN
        }
        assert set(held) == found
        assert len(held) == len(found)

    def _held(self) -> Any:
        client: Client = self.world.client()
        return client.open_offers

    @invariant()
    def no_offer_is_where_the_table_never_leads(self) -> None:
        assert {(offer.status, offer.detail) for _, offer in self.world.offers()} <= world.REACHABLE

    @invariant()
    def nothing_is_served_without_an_output(self) -> None:
        assert all(offer.outputs for _, offer in self.world.offers() if offer.status == "completed")

    @invariant()
    def no_open_offer_relies_on_a_consent_that_ended(self) -> None:
        consents = [consent_of(self.world.client(), held.consent) for held in self._held()]
        assert all(consent is not None and consent.ended is None for consent in consents)

    @invariant()
    def an_open_offer_knows_the_end_of_its_consent(self) -> None:
        for _, offer in self.world.offers():
            if offer.status in OPEN:
                assert offer.consent_until == world.until(self.world.client(), offer.consent)

    @invariant()
    def what_nobody_claimed_has_no_recipient_and_nobody_at_work(self) -> None:
        for _, offer in self.world.offers():
            assert bool(offer.recipient) is (offer.to_class is None or offer.accepted is not None)
            assert offer.recipient or offer.status in ("requested", "cancelled", "entered-in-error")

    @invariant()
    def an_id_is_a_draft_or_an_offer_and_a_hand_off_has_neither(self) -> None:
        for _, referral in self.world.referrals():
            ids = [*(offer.id for offer in referral.offers), *(draft.id for draft in referral.drafts)]
            assert len(ids) == len(set(ids))
            assert not (referral.handoff and referral.offers)

    @invariant()
    def an_erased_client_has_nothing_open(self) -> None:
        assert not (self.world.client().erased and self._held())

    @invariant()
    def a_referral_stands_as_its_offers_do(self) -> None:
        kind = REFERRAL.kinds["referral"]
        for key, state in self.world.history.states.items():
            if isinstance(state, Referral):
                row = dict(zip(kind.table.columns, kind.row(key, state), strict=True))
                assert (row["status"], row["loop"]) == stands(state)

    def teardown(self) -> None:
        """The fold of any prefix is what stood there, with or without what was refused."""
        for refused_too in (True, False):
            again = History(REFERRAL)
            for event, now, after in self.world.said:
                before = dict(again.states)
                if after is not None or refused_too:
                    again.now = now
                    again.when(event)
                assert after is None or again.states == after
                assert type(event) in changes.MOVING or not _rows(event, before, again.states)


def _rows(event: Event, before: Mapping[Key, State], after: Mapping[Key, State]) -> list[Row]:
    """Return what views of offers would write, had they been asked of every type."""
    changed = {key: state for key, state in after.items() if before.get(key) is not state}
    entry = Entry(event, APPLIED, AT, changed, before)
    return [row for view in (Asked(), Deadlines()) for row in view.rows(entry)]


def _one(offers: list[tuple[str, Offer]], choice: int) -> tuple[str, Offer]:
    return offers[choice % len(offers)]
