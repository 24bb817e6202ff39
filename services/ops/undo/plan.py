"""What takes a batch back: pure.  Nothing is edited; each thing said gets the event that fits where it led to."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from events.catalogue import CaseEvent, short
from projections.referral.keys import subject_key
from projections.referral.state import Client, Episode, Referral, consent_of
from projections.referral.status import speaking
from projections.referral.transitions import OPEN
from projections.timeline import offer_named
from services.ops.undo.offers import of_offer
from services.ops.undo.step import Left, State, Step, Taken, left

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


#: An offer with the referral that it was made for.
Attempt = tuple[str, str]


def planned(said: Iterable[Batch], states: Mapping[str, State]) -> list[Step]:
    """Return what takes all of it back, in the order in which it is to be said; `states` are by subject.

    What relies on a consent is taken back by its own word, before the consent goes.
    """
    each = [(batch, states.get(batch.subject)) for batch in said]
    ended = {pair for batch, state in each for pair in _ended(undone(batch, state))}
    steps = [step for batch, state in each for step in undone(batch, state, ended)]
    return sorted(steps, key=lambda step: isinstance(step, Taken) and step.client)


def _ended(steps: Iterable[Step]) -> Iterator[Attempt]:
    for step in steps:
        if isinstance(step, Taken) and step.type in _ENDS:
            yield step.subject, step.data["offer_id"]


def undone(batch: Batch, state: State | None, ended: Collection[Attempt] = ()) -> list[Step]:
    """Return what takes the batch back from where its subject stands now; nothing where it changed nothing.

    `ended` are the offers that the same plan ends for good.
    """
    match state:
        case Client():
            return list(_of_client(batch, state, ended))
        case Referral():
            return list(_of_referral(batch, state))
        case Episode():
            return list(_of_episode(batch, state))
        case _:
            return []


def _of_client(batch: Batch, client: Client, ended: Collection[Attempt]) -> Iterator[Step]:
    for event in batch.said:
        if short(event.type) == "consent.granted":
            yield from _granted(event, client, ended)
        else:
            yield left(event)


def _granted(event: CaseEvent, client: Client, ended: Collection[Attempt]) -> Iterator[Step]:
    """The end of a consent ends every offer under it, other partners' too: never without their being asked."""
    consent_id = getattr(event.data, "consent_id", "")
    consent = consent_of(client, consent_id)
    if consent is None or consent.ended is not None:
        return
    relying = [
        held for held in client.open_offers if held.consent == consent_id and (held.referral, held.offer) not in ended
    ]
    if relying:
        why = f"open offers that still rely on it: {len(relying)}; taken back now, it would end them"
        yield Left(event.partitionkey, "consent.granted", why)
    else:
        data = {"consent_id": consent_id, "reason": "other"}
        yield Taken("consent.entered_in_error", event.partitionkey, data, event.id, client=True)


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
        elif short(event.type) != "referral.requested":
            yield left(event)
    steps = [step for offer_id, said in offers.items() for step in of_offer(referral, offer_id, said)]
    yield from steps
    opened = batch.names.get("referral.requested")
    if opened is not None and referral.closed is None:
        yield from _closed(opened, referral, steps)


def _closed(opened: CaseEvent, referral: Referral, steps: list[Step]) -> Iterator[Step]:
    """A need is given up once nobody is at work for it, counting what this very plan takes back."""
    ended = {offer_id for _, offer_id in _ended(steps)}
    standing = [offer for offer in speaking(referral.offers) if offer.id not in ended]
    if any(offer.status == "completed" for offer in standing):
        yield Left(opened.subject, "referral.requested", "the need was met")
    elif any(offer.status in OPEN for offer in standing):
        yield Left(opened.subject, "referral.requested", "close it when everybody asked has answered")
    elif referral.handoff is None:
        yield Taken("referral.closed", opened.subject, {"disposition": "other"}, opened.id)


_ENDS = frozenset({"referral.offer_recalled", "referral.withdrawn"})
