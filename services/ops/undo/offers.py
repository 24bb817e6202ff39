"""What takes back what a batch said of one offer: pure."""

from collections.abc import Iterator, Mapping

from events.catalogue import CaseEvent, short
from projections.referral.state import Draft, Offer, Referral, draft_of, offer_of
from projections.referral.transitions import CANCEL_ASKED, OPEN, TAKEN
from services.ops.undo.step import Left, Step, Taken, left

#: Its recipient says itself that nothing came of what it had taken on.
CONFIRMED = "cancel-confirmed"


def of_offer(referral: Referral, offer_id: str, said: list[CaseEvent]) -> Iterator[Step]:
    """Return a step for each event, but where it was refused or nothing of it stands any more."""
    names = {short(event.type): event for event in reversed(said)}
    offer, draft = offer_of(referral, offer_id), draft_of(referral, offer_id)
    for event in said:
        if draft is not None:
            yield from _drafted(event, draft)
        elif offer is not None and offer.status != "entered-in-error":
            yield from _sent(event, offer, names)


def _drafted(event: CaseEvent, draft: Draft) -> Iterator[Step]:
    if short(event.type) != "referral.offer_drafted":
        yield left(event)
    elif not draft.discarded:
        data = {"offer_id": draft.id, "reason": "sent-by-mistake"}
        yield Taken("referral.offer_discarded", event.subject, data, event.id)


def _sent(event: CaseEvent, offer: Offer, names: Mapping[str, CaseEvent]) -> Iterator[Step]:
    """What is said of an offer as such is taken back once, by the first event that says it."""
    match short(event.type):
        case "referral.offer_sent":
            yield from _unsent(event.subject, offer, event)
        case "referral.offer_drafted":
            if "referral.offer_sent" not in names and offer.status in OPEN:
                yield Left(event.subject, "referral.offer_drafted", "it was sent since")
        case "referral.offer_accepted" | "referral.offer_claimed" as name:
            if "referral.offer_sent" not in names and offer.status in TAKEN and names[name] is event:
                yield Taken("referral.withdrawn", event.subject, {"offer_id": offer.id, "reason": "other"}, event.id)
        case "referral.outcome_recorded":
            yield _corrected(event, offer)
        case _:
            yield left(event)


def _unsent(subject: str, offer: Offer, sent: CaseEvent) -> Iterator[Step]:
    """The recipient of what it took on is asked; what it has done stands; what came to nothing was an error."""
    data = {"offer_id": offer.id, "reason": "sent-by-mistake"}
    if offer.status == "requested":
        yield Taken("referral.offer_recalled", subject, data, sent.id)
    elif offer.status in TAKEN and offer.detail != CANCEL_ASKED:
        yield Taken("referral.cancel_requested", subject, data, sent.id)
    elif (why := _done(offer)) is not None:
        yield Left(subject, "referral.offer_sent", why)
    else:
        yield Taken("referral.entered_in_error", subject, data | {"reason": "wrong-entry"}, sent.id)


def _done(offer: Offer) -> str | None:
    """Return why a person has to look at what its recipient may have acted on; None where nothing came of the offer."""
    if offer.status in TAKEN:
        return "its recipient was asked to cancel and has not answered"
    if offer.status in ("completed", "failed"):
        return "its recipient said how it ended; was that a mistake too?"
    if offer.accepted is not None and offer.detail != CONFIRMED:
        return "its recipient had taken it on; was nothing done?"
    return None


def _corrected(recorded: CaseEvent, offer: Offer) -> Step:
    if offer.status != "completed":
        return Left(recorded.subject, "referral.outcome_recorded", "say what was given with outcome_corrected")
    data = {"offer_id": offer.id, "outcome": "not-delivered", "reason": "other", "because": "wrong-entry"}
    return Taken("referral.outcome_corrected", recorded.subject, data, recorded.id)
