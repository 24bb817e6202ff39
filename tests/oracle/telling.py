"""What each partner must be told, worked out from the log by itself."""

import hashlib
import hmac
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from tests.oracle.answering import may_know
from tests.oracle.board import is_late
from tests.oracle.case import Case, Said
from tests.oracle.expected import Expected, Row
from tests.oracle.keeping import where
from tests.oracle.reading import Raw, read
from tests.oracle.shapes import instant

_PARTNER = "urn:manyhands:partner:"
_ENDS = ("consent.revoked", "consent.entered_in_error", "consent.narrowed", "client.erased")
_ASK, _ELSEWHERE, _SEEN = "ask-for-consent", "offer-elsewhere", "acknowledge-outcome"
#: Event, or what it says of how it ended → what the sender is told, and what it can do.
_SENDER_HEARS = {
    "referral.offer_accepted": ("offer-accepted", "nothing"),
    "referral.offer_claimed": ("offer-claimed", "nothing"),
    "referral.offer_declined": ("offer-declined", _ELSEWHERE),
    "referral.offer_expired": ("offer-expired", _ELSEWHERE),
    "referral.escalated": ("no-answer-yet", _ELSEWHERE),
    "referral.contact_attempted": ("contact-attempted", "nothing"),
    "referral.service_started": ("service-started", "nothing"),
    "referral.waitlisted": ("waitlisted", "nothing"),
    "referral.put_on_hold": ("put-on-hold", "nothing"),
    "referral.resumed": ("resumed", "nothing"),
    "referral.cancel_confirmed": ("cancel-confirmed", "nothing"),
    "referral.withdrawn": ("offer-withdrawn", _ELSEWHERE),
    "referral.client_answered": ("client-answered", "nothing"),
    "referral.outcome_corrected": ("outcome-corrected", _SEEN),
    "sender-left": ("offer-withdrawn", _ELSEWHERE),
    "consent-expired": ("offer-cancelled", _ASK),
    "delivered": ("offer-served", _SEEN),
    "partly": ("offer-partly-served", _SEEN),
    "not-delivered": ("offer-not-served", _SEEN),
}
#: The same for the recipient.
_RECIPIENT_HEARS = {
    "referral.offer_sent": ("offer-arrived", "answer-offer"),
    "referral.offer_recalled": ("offer-recalled", "stop-sharing"),
    "referral.offer_expired": ("offer-expired", "answer-offer"),
    "referral.reminded": ("reminder", "begin-service"),
    "referral.outcome_reported_by_sender": ("outcome-heard", "record-outcome"),
    "referral.cancel_requested": ("cancel-requested", "answer-cancellation"),
    "referral.cancel_confirmed": ("cancel-confirmed", "stop-sharing"),
    "referral.client_answered": ("client-answered", "nothing"),
    "sender-left": ("offer-recalled", "stop-sharing"),
    "consent-expired": ("offer-cancelled", "stop-sharing"),
    "referral.entered_in_error": ("offer-in-error", "stop-sharing"),
}
#: What the recipient can do instead, where the offer stands so.
_THERE = {
    ("referral.reminded", "waiting"): "answer-offer",
    ("referral.reminded", "asked"): "answer-cancellation",
    ("referral.cancel_confirmed", "silent"): "record-outcome",
    ("referral.outcome_reported_by_sender", "waiting"): "answer-offer",
    **{("referral.outcome_reported_by_sender", ended): "nothing" for ended in ("told", "over", "late")},
}
#: Told the first time alone: the mark that the offer had before, and who is told what.
_ONCE = {
    "referral.offer_viewed": ("viewed", ("offer-viewed", "sender", "nothing")),
    "referral.outcome_acknowledged": ("acknowledged", ("outcome-acknowledged", "recipient", "nothing")),
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
    _event: Any = None

    def _one(self, record: Raw) -> None:
        self._event = read(record, self.partitions)
        super()._one(record)

    def _judge(self, record: Raw, clock: datetime, event: Row, said: Row) -> None:
        case = self.cases.setdefault((event["initiative"], event["partitionkey"]), Case())
        before, late, refused = _copied(case), _late(case), len(self.refusals)
        super()._judge(record, clock, event, said)
        if len(self.refusals) > refused:
            return
        news = [*self._news(event, before, _copied(case), case), *_lost(before, late, case), *_nobody_waits(late, case)]
        if event["data"]["admitted"].get("backfill") is None:
            self._tell(record, clock, event, news)

    def _refuse(self, record: Raw, clock: datetime, code: str, said: Row) -> None:
        super()._refuse(record, clock, code, said)
        source = said.get("source") or ""
        if source.startswith(_PARTNER):
            author = source.removeprefix(_PARTNER)
            self._tell(record, clock, self._event, [(author, self._refused(author, code, self._event))])

    def _tell(self, record: Raw, clock: datetime, event: Row, news: Iterable[tuple[str, Row]]) -> None:
        times = {"happened": instant(event["time"]), "recorded": clock}
        for partner, told in news:
            row = {**dict.fromkeys(_SHOWN), **times, **told}
            row["event"], row["type"] = _source(event, row)
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
        taking = author in sides or case.serves(author)
        if event["short"] == "referral.offer_claimed" and referral and case.client and offer in referral["offers"]:
            # Who was asked was told of the offer, so nothing about it is hidden from it.
            said = Said(case, event, instant(event["time"]), instant(event["time"]))
            taking = taking or may_know(said, referral, referral["offers"][offer])
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
        spoken = (event["subject"], event["data"].get("offer_id"))
        for key, offer in now.items():
            was = before.get(key, {})
            if offer == was:
                continue
            if event["short"] == "referral.offer_sent" and not offer["recipient"]:
                yield from _opened(key, offer, event, case)
            elif _ended(event, offer, was):
                again = "nothing" if event["short"] == "client.erased" else _ASK
                yield from _told(case, key, offer, ("offer-cancelled", "recipient", "stop-sharing"))
                yield from _told(case, key, offer, ("offer-cancelled", "sender", again))
            if key == spoken and not (event["short"] == "referral.offer_sent" and not offer["recipient"]):
                yield from _said(event, case, key, (offer, was))


def _ended(event: Row, offer: dict[str, Any], was: dict[str, Any]) -> bool:
    """Return whether the end of consent, or of all about the client, ended this offer; an answer may be that too."""
    ended = offer["status"] == "cancelled" != was.get("status")
    return ended and event["short"] in (*_ENDS, "referral.client_answered")


def _opened(key: tuple[str, str], offer: dict[str, Any], event: Row, case: Case) -> Iterator[tuple[str, Row]]:
    """Yield what the members are told; those whom the person left out, or never meant, hear nothing."""
    row = {"kind": "offer-open-to-class", "why": "class-member", "next": "claim-offer", "referral": key[0]}
    consent = (case.client or {})["consents"][offer["consent"]]
    meant = consent["partners"] | consent["class_members"] | consent["network_members"]
    for member in event["data"]["admitted"].get("class_members") or ():
        if member not in meant - consent["except"]:
            continue
        yield member, {**row, "offer": key[1], "protected": offer["protected"]}


def _lost(before: Offers, late: Offers, case: Case) -> Iterator[tuple[str, Row]]:
    """Yield it to all who could claim an offer, late too, and cannot any more, or are left out; not to whoever did."""
    still = _late(case)
    for key, was in before.items():
        offer = case.referrals[key[0]]["offers"][key[1]]
        if not was["recipient"] and (_waits(was) or key in late):
            left = set(offer["members"]) if _waits(offer) or key in still else {offer["recipient"]}
            row = {"kind": "offer-gone", "why": "class-member", "next": "nothing", "referral": key[0], "offer": key[1]}
            yield from ((member, {**row, "protected": was["protected"]}) for member in set(was["members"]) - left)


def _late(case: Case) -> Offers:
    """Return the offers that ran out and may still be answered, as nobody took their place or gave up."""
    return {
        (key, offer_id): offer
        for key, referral in case.referrals.items()
        for offer_id, offer in referral["offers"].items()
        if is_late(referral, offer_id)
    }


def _nobody_waits(late: Offers, case: Case) -> Iterator[tuple[str, Row]]:
    """Yield it to those who may still accept, once another was asked in their place or the sender gave up."""
    still = _late(case)
    for key, offer in late.items():
        if offer["recipient"] and key not in still and where(offer) == "late":
            row = {"kind": "offer-gone", "why": "recipient", "next": "nothing", "referral": key[0], "offer": key[1]}
            sender = case.referrals[key[0]]["sender"]
            yield offer["recipient"], {**row, "counterpart": sender, "protected": offer["protected"]}


def _source(event: Row, row: Row) -> tuple[str, str]:
    """Return id and type of the event as they are told of this offer; what is about it alone is told as it is."""
    offer = event["short"].startswith("referral.")
    own = offer and (event["subject"], event["data"].get("offer_id")) == (row["referral"], row["offer"])
    if row["kind"] == "refused" or (own and row["kind"] != "offer-gone"):
        return event["id"], event["short"]
    parts = [part.encode() for part in ("told", row["referral"], row["offer"])]
    message = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    raw = bytearray(hmac.new(bytes.fromhex(event["data"]["admitted"]["digest"]), message, hashlib.sha256).digest()[:16])
    raw[6], raw[8] = raw[6] & 0x0F | 0x80, raw[8] & 0x3F | 0x80
    withheld = offer or row["kind"] == "offer-gone"
    return str(UUID(bytes=bytes(raw))), "withheld" if withheld else event["short"]


def _waits(offer: dict[str, Any]) -> bool:
    return offer["status"] == "requested" and not offer["recipient"]


def _said(
    event: Row, case: Case, key: tuple[str, str], moved: tuple[dict[str, Any], dict[str, Any]]
) -> Iterator[tuple[str, Row]]:
    """Yield what each side is told of what was said of an offer."""
    (offer, was), name, data = moved, event["short"], event["data"]
    if name in _ONCE:
        mark, what = _ONCE[name]
        if was.get(mark) is None and offer.get(mark) is not None:
            yield from _told(case, key, offer, what)
        return
    if name == "referral.reminded" and _waits(offer):
        yield from _members(key, offer, "reminder")
        return
    if name == "referral.offer_expired" and not offer["recipient"] and key in _late(case):
        yield from _members(key, offer, "offer-expired")
    if name == "referral.escalated" and where(offer) != "waiting":
        # It was accepted and has not begun; once a cancellation is asked for nobody waits for that.
        if where(offer) != "asked":
            yield from _told(case, key, offer, ("not-begun-yet", "sender", "ask-to-cancel"))
            yield from _told(case, key, offer, ("reminder", "recipient", "begin-service"))
        return
    heard = data["outcome"] if name == "referral.outcome_recorded" else name
    if name == "referral.withdrawn" and offer["detail"] in _RECIPIENT_HEARS:
        heard = offer["detail"]
    for why, table in (("sender", _SENDER_HEARS), ("recipient", _RECIPIENT_HEARS)):
        if heard in table:
            kind, step = table[heard]
            step = _THERE.get((name, where(offer)), step) if why == "recipient" else step
            yield from _told(case, key, offer, (kind, why, step))


def _members(key: tuple[str, str], offer: dict[str, Any], kind: str) -> Iterator[tuple[str, Row]]:
    """Yield it to everybody who can claim the offer."""
    row = {"kind": kind, "why": "class-member", "next": "claim-offer", "referral": key[0], "offer": key[1]}
    yield from ((member, {**row, "protected": offer["protected"]}) for member in offer["members"])


def _reason(offer: dict[str, Any]) -> str | None:
    """Return the reason that was given, or how it came to be cancelled."""
    found: str | None = offer["detail"] if offer["status"] == "cancelled" else offer.get("reason")
    return found


def _told(
    case: Case, key: tuple[str, str], offer: dict[str, Any], what: tuple[str, str, str]
) -> Iterator[tuple[str, Row]]:
    """Yield it for the side that it is for; the other one is nobody as long as nobody claimed the offer."""
    kind, why, step = what
    sender, recipient = case.referrals[key[0]]["sender"], offer["recipient"]
    partner, other = (sender, recipient) if why == "sender" else (recipient, sender)
    row = {"kind": kind, "why": why, "next": step, "referral": key[0], "offer": key[1], "counterpart": other}
    if partner:
        yield partner, {**row, "code": _reason(offer), "protected": offer["protected"]}


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
