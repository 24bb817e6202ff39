"""What takes a batch back: pure.  Nothing is edited; each thing said gets the event that fits where it led to."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from events.catalogue import CaseEvent, short
from projections.referral.keys import subject_key
from projections.referral.state import Client, Episode, Offer, Referral, consent_of, draft_of, offer_of
from projections.referral.transitions import CANCEL_ASKED, OPEN, TAKEN
from projections.timeline import offer_named

#: What a correction stands on.
State = Client | Referral | Episode


@dataclass(frozen=True)
class Taken:
    """An event that takes something back; `client` says that it is found by the client, not by the subject."""

    type: str
    subject: str
    data: Mapping[str, Any]
    #: The event of the batch that it answers.
    undoes: str
    client: bool = False


@dataclass(frozen=True)
class Left:
    """What a person has to decide."""

    subject: str
    said: str
    why: str


Step = Taken | Left
_KEPT = {
    "client.registered": "a person stays registered; have them erased if they must go",
    "consent.narrowed": "ask the person for a new consent",
    "consent.revoked": "ask the person for a new consent",
    "consent.entered_in_error": "ask the person for a new consent",
    "referral.handoff_reported": "what was arranged outside is not taken back here",
    "referral.offer_declined": "the sender may make a new offer in its place",
    "referral.cancel_requested": "the recipient answers it",
    "referral.withdrawn": "the sender may make a new offer in its place",
    "referral.closed": "make a new offer that replaces an earlier one",
}
_EPISODE = "say entered_in_error with that event's own id as its cause"


@dataclass(frozen=True)
class Batch:
    """What one source said of one subject, in the order of the log."""

    subject: str
    said: tuple[CaseEvent, ...]
    names: Mapping[str, CaseEvent] = field(repr=False)


def batches(events: Iterable[CaseEvent]) -> list[Batch]:
    """Return the events by subject, in the order in which subjects were first spoken of."""
    found: dict[str, list[CaseEvent]] = {}
    for event in events:
        found.setdefault(subject_key(event).id, []).append(event)
    return [
        Batch(subject, tuple(said), {short(each.type): each for each in reversed(said)})
        for subject, said in found.items()
    ]


def undone(batch: Batch, state: State | None) -> list[Step]:
    """Return what takes the batch back from where its subject stands now; nothing where it changed nothing."""
    match state:
        case Client():
            return list(_of_client(batch, state))
        case Referral():
            return list(_of_referral(batch, state))
        case Episode():
            return list(_of_episode(batch, state))
        case _:
            return []


def _of_client(batch: Batch, client: Client) -> Iterator[Step]:
    for event in batch.said:
        name = short(event.type)
        if name in _KEPT:
            yield Left(batch.subject, name, _KEPT[name])
        elif name == "consent.granted":
            consent_id = getattr(event.data, "consent_id", "")
            consent = consent_of(client, consent_id)
            if consent is not None and consent.ended is None:
                data = {"consent_id": consent_id, "reason": "other"}
                yield Taken("consent.entered_in_error", batch.subject, data, event.id, client=True)


def _of_episode(batch: Batch, episode: Episode) -> Iterator[Step]:
    if episode.in_error:
        return
    whole = batch.names.get("episode.enrolled")
    if whole is not None:
        yield Taken("episode.entered_in_error", batch.subject, {"reason": "other"}, whole.id)
        return
    yield from (Left(batch.subject, short(event.type), _EPISODE) for event in batch.said)


def _of_referral(batch: Batch, referral: Referral) -> Iterator[Step]:
    offers: dict[str, list[CaseEvent]] = {}
    for event in batch.said:
        named = offer_named(event.data)
        if named is not None and referral.handoff is None:
            offers.setdefault(named, []).append(event)
        elif short(event.type) in _KEPT:
            yield Left(batch.subject, short(event.type), _KEPT[short(event.type)])
    steps = [step for offer_id, said in offers.items() for step in _of_offer(batch.subject, referral, offer_id, said)]
    yield from steps
    opened = batch.names.get("referral.requested")
    if opened is not None and referral.closed is None:
        yield from _closed(opened, referral, steps)


def _of_offer(subject: str, referral: Referral, offer_id: str, said: list[CaseEvent]) -> Iterator[Step]:
    names = {short(event.type): event for event in reversed(said)}
    offer, draft = offer_of(referral, offer_id), draft_of(referral, offer_id)
    if draft is not None and "referral.offer_drafted" in names and not draft.discarded:
        data = {"offer_id": offer_id, "reason": "sent-by-mistake"}
        yield Taken("referral.offer_discarded", subject, data, names["referral.offer_drafted"].id)
    if offer is None:
        return
    if "referral.offer_sent" in names:
        yield from _unsent(subject, offer, names["referral.offer_sent"])
    else:
        yield from _unanswered(subject, offer, names)


def _unsent(subject: str, offer: Offer, sent: CaseEvent) -> Iterator[Step]:
    """The recipient of what it took on is asked; what it has done stands."""
    data = {"offer_id": offer.id, "reason": "sent-by-mistake"}
    if offer.status == "requested":
        yield Taken("referral.offer_recalled", subject, data, sent.id)
    elif offer.status in TAKEN and offer.detail != CANCEL_ASKED:
        yield Taken("referral.cancel_requested", subject, data, sent.id)
    elif offer.status in TAKEN:
        yield Left(subject, "referral.offer_sent", "its recipient was asked to cancel and has not answered")
    elif offer.status in ("completed", "failed"):
        yield Left(subject, "referral.offer_sent", "its recipient said how it ended; was that a mistake too?")


def _unanswered(subject: str, offer: Offer, names: Mapping[str, CaseEvent]) -> Iterator[Step]:
    recorded = names.get("referral.outcome_recorded")
    accepted = names.get("referral.offer_accepted") or names.get("referral.offer_claimed")
    if recorded is not None and offer.status == "completed":
        data = {"offer_id": offer.id, "outcome": "not-delivered", "reason": "other", "because": "wrong-entry"}
        yield Taken("referral.outcome_corrected", subject, data, recorded.id)
    elif recorded is not None and offer.status == "failed":
        yield Left(subject, "referral.outcome_recorded", "say what was given with outcome_corrected")
    elif accepted is not None and offer.status in TAKEN:
        yield Taken("referral.withdrawn", subject, {"offer_id": offer.id, "reason": "other"}, accepted.id)
    yield from (Left(subject, name, _KEPT[name]) for name in names if name in _KEPT)


def _closed(opened: CaseEvent, referral: Referral, steps: list[Step]) -> Iterator[Step]:
    """A need is given up once nobody is at work for it, counting what this very plan takes back."""
    ended = {step.data["offer_id"] for step in steps if isinstance(step, Taken) and step.type in _ENDS}
    standing = [offer for offer in referral.offers if offer.id not in ended]
    if any(offer.status == "completed" for offer in standing):
        yield Left(opened.subject, "referral.requested", "the need was met")
    elif any(offer.status in OPEN for offer in standing):
        yield Left(opened.subject, "referral.requested", "close it when everybody asked has answered")
    elif referral.handoff is None:
        yield Taken("referral.closed", opened.subject, {"disposition": "other"}, opened.id)


_ENDS = frozenset({"referral.offer_recalled"})
