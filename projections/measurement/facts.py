"""What loop figures count: facts of an offer, of a need and of a person, read off their states."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from projections.referral.state import Client, Offer, Referral
from projections.referral.transitions import TERMINAL

_ENDED = (*TERMINAL, "entered-in-error")


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


class Fact(NamedTuple):
    """Something that happened; `happened` is None where it is not so any more."""

    name: str
    happened: datetime | None
    value: str | None = None
    detail: str | None = None
    cuts: Cuts | None = None


class Told(NamedTuple):
    """A fact, and the offer that it is about; None where it is about the need as a whole."""

    offer: Offer | None
    #: The id of the offer, or of what was handed off.
    id: str | None
    fact: Fact


def changes(before: Referral | None, after: Referral) -> Iterator[Told]:
    """Yield every fact that is so from now on, or not so any more.

    Offers keep their order and their number, so each stands beside what it was.
    """
    known = () if before is None else before.offers
    for number, offer in enumerate(after.offers):
        was = known[number] if number < len(known) else None
        if was is not offer:
            yield from (Told(offer, offer.id, fact) for fact in _differing(after, was, offer))
    yield from _of_need(before, after)


def erasure(before: Client | None, after: Client, happened: datetime) -> Fact | None:
    """Return that the person was erased: whatever of theirs was open then has ended without service."""
    known = before is not None and before.erased
    return Fact("erased", happened) if after.erased and not known else None


def _differing(referral: Referral, was: Offer | None, now: Offer) -> Iterator[Fact]:
    if was is None:
        yield Fact("sent", now.sent, cuts=_cuts(referral, now))
    known = _UNTOLD if was is None else tuple(_facts(referral, was))
    yield from (fact for old, fact in zip(known, _facts(referral, now), strict=True) if old != fact)


def _facts(referral: Referral, offer: Offer) -> Iterator[Fact]:
    """Yield what is told of an offer that was sent, always in the same order."""
    claimed = bool(offer.to_class and offer.recipient)
    yield Fact("claimed", offer.accepted if claimed else None, cuts=_cuts(referral, offer) if claimed else None)
    yield Fact("responded", offer.responded)
    yield Fact("accepted", offer.accepted)
    yield Fact("started", offer.started)
    ended = offer.status in _ENDED
    yield Fact("ended", offer.closed, offer.detail, offer.reason) if ended else Fact("ended", None)
    yield Fact("heard", offer.heard_at, offer.heard)
    yield Fact("acknowledged", offer.acknowledged)
    yield Fact("asked", offer.asked)
    how = None if offer.answered is None else "relayed" if offer.relayed else "own"
    yield Fact("answered", offer.answered, offer.need_met, how)


_UNTOLD = tuple(
    Fact(name, None)
    for name in ("claimed", "responded", "accepted", "started", "ended", "heard", "acknowledged", "asked", "answered")
)


def _of_need(before: Referral | None, after: Referral) -> Iterator[Told]:
    was = Fact("given-up", None) if before is None else _given_up(before)
    if was != _given_up(after) and after.offers:
        yield Told(None, None, _given_up(after))
    if after.handoff is None:
        return
    handed, known = after.handoff, before and before.handoff
    if known is None:
        cuts = Cuts(after.sender, None, None, after.need, after.area, None, False, after.backfilled)
        yield Told(None, handed.id, Fact("handed-off", handed.reported, handed.channel, handed.sector, cuts))
    if handed.heard is not None and handed != known:
        yield Told(None, handed.id, Fact("heard-outside", handed.heard_at, handed.heard))


def _given_up(referral: Referral) -> Fact:
    return Fact("given-up", referral.closed, referral.disposition)


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
