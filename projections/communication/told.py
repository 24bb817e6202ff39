"""Who is told what of offers that changed: each side, and whoever of a class is asked, in the words of the notes."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple, cast, get_args

from events.catalogue import CaseEvent
from events.referral import ClientAnswered, Closed, OfferSent
from projections.communication.notes import GONE, NOTES, TO_CLASS, UNAWAITED, Note, Stage
from projections.projection import Entry
from projections.referral.asked import may_be_claimed
from projections.referral.changes import changed_referrals
from projections.referral.endings import Ending, ending_fact
from projections.referral.facts import OfferEvent, fact_of
from projections.referral.state import Offer, Referral, offer_of
from projections.referral.status import is_awaited_late
from projections.referral.transitions import CANCEL_ASKED, TAKEN, Fact

SAYING = frozenset(get_args(OfferEvent))
TELLING = frozenset((*get_args(OfferEvent), *get_args(Ending), Closed))


class Told(NamedTuple):
    """What one partner is told."""

    partner: str
    note: Note
    referral: str | None
    offer: str | None
    counterpart: str | None
    code: str | None
    protected: bool


def told(event: CaseEvent, entry: Entry) -> Iterator[Told]:
    """Yield what everybody is told of an applied event."""
    for key, before, after in changed_referrals(entry):
        for offer, was in _moved(before, after):
            yield from _of_offer(event, key.id, (before, after), (offer, was))
        if isinstance(event, OfferSent | Closed) and before is not None:
            yield from _unawaited(key.id, before, after)


def _moved(before: Referral | None, after: Referral) -> Iterator[tuple[Offer, Offer | None]]:
    """Yield the offers that are not as they were, each with what it was."""
    for offer in after.offers:
        was = None if before is None else offer_of(before, offer.id)
        if was != offer:
            yield offer, was


def _of_offer(
    event: CaseEvent, referral_id: str, referrals: tuple[Referral | None, Referral], moved: tuple[Offer, Offer | None]
) -> Iterator[Told]:
    (earlier, referral), (offer, before) = referrals, moved
    if isinstance(event, OfferSent) and not offer.recipient:
        yield from _to_members(TO_CLASS, referral_id, offer, offer.members)
        return
    for note in (note for fact in _meaning(event, referral_id, offer, before) for note in NOTES[fact]):
        if _is_news(note, before) and (not note.stages or stage_of(offer) in note.stages):
            yield from _about(referral_id, referral, offer, note)
    if earlier is not None and before is not None and may_be_claimed(earlier, before):
        yield from _to_members(GONE, referral_id, before, _lost(before, referral, offer))


def _lost(before: Offer, referral: Referral, offer: Offer) -> Iterable[str]:
    """Return those who could claim it and cannot any more, or are not asked to: not why, and not who could."""
    still = (*offer.members, offer.recipient) if may_be_claimed(referral, offer) else (offer.recipient,)
    return (member for member in before.members if member not in still)


def _meaning(event: CaseEvent, referral: str, offer: Offer, before: Offer | None) -> Iterator[Fact]:
    """Yield what happened to this offer; a client's answer may end others, or the very one that it is about, too."""
    ended = offer.status == "cancelled" and (before and before.status) != "cancelled"
    if is_about(event, referral, offer.id):
        yield fact_of(cast(OfferEvent, event))
    if ended and (type(event) not in SAYING or isinstance(event, ClientAnswered)):
        yield ending_fact(cast(Ending, event))


def is_about(event: CaseEvent, referral: str, offer: str) -> bool:
    """Say whether the event speaks of this very offer, and not of the client or another one."""
    return type(event) in SAYING and (referral, offer) == (event.subject, cast(OfferEvent, event).data.offer_id)


def stage_of(offer: Offer) -> Stage:
    """Return where the offer stands, as far as it changes what can be done next."""
    if offer.status == "requested":
        return "awaiting-answer"
    if offer.status not in TAKEN:
        return "over"
    if offer.detail == CANCEL_ASKED:
        return "cancelling"
    return "promised" if offer.started is None else "at-work"


def _to_members(note: Note, referral: str, offer: Offer, members: Iterable[str]) -> Iterator[Told]:
    """Tell members of the class; who asks is told when one of them claims."""
    for member in members:
        yield Told(member, note, referral, offer.id, None, None, offer.protected)


def _is_news(note: Note, before: Offer | None) -> bool:
    return note.once is None or before is None or getattr(before, note.once) is None


def _about(referral_id: str, referral: Referral, offer: Offer, note: Note) -> Iterator[Told]:
    if note.to == "class-member":
        yield from _to_members(note, referral_id, offer, offer.members if may_be_claimed(referral, offer) else ())
        return
    sides = (referral.sender, offer.recipient)
    partner, counterpart = sides if note.to == "sender" else sides[::-1]
    # Until somebody claims it, an offer to a class has one side alone.
    if partner:
        code = offer.detail if offer.status == "cancelled" else offer.reason
        yield Told(partner, note, referral_id, offer.id, counterpart or None, code, offer.protected)


def _unawaited(referral_id: str, before: Referral, after: Referral) -> Iterator[Told]:
    """Tell whoever could still answer late that nobody waits for it any more: not why, and not who was asked."""
    for offer in before.offers:
        if not is_awaited_late(before, offer) or is_awaited_late(after, offer):
            continue
        if offer.recipient:
            yield Told(offer.recipient, UNAWAITED, referral_id, offer.id, before.sender, None, offer.protected)
        else:
            yield from _to_members(GONE, referral_id, offer, offer.members)
