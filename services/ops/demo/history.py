"""What the partners did: seeded journeys of clients, as the events their systems would send.

Rows come in waves: within a client each change of speaker begins the next wave, so that admitting wave by
wave, partner by partner, keeps every client's story in order.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

from services.ops.demo.detours import (
    OPEN_CLASSES,
    Asked,
    afterwards,
    enrolled,
    given_up,
    handed_off,
    recalled,
    registered,
    unanswered,
    worked,
)
from services.ops.demo.people import remark
from services.ops.demo.teller import Row, Span, Teller
from services.ops.demo.world import AREAS, Partner, random_id

__all__ = ["Row", "Span", "journeys", "waves"]

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


@dataclass
class Journey(Teller):
    """One client's story, told step by step."""

    partners: Sequence[Partner]
    home: Partner = field(init=False)
    consent: str = field(init=False)
    #: The offer that was made last.
    latest: Asked | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.home = self.random.choice(self.partners)
        self.consent = random_id(self.random)

    def tell(self) -> list[Row]:
        """Return the whole story as rows in order."""
        helpers = self.random.sample([one for one in self.partners if one is not self.home], 3)
        registered(self, self.home)
        self._grant(helpers)
        if self.chance(0.06):
            handed_off(self, self.home)
        if self.chance(0.1):
            enrolled(self, self.home)
        for index in range(self.random.choice((1, 1, 2, 2, 3))):
            self._referral(helpers[index], spare=helpers[index - 1])
        self._stumble()
        return [row for row in self.rows if row.document["time"] <= self.span.until.isoformat()]

    def _grant(self, helpers: Sequence[Partner]) -> None:
        self.say(
            self.home,
            "consent.granted",
            {"client": self.own},
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
        self.say(
            self.home,
            "referral.requested",
            {"client": self.own, "subject": referral},
            need={"taxonomy": "manyhands", "code": helper.service.need},
            area=self.random.choice(AREAS),
            urgency=self.random.choice(("routine", "routine", "soon", "urgent")),
            details=remark(self.random),
        )
        asked = self._offer(referral, helper)
        self._answer(asked, ending)
        if ending != "declined":
            return
        if self.chance(0.5):
            self._answer(self._offer(referral, spare, replaces=asked.offer), "delivered")
        else:
            given_up(self, asked)

    def _offer(self, referral: str, helper: Partner, replaces: str | None = None) -> Asked:
        offer, head = random_id(self.random), {"subject": referral}
        shared = ["contact", "need"]
        data = {
            "offer_id": offer,
            "service_id": helper.service.id,
            "purpose": "referral",
            "data_classes": shared,
            "respond_by": (self.now + timedelta(days=14)).date().isoformat(),
            "consent_id": self.consent,
        }
        if replaces:
            data["replaces"] = replaces
        to = {"recipient": helper.id}
        if self.chance(0.1):
            self.say(self.home, "referral.offer_drafted", head, offer_id=offer, **to)
        if self.chance(0.01):
            more = {**data, "offer_id": random_id(self.random), "data_classes": [*shared, "health"]}
            self.say(self.home, "referral.offer_sent", head, **to, **more)
        self.latest = Asked(self.home, helper, referral, offer)
        if helper.trade in OPEN_CLASSES and self.chance(0.15):
            # Whoever of the class is first; the service is known when it is claimed.
            self.say(
                self.home,
                "referral.offer_sent",
                head,
                **data | {"service_id": random_id(self.random), "to_class": helper.trade},
            )
            self.say(helper, "referral.offer_claimed", head, offer_id=offer, service_id=helper.service.id)
            return self.latest._replace(claimed=True)
        self.say(self.home, "referral.offer_sent", head, **to, **data)
        return self.latest

    def _answer(self, asked: Asked, ending: str) -> None:
        head, helper, offer = asked.head, asked.helper, asked.offer
        if asked.claimed:
            self._take(asked, "delivered" if ending in ("sent", "viewed", "declined") else ending)
            return
        if ending == "sent":
            recalled(self, asked)
            return
        self.say(helper, "referral.offer_viewed", head, offer_id=offer, by="person")
        if ending == "viewed":
            return
        if ending == "declined":
            reason = self.random.choice(DECLINE_REASONS)
            self.say(helper, "referral.offer_declined", head, offer_id=offer, reason=reason, note=remark(self.random))
            self._acknowledge(asked)
            return
        self.say(helper, "referral.offer_accepted", head, offer_id=offer)
        self._take(asked, ending)

    def _take(self, asked: Asked, ending: str) -> None:
        """Tell what comes of an offer that was taken on."""
        if not worked(self, asked, starts=ending != "accepted"):
            return
        if ending == "accepted":
            unanswered(self, asked)
        if ending in ("accepted", "started"):
            return
        outcome = {"offer_id": asked.offer, **self._outcome(ending, asked.helper)}
        if self.chance(0.02):
            bare = {"offer_id": asked.offer, "outcome": "delivered"}
            self.say(asked.helper, "referral.outcome_recorded", asked.head, **bare)
        self.say(asked.helper, "referral.outcome_recorded", asked.head, **outcome)
        self._acknowledge(asked)
        afterwards(self, asked, served=ending != "not-delivered")

    def _outcome(self, ending: str, helper: Partner) -> dict[str, Any]:
        if ending == "not-delivered":
            return {"outcome": ending, "reason": self.random.choice(FAILURES), "attempts": 3}
        kind = "enrolment" if helper.service.need in ("education", "employment") else "service"
        return {
            "outcome": ending,
            "outputs": [{"kind": kind, "amount": str(self.random.randint(1, 20)), "unit": "visit"}],
        }

    def _acknowledge(self, asked: Asked) -> None:
        if self.chance(0.8):
            self.say(self.home, "referral.outcome_acknowledged", asked.head, offer_id=asked.offer)

    def _stumble(self) -> None:
        """Real systems send things twice, too late, or what was never theirs to say."""
        last, chance = self.rows[-1], self.random.random()
        if chance < 0.04:
            self.rows.append(last)
        elif self.latest is not None and chance < 0.12:
            who = self.latest.helper if chance < 0.08 else self.random.choice(self.partners)
            self.say(who, "referral.offer_accepted", self.latest.head, offer_id=self.latest.offer)


def journeys(random: Random, partners: Sequence[Partner], span: Span, clients: range) -> Iterator[Row]:
    """Yield the rows of that many clients' journeys, client by client."""
    for number in clients:
        yield from Journey(random, span, number, partners).tell()


def waves(rows: Iterator[Row]) -> list[dict[str, list[Row]]]:
    """Return the rows by wave and partner, the order in which they may be admitted."""
    sorted_rows: list[dict[str, list[Row]]] = []
    for row in rows:
        while len(sorted_rows) <= row.wave:
            sorted_rows.append({})
        sorted_rows[row.wave].setdefault(row.partner, []).append(row)
    return sorted_rows
