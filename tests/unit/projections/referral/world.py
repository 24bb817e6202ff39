"""What the machine of referrals says and to whom, and what it watches with every event that is applied."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, get_args

from events.catalogue import CaseEvent, Event, short, type_of
from events.client import Erased
from events.consent import EnteredInError, Revoked
from events.referral import Closed, OfferAccepted, OfferClaimed, OfferSent
from projections.projection import Key, State
from projections.referral import REFERRAL
from projections.referral.rules import DESERTED
from projections.referral.state import Client, Offer, Referral, consent_of, offer_of
from projections.referral.transitions import MOVES, OPEN, TAKEN
from projections.ruling import Refused
from tests.support.events import CONSENT, OFFER, Told, ident, partner, system
from tests.support.events import REFERRAL as REFERRAL_ID
from tests.support.story import History

#: What ends a story has rules of its own, or no story would get far.
ENDS = (Erased, Revoked, EnteredInError)
NAMES = tuple(short(type_of(event)) for event in get_args(CaseEvent) if event not in ENDS)
PARTNERS = ("clinic", "shelter", "pantry", "school")
LINK, CLIENT_LINK, CLOCK = "urn:manyhands:link:l", "urn:manyhands:client-link:c", system("timekeeper")
SOURCES = (*map(partner, PARTNERS), LINK, CLIENT_LINK, CLOCK, system("vault"))
REFERRALS = (REFERRAL_ID, ident("second need"), ident("third need"), ident("fourth need"))
OFFERS = (OFFER, *(ident(f"offer {number}") for number in range(5)))
CONSENTS = (CONSENT, ident("consent 2"), ident("consent 3"))
MINUTE = timedelta(minutes=1)
DAYS = tuple((DESERTED + timedelta(days=day)).isoformat() for day in (1, 2, 3))
REACHABLE = {(move.to, move.detail) for move in MOVES if move.to} | {
    (status, "cancel-requested") for status in ("accepted", "in-progress", "on-hold")
}
#: The deadlines of an offer that a timed event may name.
DUE = {
    "referral.offer_expired": ("respond_by",),
    "referral.reminded": ("remind_at", "start_by"),
    "referral.escalated": ("escalate_at", "late_at"),
    "referral.cancel_confirmed": ("confirm_by",),
    "referral.withdrawn": ("consent_until",),
}
#: Why the clock withdraws an offer: one side of it is gone, or the consent.
GONE = ("partner-left", "sender-left", "sender-suspended", "consent-expired")
BY_CLOCK = ("referral.offer_expired", "referral.reminded", "referral.escalated")
States = dict[Key, State]


def dues(name: str, offer: Offer) -> Sequence[str]:
    """Return the fields of the deadlines that the event may name, those first that the offer waits for now."""
    return DUE.get(name, ())[:: -1 if offer.status in TAKEN else 1]


class World:
    """A client's history as it grows, who belongs to which class just now, and everything that was said."""

    def __init__(self) -> None:
        self.told = Told()
        self.history = History(REFERRAL, DESERTED)
        #: Everything said, when, and what stood afterwards; None where it was refused and nothing changed.
        self.said: list[tuple[Event, datetime, States | None]] = []
        self.members = {"shelter", "pantry"}

    def say(self, name: str, /, **said: Any) -> bool:
        """Judge it; return whether it was applied, once it did nothing that it never may."""
        before, now = dict(self.history.states), self.history.now
        event = self.told(name, **said)
        if isinstance(self.history.when(event), Refused):
            assert self.history.states == before, "a refused event changes nothing"
            self.said.append((event, now, None))
            return False
        self.said.append((event, now, dict(self.history.states)))
        self._moved_on(before)
        self._applied(event, before)
        return True

    def claim(self, who: str, **said: Any) -> bool:
        """Let a partner claim, with its classes as admission sees them just now."""
        classes = ["housing"] if who in self.members else []
        looked_up = {"recipient_classes": classes, "programme_class": "general", "protected": False}
        service = ident(f"service of {who}")
        return self.say("referral.offer_claimed", source=partner(who), service_id=service, admitted=looked_up, **said)

    def _moved_on(self, before: States) -> None:
        for key, state in self.history.states.items():
            assert key not in before or before[key].last <= state.last, "an aggregate's time never steps back"

    def _applied(self, event: Event, before: States) -> None:
        referral = before.get(REFERRAL.needs(event)[-1])
        if not isinstance(referral, Referral):
            return
        offer = offer_of(referral, getattr(event.data, "offer_id", ""))
        name = short(event.type)
        left = getattr(event.data, "reason", None) in GONE[:3]
        if offer is not None and name in DUE and (name in BY_CLOCK or event.source == CLOCK) and not left:
            assert getattr(event.data, "deadline", None) == getattr(offer, dues(name, offer)[0]), "none but its own"
            assert offer.started is None or name not in ("referral.reminded", "referral.escalated"), "nor once it began"
        if isinstance(event, OfferAccepted | OfferClaimed):
            assert offer is not None
            self._taken(event, offer, referral)
        if isinstance(event, Closed):
            assert not [each for each in referral.offers if each.status in OPEN]
            assert not [
                each for each in referral.offers if each.status == "completed" and each.id not in gone(referral)
            ]
        if isinstance(event, OfferSent):
            renewed = event.data.replaces is not None or not referral.offers
            assert referral.closed is None or renewed, "what was given up stays so"
            replaced = [each for each in referral.offers if each.id == event.data.replaces]
            assert not [each for each in replaced if each.status in OPEN], "nobody takes the place of one at work"

    def _taken(self, event: OfferAccepted | OfferClaimed, offer: Offer, referral: Referral) -> None:
        assert offer.id not in gone(referral), "not after it was replaced"
        consent = consent_of(self.client(), offer.consent)
        assert consent is not None
        assert consent.ended is None
        ends, backfilled = until(self.client(), offer.consent), event.data.admitted.backfill is not None
        assert ends is None or (event.time if backfilled else self.history.now) < ends, "not after it ran out"
        if isinstance(event, OfferClaimed):
            claimer = event.source.removeprefix(partner(""))
            assert not offer.recipient, "claimed once"
            assert claimer in self.members
            assert claimer in {*consent.partners, *consent.class_members}.difference(consent.except_recipients)

    def client(self) -> Client:
        client: Client = self.history.state("client")
        return client

    def referrals(self) -> list[tuple[str, Referral]]:
        return [(key.id, state) for key, state in self.history.states.items() if isinstance(state, Referral)]

    def offers(self) -> list[tuple[str, Offer]]:
        return [(key, offer) for key, referral in self.referrals() for offer in referral.offers]


def until(client: Client, consent_id: str) -> datetime | None:
    """Return when the consent runs out, whoever gave it."""
    consent = consent_of(client, consent_id)
    assert consent is not None
    ends = [consent.expires_at, consent.guardian_until if consent.by_guardian else None]
    return min((end for end in ends if end is not None), default=None)


def gone(referral: Referral) -> set[str]:
    """Return the offers that one which was meant stands in the place of, looked for from each of them on."""
    followers: dict[str, list[Offer]] = {}
    for offer in referral.offers:
        followers.setdefault(offer.replaces or "", []).append(offer)
    return {offer.id for offer in referral.offers if _followed(offer, followers)}


def _followed(offer: Offer, followers: dict[str, list[Offer]]) -> bool:
    return any(each.status != "entered-in-error" or _followed(each, followers) for each in followers.get(offer.id, ()))


def stands(referral: Referral) -> tuple[str, str]:
    """Return status and loop by Part 3.2 of the field's notes, whatever the order of the offers."""
    if referral.handoff is not None:
        return "in-progress", "handed-off" if referral.handoff.heard is None else "handed-off-heard"
    told = {(offer.status, offer.detail) for offer in referral.offers if offer.status != "entered-in-error"}
    statuses = {offer.status for offer in referral.offers if offer.id not in gone(referral)}
    for status in ("completed", "in-progress", "accepted", "on-hold", "requested"):
        if status in statuses:
            return status, "closed-served" if status == "completed" else "open"
    if referral.closed is None:
        return ("in-progress", "open") if told else ("draft", "not-opened")
    if told == {("cancelled", "expired-no-response")}:
        return "cancelled", "closed-unknown"
    return "failed" if "failed" in {status for status, _ in told} else "cancelled", "closed-not-served"
