"""What stands under one record key, and how a rule breaks off."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

OPEN = frozenset({"requested", "accepted", "in-progress", "on-hold"})
MOST = {"consents": 100, "offers": 50, "open": 200, "links": 20}
_PARTNER = "urn:manyhands:partner:"
TIMEKEEPER = "urn:manyhands:system:timekeeper"
Body = dict[str, Any]


class Refused(Exception):
    """The record changes nothing; the argument is the code."""


@dataclass
class Case:
    """Everything under one record key."""

    client: Body | None = None
    referrals: dict[str, Body] = field(default_factory=dict)
    episodes: dict[str, Body] = field(default_factory=dict)
    #: What was told of offers so far, and how often.
    facts: Counter[str] = field(default_factory=Counter)

    def offers(self) -> list[Body]:
        """Return every offer of every referral."""
        return [offer for referral in self.referrals.values() for offer in referral["offers"].values()]

    def serves(self, partner: str | None) -> bool:
        """Return whether the partner registered the person, or took an offer on or enrolled them by no error."""
        taken = [each for each in self.offers() if each.get("accepted") and each["status"] != "entered-in-error"]
        within = [each["partner"] for each in self.episodes.values() if not each["in_error"]]
        by = self.client and self.client["by"]
        return partner is not None and partner in [by, *(each["recipient"] for each in taken), *within]

    def open(self) -> list[Body]:
        """Return the offers that have not ended."""
        return [offer for offer in self.offers() if offer["status"] in OPEN]


@dataclass(frozen=True)
class Said:
    """An event, what it touches, and when it counts and was recorded."""

    case: Case
    event: Body
    at: datetime
    recorded: datetime

    @property
    def data(self) -> Body:
        data: Body = self.event["data"]
        return data

    @property
    def name(self) -> str:
        """Return the type without its family."""
        return str(self.event["short"]).partition(".")[2]

    @property
    def client(self) -> Body:
        assert self.case.client is not None
        return self.case.client

    @property
    def partner(self) -> str | None:
        """Return the partner that speaks."""
        source: str = self.event["source"]
        return source.removeprefix(_PARTNER) if source.startswith(_PARTNER) else None

    def by(self, kind: str) -> bool:
        """Return whether the source is of this kind: link, client-link or system."""
        return str(self.event["source"]).startswith(f"urn:manyhands:{kind}:")

    def in_order(self, *histories: Body) -> None:
        """Refuse what happened before one of these histories' latest instant."""
        need(all(self.at >= history["last"] for history in histories), "out-of-order")


def need(true: object, code: str) -> None:
    """Refuse with the code where this does not hold."""
    if not true:
        raise Refused(code)
