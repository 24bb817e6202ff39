"""The feed: one row for each thing that a partner is told, in the order of the log.

A row holds ids and codes alone, and goes to those who take part in what it speaks of and to nobody else.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, cast, get_args

from events.authority import partner_of
from events.catalogue import CaseEvent, Event, short
from events.referral import ClientAnswered, OfferClaimed, OfferSent
from projections.communication.notes import GONE, NOTES, REFUSED, TO_CLASS, Note
from projections.projection import Entry, Key, Row, Table
from projections.referral.endings import Ending, ending_fact
from projections.referral.facts import OfferEvent, fact_of
from projections.referral.keys import client_key, referral_key, subject_key
from projections.referral.rules.guard import of_class
from projections.referral.state import Client, Offer, Referral, offer_of
from projections.referral.transitions import Fact
from projections.ruling import Refused
from projections.timeline import offer_named

FEED = Table(
    name="feed",
    columns={
        "initiative": "text",
        "partner": "text",
        "partition": "int4",
        "record_offset": "int8",
        "ordinal": "int2",
        "kind": "text",
        "why": "text",
        "next": "text",
        "referral": "uuid",
        "offer": "uuid",
        "counterpart": "text",
        "code": "text",
        "protected": "bool",
        "event": "uuid",
        "type": "text",
        "happened": "timestamptz",
        "recorded": "timestamptz",
    },
    key=("initiative", "partner", "partition", "record_offset", "ordinal"),
    sql=Path(__file__).with_name("feed.sql"),
    append=True,
)
#: What somebody who takes no part is refused with, whatever the reason: it must not tell what there is.
UNKNOWN = "unknown-subject"
#: Stands in the place of an event's type, where that would tell what became of somebody else's offer.
WITHHELD = "withheld"
_TELLING = frozenset((*get_args(OfferEvent), *get_args(Ending)))
_SAYING = frozenset(get_args(OfferEvent))


class Told(NamedTuple):
    """What one partner is told."""

    partner: str
    note: Note
    referral: str | None
    offer: str | None
    counterpart: str | None
    code: str | None
    protected: bool


class Feed:
    """What each partner is told of an entry.  History that is loaded later is no news; what was refused of it is."""

    table = FEED

    def aggregate(self, event: Event) -> Key:
        return subject_key(cast(CaseEvent, event))

    def rows(self, entry: Entry) -> Iterable[Row]:
        event = cast(CaseEvent, entry.event)
        if type(entry.ruling) is Refused:
            return _rows(entry, _refused(event, entry.ruling.code, entry))
        if type(event) not in _TELLING or event.data.admitted.backfill is not None:
            return ()
        return _rows(entry, _told(event, entry))

    def reused(self, entry: Entry) -> Iterable[Row]:
        code = cast(Refused, entry.ruling).code
        return _rows(entry, _refused(cast(CaseEvent, entry.event), code, entry))


def _rows(entry: Entry, told: Iterable[Told]) -> Iterator[Row]:
    event, at = entry.event, entry.at
    times: tuple[datetime, datetime] = (event.time, at.recorded)
    for ordinal, (partner, note, *rest) in enumerate(told):
        place = (at.partition.number, at.offset, ordinal)
        type_ = WITHHELD if note is GONE else short(event.type)
        yield (event.initiative, partner, *place, note.kind, note.to, note.next, *rest, event.id, type_, *times)


def _told(event: CaseEvent, entry: Entry) -> Iterator[Told]:
    for key, after in entry.changed.items():
        if key.kind == "referral":
            for offer, before in _moved(entry.before.get(key), after):
                yield from _of_offer(event, key.id, after, (offer, before))


def _of_offer(
    event: CaseEvent, referral_id: str, referral: Referral, moved: tuple[Offer, Offer | None]
) -> Iterator[Told]:
    offer, before = moved
    if isinstance(event, OfferSent) and not offer.recipient:
        yield from _to_class(referral_id, offer)
        return
    for note in (note for fact in _meaning(event, referral_id, offer, before) for note in NOTES[fact]):
        # Until somebody claims it, an offer to a class has one side alone.
        if (offer.recipient or note.to == "sender") and _is_news(note, before):
            yield _about(referral_id, referral, offer, note)
    if before is not None:
        yield from _gone(referral_id, offer, before)


def _gone(referral: str, offer: Offer, before: Offer) -> Iterator[Told]:
    """Tell those who could claim it that they cannot any more, or are not asked to: not why, and not who could."""
    if _claimable(before) and not _claimable(offer):
        for member in before.members:
            if member != offer.recipient:
                yield Told(member, GONE, referral, offer.id, None, None, before.protected)


def _claimable(offer: Offer) -> bool:
    return not offer.recipient and offer.status == "requested"


def _meaning(event: CaseEvent, referral: str, offer: Offer, before: Offer | None) -> Iterator[Fact]:
    """Yield what happened to this offer; a client's answer may end others, or the very one that it is about, too."""
    if type(event) not in _SAYING:
        yield ending_fact(cast(Ending, event))
        return
    said = cast(OfferEvent, event)
    ended = offer.status == "cancelled" and (before and before.status) != "cancelled"
    if (referral, offer.id) == (event.subject, said.data.offer_id):
        yield fact_of(said)
    if isinstance(said, ClientAnswered) and ended:
        yield "consent-ended"


def _to_class(referral: str, offer: Offer) -> Iterator[Told]:
    """Tell the members whom the person agreed to; who asks is told when one of them claims."""
    for member in offer.members:
        yield Told(member, TO_CLASS, referral, offer.id, None, None, offer.protected)


def _moved(before: Referral | None, after: Referral) -> Iterator[tuple[Offer, Offer | None]]:
    """Yield the offers that are not as they were, each with what it was."""
    for offer in after.offers:
        was = None if before is None else offer_of(before, offer.id)
        if was != offer:
            yield offer, was


def _is_news(note: Note, before: Offer | None) -> bool:
    return note.once is None or before is None or getattr(before, note.once) is None


def _about(referral_id: str, referral: Referral, offer: Offer, note: Note) -> Told:
    sides = (referral.sender, offer.recipient)
    partner, counterpart = sides if note.to == "sender" else sides[::-1]
    code = offer.detail if offer.status == "cancelled" else offer.reason
    return Told(partner, note, referral_id, offer.id, counterpart or None, code, offer.protected)


def _refused(event: CaseEvent, code: str, entry: Entry) -> Iterator[Told]:
    """Tell whoever said it.  To one who takes no part, unknown and not its own look alike."""
    author = partner_of(event.source)
    if author is None:
        return
    about = event.subject if subject_key(event).kind == "referral" else None
    shown = code if code == "id-reused" or _takes_part(author, event, entry) else UNKNOWN
    yield Told(author, REFUSED, about, offer_named(event.data), None, shown, _protected(event, author, entry))


def _takes_part(partner: str, event: CaseEvent, entry: Entry) -> bool:
    client: Client | None = entry.before.get(client_key(event))
    referral: Referral | None = entry.before.get(referral_key(event))
    if client is not None and (partner == client.by or partner in client.serving):
        return True
    if referral is None:
        return False
    return partner in (referral.sender, *(offer.recipient for offer in referral.offers)) or _was_asked(event, referral)


def _was_asked(event: CaseEvent, referral: Referral) -> bool:
    """Say whether the author claimed what its class was asked: it was told of the offer, and may know who was first."""
    if not isinstance(event, OfferClaimed):
        return False
    offer = offer_of(referral, event.data.offer_id)
    return offer is not None and of_class(event, offer)


def _protected(event: CaseEvent, author: str, entry: Entry) -> bool:
    """Say whether the author spoke of a protected programme that it is a side of."""
    if isinstance(event, OfferSent):
        return event.data.admitted.protected is not False
    referral: Referral | None = entry.before.get(referral_key(event))
    named = offer_named(event.data)
    offer: Any = referral and named and offer_of(referral, named)
    return bool(referral and offer and author in (referral.sender, offer.recipient) and offer.protected)
