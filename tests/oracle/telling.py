"""What each partner must be told, worked out from the log by itself."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.oracle.expected import Expected, Row
from tests.oracle.judging import Case
from tests.oracle.reading import Raw, read
from tests.oracle.shapes import instant

_PARTNER = "urn:manyhands:partner:"
_ENDS = ("consent.revoked", "consent.entered_in_error", "consent.narrowed", "client.erased")
#: Event and what it says of how it ended → what the sender is told, and what it can do.
_SENDER_HEARS = {
    "referral.offer_accepted": ("offer-accepted", "nothing"),
    "referral.offer_declined": ("offer-declined", "offer-elsewhere"),
    "referral.service_started": ("service-started", "nothing"),
    "delivered": ("offer-served", "acknowledge-outcome"),
    "partly": ("offer-partly-served", "acknowledge-outcome"),
    "not-delivered": ("offer-not-served", "acknowledge-outcome"),
}
_SHOWN = (
    "kind",
    "why",
    "next",
    "referral",
    "offer",
    "counterpart",
    "code",
    "protected",
    "event",
    "type",
    "happened",
    "recorded",
)
Offers = dict[tuple[str, str], dict[str, Any]]
#: Initiative, partner, partition and offset.
Place = tuple[str, str, int, int]


@dataclass
class Telling(Expected):
    """The same log, with every partner's feed: what is told by a record, in no order among itself."""

    feed: dict[Place, list[tuple[Any, ...]]] = field(default_factory=lambda: defaultdict(list))
    _seen: set[tuple[str, str, str]] = field(default_factory=set)
    _event: Any = None

    def _one(self, record: Raw) -> None:
        self._event = read(record, self.partitions)
        super()._one(record)

    def _judge(self, record: Raw, clock: datetime, event: Row, said: Row) -> None:
        case = self.cases.setdefault((event["initiative"], event["partitionkey"]), Case())
        before, refused = _copied(case), len(self.refusals)
        super()._judge(record, clock, event, said)
        if len(self.refusals) > refused:
            return
        news = list(self._news(event, before, _copied(case), case))
        if event["data"]["admitted"].get("backfill") is None:
            self._tell(record, clock, event, news)

    def _refuse(self, record: Raw, clock: datetime, code: str, said: Row) -> None:
        super()._refuse(record, clock, code, said)
        source = said.get("source") or ""
        if source.startswith(_PARTNER):
            author = source.removeprefix(_PARTNER)
            self._tell(record, clock, self._event, [(author, self._refused(author, code, self._event))])

    def _tell(self, record: Raw, clock: datetime, event: Row, news: Iterable[tuple[str, Row]]) -> None:
        source = {"event": event["id"], "type": event["short"], "happened": instant(event["time"]), "recorded": clock}
        for partner, told in news:
            row = {**dict.fromkeys(_SHOWN), **told, **source}
            place = (event["initiative"], partner, record.partition, record.offset)
            self.feed[place].append(tuple(row[name] for name in _SHOWN))

    def _refused(self, author: str, code: str, event: Row) -> Row:
        case = self.cases.get((event["initiative"], event["partitionkey"]), Case())
        spoken = event["short"].startswith("referral.")
        referral = case.referrals.get(event["subject"]) if code != "id-reused" else None
        offer = event["data"].get("offer_id")
        sides: set[str] = set()
        protected = False
        if referral:
            sides = {referral["sender"], *(each["recipient"] for each in referral["offers"].values())}
            named = referral["offers"].get(offer)
            protected = bool(named and named["protected"] and author in (referral["sender"], named["recipient"]))
        if event["short"] == "referral.offer_sent":
            protected = event["data"]["admitted"].get("protected") is not False
        taking = author in sides or (case.client is not None and author in case.client["serving"])
        return {
            "kind": "refused",
            "why": "author",
            "next": "say-it-again-corrected",
            "referral": event["subject"] if spoken else None,
            "offer": offer,
            "code": code if taking or code == "id-reused" else "unknown-subject",
            "protected": protected,
        }

    def _news(self, event: Row, before: Offers, now: Offers, case: Case) -> Iterator[tuple[str, Row]]:
        name, data = event["short"], event["data"]
        if name in _ENDS:
            for key, offer in now.items():
                if offer["status"] == "cancelled" and before[key]["status"] != "cancelled":
                    again = "nothing" if name == "client.erased" else "ask-for-consent"
                    yield _told(case, key, offer, ("offer-cancelled", "recipient", "stop-sharing"), offer["detail"])
                    yield _told(case, key, offer, ("offer-cancelled", "sender", again), offer["detail"])
            return
        key = (event["subject"], data.get("offer_id"))
        if key not in now:
            return
        offer = now[key]
        if name == "referral.offer_sent":
            yield _told(case, key, offer, ("offer-arrived", "recipient", "answer-offer"), None)
        elif name == "referral.offer_viewed":
            looked = (event["partitionkey"], *key)
            if data["by"] != "system" and looked not in self._seen:
                yield _told(case, key, offer, ("offer-viewed", "sender", "nothing"), _reason(offer))
                self._seen.add(looked)
        elif name == "referral.outcome_acknowledged":
            if "acknowledged" not in before[key]:
                yield _told(case, key, offer, ("outcome-acknowledged", "recipient", "nothing"), _reason(offer))
        else:
            kind, step = _SENDER_HEARS[data.get("outcome", name)]
            yield _told(case, key, offer, (kind, "sender", step), _reason(offer))


def _reason(offer: dict[str, Any]) -> str | None:
    """Return the reason that was given, or how it came to be cancelled."""
    found: str | None = offer["detail"] if offer["status"] == "cancelled" else offer.get("reason")
    return found


def _told(
    case: Case, key: tuple[str, str], offer: dict[str, Any], what: tuple[str, str, str], code: str | None
) -> tuple[str, Row]:
    kind, why, step = what
    sender, recipient = case.referrals[key[0]]["sender"], offer["recipient"]
    partner, other = (sender, recipient) if why == "sender" else (recipient, sender)
    row = {"kind": kind, "why": why, "next": step, "referral": key[0], "offer": key[1], "counterpart": other}
    return partner, {**row, "code": code, "protected": offer["protected"]}


def _copied(case: Case) -> Offers:
    return {
        (key, offer_id): dict(offer)
        for key, referral in case.referrals.items()
        for offer_id, offer in referral["offers"].items()
    }


def differences(expected: Telling, rows: Iterable[Row]) -> list[str]:
    """Return where the feeds do not say what they must, each record's entries in any order but numbered from 0."""
    found: dict[Place, list[tuple[Any, ...]]] = defaultdict(list)
    ordinals: dict[Place, list[int]] = defaultdict(list)
    for row in rows:
        place = (row["initiative"], row["partner"], row["partition"], row["record_offset"])
        found[place].append(tuple(_plain(row[name]) for name in _SHOWN))
        ordinals[place[0], "", *place[2:]].append(row["ordinal"])
    wrong = [
        f"feed {place}: ordinals {seen}" for place, seen in ordinals.items() if sorted(seen) != [*range(len(seen))]
    ]
    for place in sorted(found.keys() | expected.feed.keys()):
        told, wanted = found.get(place, []), expected.feed.get(place, [])
        if sorted(map(repr, told)) != sorted(map(repr, wanted)):
            wrong.append(f"feed {place}: {told}, not {wanted}")
    return wrong


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return instant(value.isoformat())
    return value if value is None or isinstance(value, bool | str) else str(value)
