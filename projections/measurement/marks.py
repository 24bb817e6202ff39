"""What loop figures count: marks of an offer, of a need and of a person, read off their states."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from projections.referral.state import Client, Offer, Referral
from projections.referral.status import ran_out, replaced_by
from projections.referral.transitions import EXPIRED, TERMINAL

_ENDED = (*TERMINAL, "entered-in-error")
#: That a need counts in another month than before, as the offer that it counted by was an error.
MOVED = "moved"


class Cuts(NamedTuple):
    """What figures can be cut by, as it was when the offer was sent, or claimed."""

    sender: str
    recipient: str | None
    service: str | None
    need: str
    area: str | None
    programme_class: str | None
    protected: bool
    #: It is history that was loaded later.
    backfilled: bool


class Mark(NamedTuple):
    """Something that happened; `happened` is None where it is not so any more."""

    name: str
    happened: datetime | None
    value: str | None = None
    detail: str | None = None
    cuts: Cuts | None = None


class Told(NamedTuple):
    """A mark, and the offer that it is about; None where it is about the need as a whole."""

    offer: Offer | None
    #: The id of the offer, or of what was handed off.
    id: str | None
    mark: Mark


def changes(before: Referral | None, after: Referral) -> Iterator[Told]:
    """Yield every mark that is so from now on, or not so any more.

    Offers keep their order and their number, so each stands beside what it was.
    """
    known = () if before is None else before.offers
    for number, offer in enumerate(after.offers):
        was = known[number] if number < len(known) else None
        if was is not offer:
            yield from (Told(offer, offer.id, mark) for mark in _differing(after, was, offer))
    yield from _replaced(known, after.offers)
    yield from _of_need(before, after)


def erasure(before: Client | None, after: Client, happened: datetime) -> Mark | None:
    """Return that the person was erased: whatever of theirs was open then has ended without service."""
    known = before is not None and before.erased
    return Mark("erased", happened) if after.erased and not known else None


def _differing(referral: Referral, was: Offer | None, now: Offer) -> Iterator[Mark]:
    if was is None:
        yield Mark("sent", now.sent, cuts=_cuts(referral, now))
    known = _UNTOLD if was is None else tuple(_marks(referral, was))
    yield from (mark for old, mark in zip(known, _marks(referral, now), strict=True) if old != mark)


def _marks(referral: Referral, offer: Offer) -> Iterator[Mark]:
    """Yield what is told of an offer that was sent, always in the same order."""
    claimed = bool(offer.to_class and offer.recipient)
    yield Mark("claimed", offer.accepted if claimed else None, cuts=_cuts(referral, offer) if claimed else None)
    yield Mark("responded", offer.responded)
    yield Mark("accepted", offer.accepted)
    yield Mark("started", offer.started)
    yield _ended(offer)
    yield Mark("heard", offer.heard_at, offer.heard)
    yield Mark("acknowledged", offer.acknowledged)
    yield Mark("asked", offer.asked)
    if offer.answered is None or offer.early:
        yield Mark("answered", None)
    else:
        yield Mark("answered", offer.answered, offer.need_met, "relayed" if offer.relayed else "own")


def _ended(offer: Offer) -> Mark:
    if offer.status not in _ENDED:
        return Mark("ended", None)
    # Whoever was asked was silent all the same, so no rate rises because a sender left.
    return Mark("ended", offer.closed, *((EXPIRED, None) if ran_out(offer) else (offer.detail, offer.reason)))


_UNTOLD = tuple(
    Mark(name, None)
    for name in ("claimed", "responded", "accepted", "started", "ended", "heard", "acknowledged", "asked", "answered")
)


def _replaced(known: tuple[Offer, ...], now: tuple[Offer, ...]) -> Iterator[Told]:
    """Yield for each offer that another took its place, or does so no more as that one was made in error."""
    if len(now) < 2 or known is now:
        return
    before, after = replaced_by(known), replaced_by(now)
    for offer in now:
        if (offer.id in before) is not (offer.id in after):
            other = after.get(offer.id)
            yield Told(offer, offer.id, Mark("replaced", None if other is None else other.sent))


def _of_need(before: Referral | None, after: Referral) -> Iterator[Told]:
    was = Mark("given-up", None) if before is None else _given_up(before)
    if was != _given_up(after) and after.offers:
        yield Told(None, None, _given_up(after))
    if before is not None and before.offers and begun(after.offers) != begun(before.offers):
        yield Told(None, None, Mark(MOVED, begun(after.offers)))
    if after.handoff is None:
        return
    handed, known = after.handoff, before and before.handoff
    if known is None:
        cuts = Cuts(after.sender, None, None, after.need, after.area, None, False, after.backfilled)
        yield Told(None, handed.id, Mark("handed-off", handed.reported, handed.channel, handed.sector, cuts))
    if handed.heard is not None and handed != known:
        yield Told(None, handed.id, Mark("heard-outside", handed.heard_at, handed.heard))


def begun(offers: tuple[Offer, ...]) -> datetime | None:
    """Return when somebody was asked first, in the log's order; whom an offer in error named was not."""
    return next((offer.sent for offer in offers if offer.status != "entered-in-error"), None)


def _given_up(referral: Referral) -> Mark:
    return Mark("given-up", referral.closed, referral.disposition)


def _cuts(referral: Referral, offer: Offer) -> Cuts:
    return Cuts(
        sender=referral.sender,
        recipient=offer.recipient or None,
        service=offer.service,
        need=referral.need,
        area=referral.area,
        programme_class=offer.programme_class,
        protected=offer.protected,
        backfilled=referral.backfilled,
    )
