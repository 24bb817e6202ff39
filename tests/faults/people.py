"""People whom partners speak of, as their records would stand on the log: mostly right, often wrong."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from tests.faults.offers import PLANS, Offer, answered
from tests.faults.speaking import HISTORY, LIVE, PARTNERS, VAULT, Body, Speaker, uuid

__all__ = ["HISTORY", "LIVE", "PARTNERS", "Person", "uuid"]

SERVICES = tuple(str(UUID(int=number, version=4)) for number in range(1, 7))
PURPOSES = ("coordination", "referral", "reporting")
DATA = ("contact", "need", "health")
PROGRAMMES = (*("general",) * 10, None, "domestic-violence")
CLASSES = ("housing", "food")
#: Ids of the same person's elsewhere.
OTHERS = tuple(str(UUID(int=number, version=4)) for number in range(100, 103))


@dataclass
class Episode:
    id: str
    partner: str
    #: The ids of what was said of it; the last exit of all stands apart.
    told: list[str] = field(default_factory=list)
    exit: str | None = None


@dataclass
class Person(Speaker):
    """One client and what was said of them so far, whether it was applied or not."""

    steps: int = 0
    consents: list[str] = field(default_factory=list)
    #: When they run out, as it was said last.
    ends: dict[str, str] = field(default_factory=dict)
    referrals: list[str] = field(default_factory=list)
    #: Who states a need beside the sender, by referral.
    senders: dict[str, str] = field(default_factory=dict)
    offers: list[Offer] = field(default_factory=list)
    drafts: list[tuple[str, str]] = field(default_factory=list)
    handoffs: list[tuple[str, str]] = field(default_factory=list)
    episodes: list[Episode] = field(default_factory=list)
    #: Who belongs to a class changes while this is said.
    members: list[str] = field(default_factory=lambda: list(PARTNERS))

    def says(self) -> Body:
        """Return the next event: the beginning in order, then anything at all."""
        self.steps += 1
        self.at += timedelta(minutes=self.random.randrange(1, 600))
        if self.likely(0.1):
            self.members = self.some(PARTNERS, 4)
        beginning = (self.registered, self.granted, self.requested, self.offered)
        if self.steps <= len(beginning) and self.likely(0.97):
            return beginning[self.steps - 1]()
        # Of a few people it is found again and again that they are known by another id, too.
        if self.key.endswith("0") and self.likely(0.9):
            return self.linked()
        chances: dict[Callable[[], Body], float] = {self.answered: 70, self.offered: 12, self.drafted: 4}
        chances |= {self.discarded: 3, self.requested: 3, self.handed_off: 1, self.heard: 1, self.closed: 1}
        chances |= {self.granted: 3, self.narrowed: 2, self.ended: 1, self.registered: 1, self.erased: 0.5}
        chances |= {self.linked: 2, self.enrolled: 2, self.episode: 10}
        (chosen,) = self.random.choices([*chances], [*chances.values()])
        return chosen()

    def registered(self) -> Body:
        return self.event("client.registered", self.sender, self.key, self.sealed({"categories": ["family"]}))

    def erased(self) -> Body:
        event = self._by_two("client.erased", {"certificate_id": uuid(self.random)})
        event["data"]["admitted"].pop("backfill", None)
        return event

    def linked(self) -> Body:
        name = "client.linked" if self.likely(0.9) else "client.unlinked"
        return self._by_two(name, {"other_client": self.random.choice((*OTHERS, *[uuid(self.random)] * 9))})

    def _by_two(self, name: str, data: Body) -> Body:
        event = self.event(name, VAULT if self.likely(0.95) else self.sender, self.key, data)
        return event | {"approver": uuid(self.random)} if self.likely(0.9) else event

    def granted(self) -> Body:
        pick, recipients = self.random, {"partners": self.some(PARTNERS, 6)}
        looked_up: Body = {}
        if pick.random() < 0.3:
            recipients["networks"] = ["county"]
            looked_up["network_members"] = list(PARTNERS)
        if pick.random() < 0.4:
            recipients["classes"] = ["housing"]
            looked_up["class_members"] = self.members
        if pick.random() < 0.05:
            recipients, looked_up = {"partners": [self.sender]}, {}
        data: Body = {
            "consent_id": self.fresh(self.consents, 0.05),
            "recipients": recipients,
            "purposes": ["coordination", *self.some(PURPOSES[1:], 1)],
            "data_classes": ["contact", *self.some(DATA[1:], 2)],
            "programme_classes": ["general", "domestic-violence"][: pick.randrange(1, 3)]
            if pick.random() < 0.2
            else [],
            "subject_capacity": "adult",
            "redisclosure": "none",
            "conditioned_on_service": False,
            "valid_from": "2020-01-01T00:00:00Z",
            "form": "paper-1",
            "admitted": looked_up,
        }
        if pick.random() < 0.2:
            data["expires_at"] = pick.choice(("2024-01-01T00:00:00Z", "2199-01-01T00:00:00Z", *[self.soon()] * 4))
            self.ends[data["consent_id"]] = data["expires_at"]
        if pick.random() < 0.1:
            until = pick.choice(({}, {"guardian_until": "2030-01-01T00:00:00Z"}, {"guardian_until": self.soon()}))
            data |= {"subject_capacity": "guardian", **until}
            if until:
                self.ends[data["consent_id"]] = until["guardian_until"]
        if pick.random() < 0.03:
            data["only_on_weekdays"] = True
        return self.event("consent.granted", self.mostly(self.sender), self.key, data)

    def narrowed(self) -> Body:
        data: Body = {"consent_id": self.known(self.consents), "data_classes": self.some(DATA, 3)}
        if self.likely(0.5):
            data["except_recipients"] = [self.random.choice(PARTNERS)]
        if self.likely(0.1):
            data["recipients"] = {"partners": [self.sender]}
        if self.likely(0.1):
            data["expires_at"] = self.soon()
            for offer in self.offers:
                if offer.consent == data["consent_id"]:
                    offer.due["withdrawn"] = data["expires_at"]
        return self.event("consent.narrowed", self.sender, self.key, data)

    def ended(self) -> Body:
        name = self.random.choice(("consent.revoked", "consent.entered_in_error"))
        said = {"consent_id": self.known(self.consents), "reason": "client-asked"}
        return self.event(name, self.mostly(self.sender), self.key, said)

    def requested(self) -> Body:
        subject = self.fresh(self.referrals, 0.05)
        self.senders[subject] = self.sender if self.likely(0.9) else self.random.choice(PARTNERS)
        return self.event("referral.requested", self.senders[subject], subject, self.sealed(_need()))

    def handed_off(self) -> Body:
        subject = self.random.choice(self.referrals) if self.referrals and self.likely(0.05) else uuid(self.random)
        offer = uuid(self.random)
        self.referrals += [subject] if self.likely(0.1) else []
        self.senders.setdefault(subject, self.sender)
        self.handoffs.append((subject, offer))
        said = {**_need(), "offer_id": offer, "channel": "phone", "sector": "health"}
        return self.event("referral.handoff_reported", self.sender, subject, self.sealed(said))

    def heard(self) -> Body:
        if not self.handoffs:
            return self.handed_off()
        subject, offer = self.random.choice(self.handoffs)
        said = {"offer_id": offer, "outcome": "delivered", "heard_from": "partner"}
        return self.event("referral.outcome_reported_by_sender", self.mostly(self.sender), subject, said)

    def drafted(self) -> Body:
        subject, offer = self.known(self.referrals), uuid(self.random)
        self.drafts.append((subject, offer))
        said = {"offer_id": self.known([offer, *(each.id for each in self.offers[-1:])]), "to_class": "housing"}
        source = self.mostly(self.senders.get(subject, self.sender))
        return self.event("referral.offer_drafted", source, subject, self.sealed(said))

    def discarded(self) -> Body:
        known = [*self.drafts[-2:], *((offer.referral, offer.id) for offer in self.offers[-1:])]
        if not known:
            return self.drafted()
        subject, offer = self.random.choice(known)
        said = {"offer_id": self.known([offer]), "reason": "sent-by-mistake"}
        return self.event("referral.offer_discarded", self.mostly(self.sender), subject, said)

    def closed(self, subject: str | None = None) -> Body:
        subject = subject or self.known(self.referrals)
        source = self.mostly(self.senders.get(subject, self.sender))
        return self.event("referral.closed", source, subject, {"disposition": "no-suitable-service"})

    def offered(self, replaces: Offer | None = None) -> Body:
        offer = self._asked(replaces)
        pick, programme = self.random, self.random.choice(PROGRAMMES)
        data: Body = {
            "offer_id": pick.choice(self.offers).id if self.offers and pick.random() < 0.03 else offer.id,
            "service_id": pick.choice(SERVICES),
            "purpose": "coordination" if pick.random() < 0.97 else "referral",
            "data_classes": ["contact"] if pick.random() < 0.9 else ["contact", "health"],
            "respond_by": offer.due["offer_expired"],
            "consent_id": self.known(self.consents[-1:]),
            "admitted": {"programme_class": programme, "protected": programme == "domestic-violence"},
        }
        offer.consent = data["consent_id"]
        offer.due["withdrawn"] = self.ends.get(offer.consent)
        data |= {name: value for name in ("recipient", "to_class") if (value := getattr(offer, name))}
        looked_up = {"remind_at": offer.due["reminded"], "escalate_at": offer.due["escalated"]}
        data["admitted"] |= looked_up if pick.random() < 0.8 else {}
        if offer.to_class:
            data["admitted"] |= {"class_members": self.members, "programme_class": None}
        if pick.random() < 0.3:
            data["admitted"]["min_attempts"] = pick.randrange(3)
        if pick.random() < 0.85:
            data["duplicate_reason"] = "separate-need"
        if replaces or (self.offers and pick.random() < 0.05):
            data["replaces"] = (replaces or pick.choice(self.offers)).id
        offer.service = data["service_id"]
        self.offers.append(offer)
        return self.event("referral.offer_sent", self.mostly(offer.sender), offer.referral, self.sealed(data))

    def _asked(self, replaces: Offer | None) -> Offer:
        pick, subject, key = self.random, self.known(self.referrals), uuid(self.random)
        if replaces:
            subject = replaces.referral
        elif self.drafts and pick.random() < 0.3:
            subject, key = self.drafts.pop()
        to_class = pick.choice(CLASSES) if pick.random() < 0.25 else None
        recipient = pick.choice(PARTNERS[1:]) if to_class is None or pick.random() < 0.03 else None
        if pick.random() < 0.01:
            recipient = to_class = None
        due: dict[str, str | None] = {
            name: self.later() for name in ("offer_expired", "reminded", "escalated", "cancel_confirmed")
        }
        sender = self.senders.get(subject, self.sender)
        return Offer(key, subject, sender, recipient, to_class, due, pick.choice(PLANS).split())

    def answered(self) -> Body:
        """Return what comes of one of the latest offers."""
        if not self.offers:
            return self.offered()
        offer = self.random.choice(self.offers[-2:])
        if offer.plan and offer.plan[0] == "s.closed":
            offer.plan.pop(0)
            return self.closed(offer.referral)
        if offer.plan and offer.plan[0] == "s.again":
            offer.plan.pop(0)
            return self.offered(offer)
        return answered(self, offer)

    def enrolled(self) -> Body:
        partner = self.random.choice((self.sender, *(offer.recipient or self.sender for offer in self.offers[-1:])))
        again = self.random.choice(self.episodes).id if self.episodes and self.likely(0.05) else None
        episode = Episode(again or uuid(self.random), partner)
        self.episodes.append(episode)
        said = {"programme": "winter", "household_head": self.likely(0.5)}
        return self.event("episode.enrolled", self.mostly(partner), episode.id, said)

    def episode(self) -> Body:
        """Return what comes of one of the latest episodes."""
        if not self.episodes:
            return self.enrolled()
        episode, pick = self.random.choice(self.episodes[-2:]), self.random
        name = pick.choices([*_WITHIN], (5, 2, 2, 3, 1))[0]
        subject = episode.id if self.likely(0.97) else uuid(pick)
        event = self.event(f"episode.{name}", self.mostly(episode.partner), subject, dict(_WITHIN[name]))
        if name in ("corrected", "entered_in_error") and self.likely(0.85):
            event["causationid"] = episode.exit if episode.exit and self.likely(0.6) else self.known(episode.told)
        if name == "exited":
            episode.exit = event["id"]
        episode.told.append(event["id"])
        return event


def _need() -> Body:
    return {"need": {"taxonomy": "open-eligibility", "code": "food"}, "urgency": "soon", "area": "district-1"}


_WITHIN: dict[str, Body] = {
    "service_delivered": {"kind": "bed-night", "amount": "3", "unit": "night"},
    "milestone_reached": {"milestone": "permanent-housing", "reached_at": "2026-03-01T06:00:00Z"},
    "exited": {"destination": "rented-home", "outcome": "completed"},
    "corrected": {"because": "wrong-entry", "destination": "shelter", "outcome": "left-early"},
    "entered_in_error": {"reason": "wrong-client"},
}
