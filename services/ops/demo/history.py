"""What the partners did: seeded journeys of clients, as the events their systems would send.

Rows come in waves: within a client each change of speaker begins the next wave, so that admitting wave by
wave, partner by partner, keeps every client's story in order.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from services.ops.demo.people import person, remark
from services.ops.demo.world import AREAS, Partner, random_id

#: How referrals end, of a hundred: open ones stop after the named step.
ENDINGS = (
    ("sent", 5),
    ("viewed", 4),
    ("accepted", 5),
    ("started", 6),
    ("declined", 14),
    ("delivered", 46),
    ("partly", 9),
    ("not-delivered", 11),
)
DECLINE_REASONS = ("no-capacity", "not-eligible", "outside-service-area", "service-not-offered")
FAILURES = ("client-no-longer-interested", "no-show", "unable-to-contact", "client-declined")


@dataclass(frozen=True)
class Row:
    """One event as its partner's system would send it."""

    wave: int
    partner: str
    document: dict[str, Any]


@dataclass(frozen=True)
class Span:
    """The time in which the story plays; nothing happens after `until`."""

    begin: datetime
    until: datetime
    #: The mean pause between two steps.
    pause: timedelta


@dataclass
class Journey:
    """One client's story, told step by step; `now` moves on with each."""

    random: Random
    partners: Sequence[Partner]
    span: Span
    number: int
    now: datetime = field(init=False)
    rows: list[Row] = field(default_factory=list)
    #: Who was asked last, about which referral, by which offer.
    latest: tuple[Partner, str, str] | None = None

    def __post_init__(self) -> None:
        self.now = self.span.begin + (self.span.until - self.span.begin) * self.random.random()
        self.home = self.random.choice(self.partners)
        self.consent = random_id(self.random)

    def tell(self) -> list[Row]:
        """Return the whole story as rows in order."""
        helpers = self.random.sample([one for one in self.partners if one is not self.home], 3)
        self._say(
            self.home, "client.registered", {"client": self._own}, categories=["adult"], details=person(self.random)
        )
        self._grant(helpers)
        for index in range(self.random.choice((1, 1, 2, 2, 3))):
            self._referral(helpers[index], spare=helpers[index - 1])
        self._stumble()
        return [row for row in self.rows if row.document["time"] <= self.span.until.isoformat()]

    @property
    def _own(self) -> str:
        return f"own:client-{self.number}"

    def _say(self, who: Partner, name: str, head: dict[str, str], **data: Any) -> None:
        """Add a row by `who`; a change of speaker begins the next wave."""
        last = self.rows[-1] if self.rows else None
        wave = 0 if last is None else last.wave + (last.partner != who.id)
        document = {"type": name, "id": f"{self.number}-{len(self.rows)}", "time": self.now.isoformat(), **head}
        self.rows.append(Row(wave, who.id, {**document, "actor": who.staff, "data": data}))
        self.now += self.span.pause * self.random.expovariate(1) + timedelta(milliseconds=1)

    def _grant(self, helpers: Sequence[Partner]) -> None:
        self._say(
            self.home,
            "consent.granted",
            {"client": self._own},
            consent_id=self.consent,
            recipients={"partners": [helper.id for helper in helpers], "networks": ["all"]},
            purposes=["referral"],
            data_classes=["contact", "need"],
            programme_classes=sorted({helper.service.programme_class for helper in helpers}),
            subject_capacity="adult",
            redisclosure="none",
            conditioned_on_service=False,
            valid_from=(self.now - timedelta(days=1)).isoformat(),
            form="general",
        )

    def _referral(self, helper: Partner, spare: Partner) -> None:
        referral = f"own:{random_id(self.random)}"
        ending = self.random.choices([name for name, _ in ENDINGS], [share for _, share in ENDINGS])[0]
        self._say(
            self.home,
            "referral.requested",
            {"client": self._own, "subject": referral},
            need={"taxonomy": "manyhands", "code": helper.service.need},
            area=self.random.choice(AREAS),
            urgency=self.random.choice(("routine", "routine", "soon", "urgent")),
            details=remark(self.random),
        )
        offer = self._offer(referral, helper)
        self._answer(referral, offer, helper, ending)
        if ending == "declined" and self.random.random() < 0.5:
            self._answer(referral, self._offer(referral, spare, replaces=offer), spare, "delivered")

    def _offer(self, referral: str, helper: Partner, replaces: str | None = None) -> str:
        offer = random_id(self.random)
        asked = ["contact", "need"]
        data = {
            "offer_id": offer,
            "recipient": helper.id,
            "service_id": helper.service.id,
            "purpose": "referral",
            "data_classes": asked,
            "respond_by": (self.now + timedelta(days=14)).date().isoformat(),
            "consent_id": self.consent,
        }
        if replaces:
            data["replaces"] = replaces
        if self.random.random() < 0.01:
            more = {**data, "offer_id": random_id(self.random), "data_classes": [*asked, "health"]}
            self._say(self.home, "referral.offer_sent", {"subject": referral}, **more)
        self._say(self.home, "referral.offer_sent", {"subject": referral}, **data)
        self.latest = (helper, referral, offer)
        return offer

    def _answer(self, referral: str, offer: str, helper: Partner, ending: str) -> None:
        head = {"subject": referral}
        if ending == "sent":
            return
        self._say(helper, "referral.offer_viewed", head, offer_id=offer, by="person")
        if ending == "viewed":
            return
        if ending == "declined":
            reason = self.random.choice(DECLINE_REASONS)
            self._say(helper, "referral.offer_declined", head, offer_id=offer, reason=reason, note=remark(self.random))
            self._acknowledge(referral, offer)
            return
        self._say(helper, "referral.offer_accepted", head, offer_id=offer)
        if ending == "accepted":
            return
        self._say(helper, "referral.service_started", head, offer_id=offer)
        if ending != "started":
            if self.random.random() < 0.02:
                self._say(helper, "referral.outcome_recorded", head, offer_id=offer, outcome="delivered")
            self._say(helper, "referral.outcome_recorded", head, offer_id=offer, **self._outcome(ending, helper))
            self._acknowledge(referral, offer)

    def _outcome(self, ending: str, helper: Partner) -> dict[str, Any]:
        if ending == "not-delivered":
            return {"outcome": ending, "reason": self.random.choice(FAILURES), "attempts": 3}
        kind = "enrolment" if helper.service.need in ("education", "employment") else "service"
        return {
            "outcome": ending,
            "outputs": [{"kind": kind, "amount": str(self.random.randint(1, 20)), "unit": "visit"}],
        }

    def _acknowledge(self, referral: str, offer: str) -> None:
        if self.random.random() < 0.8:
            self._say(self.home, "referral.outcome_acknowledged", {"subject": referral}, offer_id=offer)

    def _stumble(self) -> None:
        """Real systems send things twice, too late, or what was never theirs to say."""
        last, chance = self.rows[-1], self.random.random()
        if chance < 0.04:
            self.rows.append(last)
        elif self.latest is not None and chance < 0.12:
            helper, referral, offer = self.latest
            who = helper if chance < 0.08 else self.random.choice(self.partners)
            self._say(who, "referral.offer_accepted", {"subject": referral}, offer_id=offer)


def journeys(random: Random, partners: Sequence[Partner], span: Span, clients: range) -> Iterator[Row]:
    """Yield the rows of that many clients' journeys, client by client."""
    for number in clients:
        yield from Journey(random, partners, span, number).tell()


def waves(rows: Iterator[Row]) -> list[dict[str, list[Row]]]:
    """Return the rows by wave and partner, the order in which they may be admitted."""
    sorted_rows: list[dict[str, list[Row]]] = []
    for row in rows:
        while len(sorted_rows) <= row.wave:
            sorted_rows.append({})
        sorted_rows[row.wave].setdefault(row.partner, []).append(row)
    return sorted_rows
