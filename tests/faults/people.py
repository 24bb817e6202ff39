"""People whom partners speak of, as their records would stand on the log: mostly right, often wrong."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

Body = dict[str, Any]

PARTNERS = ("clinic", "shelter", "bakery", "school", "council", "legal-aid")
SERVICES = tuple(str(UUID(int=number, version=4)) for number in range(1, 7))
PURPOSES = ("coordination", "referral", "reporting")
DATA = ("contact", "need", "health")
PROGRAMMES = (None, "general", "general", "general", "domestic-violence")
REASONS = ("no-capacity", "unable-to-contact", "not-eligible")
#: Where histories loaded late begin.
HISTORY = datetime(2023, 1, 2, 9, 0, tzinfo=UTC)
LIVE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def uuid(random: Random) -> str:
    """Return a random UUID."""
    return str(UUID(int=random.getrandbits(128), version=4))


@dataclass
class Offer:
    id: str
    referral: str
    recipient: str


@dataclass
class Person:
    """One client and what was said of them so far, whether it was applied or not."""

    random: Random
    key: str
    sender: str
    backfill: str | None
    at: datetime
    steps: int = 0
    consents: list[str] = field(default_factory=list)
    referrals: list[str] = field(default_factory=list)
    offers: list[Offer] = field(default_factory=list)

    def says(self) -> Body:
        """Return the next event: the beginning in order, then anything at all."""
        self.steps += 1
        self.at += timedelta(minutes=self.random.randrange(1, 600))
        beginning = (self.registered, self.granted, self.requested, self.offered)
        if self.steps <= len(beginning) and self.random.random() < 0.97:
            return beginning[self.steps - 1]()
        chances: dict[Any, float] = {self.answered: 70, self.offered: 14, self.requested: 6, self.granted: 4}
        chances |= {self.narrowed: 2, self.ended: 2, self.registered: 1, self.erased: 0.6}
        (chosen,) = self.random.choices([*chances], [*chances.values()])
        said: Body = chosen()
        return said

    def registered(self) -> Body:
        return self._event("client.registered", self.sender, self.key, self._sealed({"categories": ["family"]}))

    def erased(self) -> Body:
        event = self._event("client.erased", self.sender, self.key, {"certificate_id": uuid(self.random)})
        event["data"]["admitted"].pop("backfill", None)
        right = {"source": "urn:manyhands:system:vault", "actor": uuid(self.random), "approver": uuid(self.random)}
        return event | right if self.random.random() < 0.8 else event

    def granted(self) -> Body:
        pick, recipients = self.random, {"partners": self._some(PARTNERS, 6)}
        members: Body = {}
        if pick.random() < 0.3:
            recipients["networks"] = ["county"]
            members = {"network_members": list(PARTNERS)}
        data: Body = {
            "consent_id": self._id(self.consents, 0.05),
            "recipients": recipients,
            "purposes": ["coordination", *self._some(PURPOSES[1:], 1)],
            "data_classes": ["contact", *self._some(DATA[1:], 2)],
            "programme_classes": ["general", "domestic-violence"][: pick.randrange(1, 3)]
            if pick.random() < 0.4
            else [],
            "subject_capacity": "adult",
            "redisclosure": "none",
            "conditioned_on_service": False,
            "valid_from": "2020-01-01T00:00:00Z",
            "form": "paper-1",
            "admitted": members,
        }
        if pick.random() < 0.1:
            data["expires_at"] = pick.choice(("2024-01-01T00:00:00Z", "2199-01-01T00:00:00Z"))
        if pick.random() < 0.05:
            data["only_on_weekdays"] = True
        return self._event("consent.granted", self._mostly(self.sender), self.key, data)

    def narrowed(self) -> Body:
        data: Body = {"consent_id": self._known(self.consents), "data_classes": self._some(DATA, 3)}
        if self.random.random() < 0.5:
            data["except_recipients"] = [self.random.choice(PARTNERS)]
        if self.random.random() < 0.1:
            data["recipients"] = {"partners": [self.sender]}
        return self._event("consent.narrowed", self.sender, self.key, data)

    def ended(self) -> Body:
        name = self.random.choice(("consent.revoked", "consent.entered_in_error"))
        return self._event(
            name, self.sender, self.key, {"consent_id": self._known(self.consents), "reason": "client-asked"}
        )

    def requested(self) -> Body:
        data = {"need": {"taxonomy": "open-eligibility", "code": "food"}, "urgency": "soon", "area": "district-1"}
        subject = self._id(self.referrals, 0.05)
        return self._event("referral.requested", self.sender, subject, self._sealed(data))

    def offered(self) -> Body:
        pick, subject, programme = self.random, self._known(self.referrals), self.random.choice(PROGRAMMES)
        offer = Offer(uuid(pick), subject, pick.choice(PARTNERS[1:]))
        data: Body = {
            "offer_id": pick.choice(self.offers).id if self.offers and pick.random() < 0.03 else offer.id,
            "recipient": offer.recipient,
            "service_id": pick.choice(SERVICES),
            "purpose": "coordination" if pick.random() < 0.9 else "referral",
            "data_classes": ["contact"] if pick.random() < 0.8 else ["contact", "health"],
            "respond_by": "2026-04-01T12:00:00Z",
            "consent_id": self._known(self.consents),
            "admitted": {"programme_class": programme, "protected": programme == "domestic-violence"},
        }
        if pick.random() < 0.3:
            data["admitted"]["min_attempts"] = pick.randrange(3)
        if pick.random() < 0.03:
            data.pop("recipient")
            data["to_class"] = "shelter"
        if pick.random() < 0.5:
            data["duplicate_reason"] = "separate-need"
        if self.offers and pick.random() < 0.2:
            data["replaces"] = pick.choice(self.offers).id
        self.offers.append(offer)
        return self._event("referral.offer_sent", self._mostly(self.sender), subject, self._sealed(data))

    def answered(self) -> Body:
        if not self.offers:
            return self.offered()
        pick, offer = self.random, self.random.choice(self.offers[-2:])
        data: Body = {"offer_id": offer.id}
        names = ("offer_viewed", "offer_accepted", "offer_declined", "service_started", "outcome_recorded")
        (name,) = pick.choices((*names, "outcome_acknowledged"), (3, 6, 2, 4, 4, 2))
        if name == "offer_viewed":
            data["by"] = pick.choice(("person", "link", "system"))
        elif name == "offer_declined":
            data = self._sealed({**data, "reason": pick.choice(REASONS)}, "note")
        elif name == "outcome_recorded":
            data = self._sealed(data | self._outcome(), "note")
        source = self.sender if name == "outcome_acknowledged" else offer.recipient
        return self._event(f"referral.{name}", self._mostly(source), offer.referral, data)

    def _outcome(self) -> Body:
        pick = self.random
        said: Body = {"outcome": pick.choice(("delivered", "partly", "not-delivered"))}
        if pick.random() < 0.8:
            said["outputs"] = [{"kind": "meal", "amount": "1"}]
        if pick.random() < 0.8:
            said |= {"reason": pick.choice(REASONS), "attempts": pick.randrange(5)}
        if pick.random() < 0.3:
            said["admitted"] = {"min_attempts": 2}
        return said

    def _event(self, name: str, source: str, subject: str, data: Body) -> Body:
        pick = self.random
        admitted = {"digest": pick.randbytes(32).hex(), "directory": 7, "door": "cli"}
        if self.backfill:
            admitted["backfill"] = self.backfill
            if pick.random() < 0.03:
                self.at -= timedelta(days=pick.randrange(1, 300))
        looked_up = {key: value for key, value in data.get("admitted", {}).items() if value is not None}
        return {
            "specversion": "1.0",
            "id": uuid(pick),
            "source": f"urn:manyhands:partner:{source}",
            "subject": subject,
            "time": self.at.isoformat(),
            "datacontenttype": "application/json",
            "partitionkey": self.key,
            "initiative": "riverbend",
            "actor": uuid(pick),
            "type": f"org.manyhands.{name}.v1",
            "data": {**data, "admitted": admitted | looked_up},
        }

    def _mostly(self, partner: str) -> str:
        return partner if self.random.random() < 0.93 else self.random.choice(PARTNERS)

    def _some(self, values: tuple[str, ...], most: int) -> list[str]:
        return self.random.sample(values, self.random.randrange(max(1, most - 1), most + 1))

    def _id(self, known: list[str], again: float) -> str:
        if known and self.random.random() < again:
            return self.random.choice(known)
        known.append(uuid(self.random))
        return known[-1]

    def _known(self, known: list[str]) -> str:
        return self.random.choice(known) if known and self.random.random() < 0.97 else uuid(self.random)

    def _sealed(self, data: Body, name: str = "details") -> Body:
        if self.random.random() < 0.6:
            return data
        return {**data, name: {"v": 1, "alg": "A256GCM", "kid": "k" * 22, "nonce": "n" * 16, "ct": "c" * 363}}
