"""A partner's own system, which speaks HTTP: what it says is waited for until it counts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import orjson

from services.ops.demo.scenes.patience import is_later, patiently
from services.ops.demo.scenes.refusal import answered
from services.ops.demo.systems import TEXT
from services.ops.demo.world import Partner
from services.ops.errors import DemoFailed

#: Seconds that an event may take from the door to the board.
WAIT_S = 20
EVENT = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Offered:
    """A referral and the offer of it that was made last, by their ids."""

    referral: str
    offer: str

    @property
    def about(self) -> dict[str, str]:
        return {"subject": self.referral}


@dataclass(frozen=True)
class Desk:
    """What one partner does."""

    partner: Partner
    door: httpx.AsyncClient
    #: The batch that its events belong to.
    correlation: str | None = None
    #: All that it wrote about people, which is sealed before it goes anywhere.
    sealed: list[str] = field(default_factory=list)

    async def get(self, place: str, **asked: Any) -> dict[str, Any]:
        """Return what the door answers.  Raises Told when it does not."""
        return answered(await patiently(lambda: self.door.get(place, params=asked)))

    async def finds(self, partner: Partner) -> None:
        """Return once the door has read of this partner and its service.  Raises Told when it does not."""
        place = f"/v1/partners/{partner.id}"
        answered(
            await patiently(
                lambda: self.door.get(place), lambda answer: not (answer.is_success and answer.json()["services"])
            )
        )

    async def stands(self, asked: Offered, wanted: str) -> str:
        """Return how the referral stands on this partner's board, once it is as wanted or that took too long."""
        place = f"/v1/referrals/{asked.referral}"
        answer = await patiently(
            lambda: self.door.get(place), lambda answer: is_later(answer) or answer.json().get("detail") != wanted
        )
        return str(answered(answer)["detail"])

    async def post(self, place: str, said: Mapping[str, Any]) -> dict[str, Any]:
        """Do as `get`, with a body."""
        return answered(await self.door.post(place, json=said))

    async def say(
        self, name: str, head: Mapping[str, str], data: Mapping[str, Any], when: datetime | None = None
    ) -> dict[str, Any]:
        """Say an event, and return the answer once it counts.  Raises DemoFailed when it does not."""
        time = (when or datetime.now(UTC)).isoformat()
        self.sealed.extend(data[text] for text in TEXT if text in data)
        row = {"type": name, "id": str(uuid4()), "time": time, **head, "data": data}
        if self.correlation is not None:
            row["correlationid"] = self.correlation
        answer = await self.door.post("/v1/events", content=orjson.dumps(row), headers=EVENT, params={"wait": WAIT_S})
        told: dict[str, Any] = answer.json()
        outcome = (told.get("ruling") or {}).get("outcome")
        if outcome != "applied":
            raise DemoFailed(f"{self.partner.id} said {name}: {answer.status_code} {told.get('code') or told}")
        return told

    async def answer(self, asked: Offered, name: str, when: datetime | None = None, **data: Any) -> None:
        """Say something of an offer."""
        await self.say(f"referral.{name}", asked.about, {"offer_id": asked.offer, **data}, when)

    async def know(
        self,
        own: str,
        details: str,
        helpers: list[Partner],
        when: datetime | None = None,
        until: datetime | None = None,
    ) -> None:
        """Register a client, and what they agree to: these partners may help, and nobody else is told."""
        now = when or datetime.now(UTC)
        head = {"client": own}
        await self.say("client.registered", head, {"categories": ["adult"], "details": details}, now)
        agreed = {
            "consent_id": own,
            "recipients": {"partners": [each.id for each in helpers]},
            "purposes": ["referral"],
            "data_classes": ["contact", "need"],
            "subject_capacity": "adult",
            "redisclosure": "none",
            "conditioned_on_service": False,
            "valid_from": (now - timedelta(days=1)).isoformat(),
            "form": "general",
        }
        ends = {} if until is None else {"expires_at": until.isoformat()}
        await self.say("consent.granted", head, agreed | ends, now)

    async def need(self, own: str, code: str, details: str, when: datetime | None = None) -> Offered:
        """State a need of the client, of which an offer can be made."""
        said = {"need": {"taxonomy": "manyhands", "code": code}, "area": "north", "urgency": "soon", "details": details}
        head = {"client": own, "subject": f"own:{uuid4()}"}
        return Offered((await self.say("referral.requested", head, said, when))["subject"], str(uuid4()))

    async def ask(
        self,
        asked: Offered,
        own: str,
        to: Mapping[str, str],
        when: datetime | None = None,
        respond_by: datetime | None = None,
    ) -> None:
        """Make the offer; `to` says to whom."""
        data = {
            "purpose": "referral",
            "data_classes": ["contact", "need"],
            "respond_by": (respond_by or datetime.now(UTC) + timedelta(days=10)).isoformat(),
            "consent_id": own,
        }
        await self.answer(asked, "offer_sent", when, **data, **to)

    async def refer(
        self, own: str, helper: Partner, details: str, when: datetime | None = None, respond_by: datetime | None = None
    ) -> Offered:
        """State a need of the client and offer it to the helper's service."""
        asked = await self.need(own, helper.service.need, details, when)
        await self.ask(asked, own, served_by(helper), when, respond_by)
        return asked


def served_by(helper: Partner) -> dict[str, str]:
    """Return what an offer to the helper's service says of it."""
    return {"recipient": helper.id, "service_id": helper.service.id}
