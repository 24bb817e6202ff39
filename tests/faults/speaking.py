"""How records would stand on the log: an envelope around what is said, right most times and wrong at others."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

Body = dict[str, Any]

PARTNERS = ("clinic", "shelter", "bakery", "school", "council", "legal-aid")
#: Sources that are no partner's.
CLOCK, VAULT = "urn:manyhands:system:timekeeper", "urn:manyhands:system:vault"
LINK, CLIENT_LINK = "urn:manyhands:link:l1", "urn:manyhands:client-link:c1"
ANYBODY = (*PARTNERS, "stranger", CLOCK, VAULT, LINK, CLIENT_LINK)
#: Where histories loaded late begin.
HISTORY = datetime(2023, 1, 2, 9, 0, tzinfo=UTC)
LIVE = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
#: Since when what is live is recorded, where a test's own clock goes on.
RECORDED = datetime(2026, 11, 28, tzinfo=UTC)


def uuid(random: Random) -> str:
    """Return a random UUID."""
    return str(UUID(int=random.getrandbits(128), version=4))


@dataclass
class Speaker:
    """What everything said of one client has in common."""

    random: Random
    key: str
    sender: str
    backfill: str | None
    at: datetime

    def event(self, name: str, source: str, subject: str, data: Body) -> Body:
        """Return the event; the source is a partner's slug or a whole one."""
        pick = self.random
        admitted = {"digest": pick.randbytes(32).hex(), "directory": 7, "door": "cli"}
        if self.backfill:
            admitted["backfill"] = self.backfill
            if pick.random() < 0.015:
                self.at -= timedelta(days=pick.randrange(1, 300))
        looked_up = {key: value for key, value in data.get("admitted", {}).items() if value is not None}
        return {
            "specversion": "1.0",
            "id": uuid(pick),
            "source": source if ":" in source else f"urn:manyhands:partner:{source}",
            "subject": subject,
            "time": self.at.isoformat(),
            "datacontenttype": "application/json",
            "partitionkey": self.key,
            "initiative": "riverbend",
            "actor": uuid(pick),
            "type": f"org.manyhands.{name}.v1",
            "data": {**data, "admitted": admitted | looked_up},
        }

    def later(self) -> str:
        """Return an instant some days ahead."""
        return (self.at + timedelta(days=self.random.randrange(1, 15))).isoformat()

    def soon(self) -> str:
        """Return an instant that comes while the log is recorded, or while the history goes on that is loaded."""
        return self.later() if self.backfill else (RECORDED + timedelta(minutes=self.random.randrange(12))).isoformat()

    def likely(self, chance: float) -> bool:
        return self.random.random() < chance

    def mostly(self, source: str) -> str:
        """Return this source, or now and then anybody's."""
        return source if self.likely(0.96) else self.random.choice(ANYBODY)

    def some(self, values: tuple[str, ...], most: int) -> list[str]:
        return self.random.sample(values, self.random.randrange(max(1, most - 1), most + 1))

    def fresh(self, known: list[str], again: float) -> str:
        """Return a new id and keep it, or now and then one that is in use."""
        if known and self.likely(again):
            return self.random.choice(known)
        known.append(uuid(self.random))
        return known[-1]

    def known(self, known: list[str]) -> str:
        """Return one of these ids, or now and then one that nobody knows."""
        return self.random.choice(known) if known and self.likely(0.97) else uuid(self.random)

    def sealed(self, data: Body, name: str = "details") -> Body:
        """Return the data, at times with sealed text."""
        if self.likely(0.6):
            return data
        return {**data, name: {"v": 1, "alg": "A256GCM", "kid": "k" * 22, "nonce": "n" * 16, "ct": "c" * 363}}
