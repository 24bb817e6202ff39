"""How offers came to stand as they do, and how they stood at an instant: worked out from the timeline's rows.  Pure."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from msgspec import NODEFAULT
from msgspec.structs import fields, replace

from projections.referral.state import Handoff, Offer, Referral
from projections.referral.transitions import LAPSED, MOVES, Status
from services.gateway.spoken import Spoken, told_by

#: What puts a referral on record.
OPENINGS = frozenset({"referral.requested", "referral.handoff_reported"})
#: What ends offers wherever they are, as it is about the client's consent or the client.
_ELSEWHERE = tuple(move for move in MOVES if not all(name.startswith("referral.") for name in move.events))
ENDINGS = tuple(dict.fromkeys(name for move in _ELSEWHERE for name in move.events))
_ENDED = frozenset(move.detail for move in _ELSEWHERE)
#: Later events that change nothing of an offer but times of their own.
_QUIET = frozenset(
    {"referral.offer_viewed", "referral.outcome_acknowledged", "referral.reminded", "referral.escalated"}
)
#: What an offer is sent with and a referral is asked for with: later events leave it as it is.
_OF_OFFER = frozenset(
    {"id", "recipient", "to_class", "service", "status", "detail", "consent", "purpose", "data_classes", "replaces"}
    | {"programme_class", "protected", "min_attempts", "respond_by", "remind_at", "escalate_at", "sent", "backfilled"}
)
_OF_REFERRAL = frozenset(
    {
        "sender",
        "taxonomy",
        "need",
        "area",
        "urgency",
        "programme",
        "requested",
        "last",
        "offers",
        "handoff",
        "backfilled",
    }
)
#: Deadlines lie ahead of the event that set them, so no record's time is theirs.
_AHEAD = frozenset({"consent_until", "expected_by", "start_by", "late_at", "confirm_by", "reminded", "escalated"})
Kept = TypeVar("Kept", Offer, Referral)


class Row(NamedTuple):
    """A record about a referral, or one that may have ended its offers.  `offer` is None where it names none."""

    place: int
    type: str
    happened: datetime
    recorded: datetime
    offer: str | None
    detail: str | None
    applied: bool
    #: What was said with it, as far as the caller may know it.
    words: Mapping[str, Any] | None = None


@dataclass(slots=True)
class Span:
    """An offer in one state.  `until` is None while it stands."""

    offer: str
    status: Status
    detail: str
    since: datetime
    until: datetime | None = None
    #: Why it came to stand so, where that was said.
    reason: str | None = None


@dataclass(slots=True)
class History:
    """What became of offers: their states in the order they were entered, and the state each record found one in."""

    spans: list[Span] = field(default_factory=list)
    #: By the record's place on the log.
    before: dict[int, Span] = field(default_factory=dict)
    now: dict[str, Span] = field(default_factory=dict)

    def take(self, row: Row, offer: str, detail: str | None) -> None:
        """Take a record about this offer, which left it in the fine state `detail` where it was applied."""
        stands = self.now.get(offer)
        if stands is not None:
            self.before[row.place] = stands
        if not row.applied or detail is None or (stands is not None and stands.detail == detail):
            return
        if stands is not None:
            stands.until = row.happened
        status = status_of(detail, None if stands is None else stands.status)
        self.now[offer] = Span(offer, status, detail, row.happened, reason=(row.words or {}).get("reason"))
        self.spans.append(self.now[offer])


def status_of(detail: str, before: Status | None) -> Status:
    """Return the status that a fine state belongs to; one of several stays what it was `before`."""
    found = {move.to for move in MOVES if move.detail == detail and move.to is not None}
    if len(found) == 1 or before is None or before not in found:
        return min(found)
    return before


def history(rows: Iterable[Row], offers: Sequence[Offer], as_of: datetime | None) -> History:
    """Return what the records until `as_of` (recorded then or before) made of these offers."""
    told = History()
    for row in until(rows, as_of):
        if row.offer is not None:
            told.take(row, row.offer, row.detail)
        for offer, detail in _ended_by(row, offers):
            told.take(row, offer.id, detail)
    return told


def until(rows: Iterable[Row], as_of: datetime | None) -> Iterator[Row]:
    """Yield the rows that were recorded at this instant or before; all of them where it is None."""
    return (row for row in rows if as_of is None or row.recorded <= as_of)


def _ended_by(row: Row, offers: Iterable[Offer]) -> Iterator[tuple[Offer, str]]:
    """Yield the offers that a record ended which is not about them: they say when, and in which way."""
    if row.type in ENDINGS and row.applied:
        for offer in offers:
            when, detail = (offer.closed, offer.detail) if offer.lapsed is None else (offer.lapsed, LAPSED)
            if offer.id != row.offer and when == row.happened and detail in _ENDED:
                yield offer, detail


def stood(rows: Sequence[Row], referral: Referral, offers: Sequence[Offer], as_of: datetime) -> Referral | None:
    """Return the referral with those of these offers that there were, by what was recorded at this instant or before.

    None where it was not yet on record.  A time is told where an event until then gave it; anything else that
    events change is left out once a later one may have changed it.
    """
    known = [row for row in until(rows, as_of) if row.applied]
    if not any(row.type in OPENINGS for row in known):
        return None
    told = history(rows, offers, as_of).now
    found = [(offer, told[offer.id]) for offer in offers if offer.id in told]
    then = tuple(_stood(rows, offer, span, as_of) for offer, span in found)
    back = _back(referral, _OF_REFERRAL, rows, as_of)
    return replace(back, offers=then, handoff=_handoff(referral, {row.happened for row in known}))


def _stood(rows: Sequence[Row], offer: Offer, span: Span, as_of: datetime) -> Offer:
    """Return the offer as it stood in this state, with what had been said of it where later events changed that."""
    # One that was found to be an error later had ended before that.
    ended = replace(offer, closed=offer.lapsed, lapsed=None) if span.detail == LAPSED and offer.lapsed else offer
    back = _unclaimed(_back(ended, _OF_OFFER, _about(rows, offer), as_of))
    said = (row for row in until(rows, as_of) if row.applied and row.offer == offer.id)
    told = told_by(Spoken(row.type, row.words or {}) for row in said)
    if span.detail in _ENDED:
        # Why it ended was said of the consent.
        told.pop("reason", None)
    known = {name: value for name, value in told.items() if getattr(back, name) is None}
    return replace(back, status=span.status, detail=span.detail, **known)


def _unclaimed(offer: Offer) -> Offer:
    """Return an offer to a class as nobody's before it was taken."""
    return replace(offer, recipient="", service="") if offer.to_class is not None and offer.accepted is None else offer


def _handoff(referral: Referral, known: Collection[datetime]) -> Handoff | None:
    """Return what was arranged outside, with what its sender had heard of it by then."""
    found = referral.handoff
    return replace(found, heard=None, heard_at=None) if found and found.heard_at not in known else found


def _about(rows: Iterable[Row], offer: Offer) -> list[Row]:
    return [row for row in rows if row.offer == offer.id or row.type in ENDINGS]


def _back(state: Kept, fixed: Collection[str], rows: Iterable[Row], as_of: datetime) -> Kept:
    """Return the state without what the records after the instant brought, or may have."""
    applied = [row for row in rows if row.applied]
    known = {row.happened for row in until(applied, as_of)}
    later = any(row.recorded > as_of and row.type not in (*_QUIET, *ENDINGS) for row in applied)
    gone: dict[str, Any] = {}
    for each in fields(state):
        value = getattr(state, each.name)
        if each.name not in fixed and each.default is not NODEFAULT and value != each.default:
            told = value in known if isinstance(value, datetime) and each.name not in _AHEAD else not later
            if not told:
                gone[each.name] = each.default
    return replace(state, **gone)
