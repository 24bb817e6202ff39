"""Rules for what is said of an offer that was sent."""

from datetime import datetime

from events.authority import TIMEKEEPER, partner_of
from events.referral import (
    CancelConfirmed,
    ClientAnswered,
    Escalated,
    OfferAccepted,
    OfferClaimed,
    OfferExpired,
    OutcomeCorrected,
    OutcomeRecorded,
    OutcomeReportedBySender,
    Reminded,
    Withdrawn,
)
from projections.check import refuse, rule
from projections.projection import Case
from projections.referral.consent import Ask, claim_of
from projections.referral.endings import ended_by
from projections.referral.facts import OfferEvent, fact_of
from projections.referral.keys import referral_key
from projections.referral.rules.guard import (
    Scene,
    client_of,
    in_order,
    of_class,
    offer_scene,
    offer_seen,
    permitted,
    referral_of,
    serving,
    unlawful,
)
from projections.referral.rules.offer import covered, in_force
from projections.referral.state import MOST_OPEN_OFFERS, Offer
from projections.referral.status import is_awaited_late, replaced_by
from projections.referral.timing import escalation_of, reminder_of
from projections.referral.transitions import EXPIRED
from projections.times import utc

#: Contact attempts before a client may be called unreachable, where the service's policy says nothing.
ATTEMPTS = 3
UNREACHABLE = "unable-to-contact"


@rule
def offer_moved(event: OfferEvent, case: Case) -> None:
    """Whoever may say it says it, where the offer's state allows it."""
    offer_scene(event, case)


@rule
def offer_accepted(event: OfferAccepted, case: Case) -> None:
    """The recipient takes it on, late too, until another offer took its place; what is late is shared anew."""
    _accepting(event, case)


@rule
def offer_accepted_in_force(event: OfferAccepted, case: Case) -> None:
    """It does so while the consent of the offer lasts: that may have run out though nobody ended it."""
    scene = _accepting(event, case)
    in_force(scene.client, scene.offer.consent, case)


def _accepting(event: OfferAccepted, case: Case) -> Scene:
    scene = offer_scene(event, case)
    if scene.offer.detail == EXPIRED:
        _still_wanted(scene)
        covered(scene.client, scene.offer.consent, Ask.of(scene.offer), case)
    return scene


@rule
def offer_claimed(event: OfferClaimed, case: Case) -> None:
    """The first member of the class that the consent covers takes it on."""
    _first(event, offer_seen(event, case).offer)
    scene = offer_scene(event, case)
    if scene.offer.detail == EXPIRED:
        _still_wanted(scene)
    in_order(case, scene.client)
    covered(scene.client, scene.offer.consent, claim_of(event, scene.offer), case)


def _first(event: OfferClaimed, offer: Offer) -> None:
    """Tell a member that was asked that another was first; of those who see it, others are told whose it is not."""
    if offer.to_class is not None and offer.recipient:
        refuse("already-claimed" if of_class(event, offer) else "not-your-offer")


def _still_wanted(scene: Scene) -> None:
    if scene.offer.id in replaced_by(scene.referral.offers):
        refuse("illegal-transition", "another offer took its place")
    if len(scene.client.open_offers) >= MOST_OPEN_OFFERS:
        refuse("too-many", "open offers")


@rule
def offer_expired(event: OfferExpired, case: Case) -> None:
    """The deadline is the offer's own, whatever any clock says."""
    _own_deadline(event, offer_scene(event, case).offer.respond_by)


@rule
def reminded(event: Reminded, case: Case) -> None:
    """An answer is due, or the service that was promised; of each deadline it is said once."""
    offer = offer_scene(event, case).offer
    _own_deadline(event, reminder_of(offer), offer.reminded)


@rule
def escalated(event: Escalated, case: Case) -> None:
    """Nobody answered, or nothing has begun; of each deadline it is said once."""
    offer = offer_scene(event, case).offer
    _own_deadline(event, escalation_of(offer), offer.escalated)


@rule
def cancel_confirmed(event: CancelConfirmed, case: Case) -> None:
    """The recipient agrees, or the clock in its place when the time to answer was over."""
    offer = offer_scene(event, case).offer
    if event.source == TIMEKEEPER:
        _own_deadline(event, offer.confirm_by)


@rule
def withdrawn(event: Withdrawn, case: Case) -> None:
    """The recipient gives it back; the clock says it of a partner that is gone, and of the end of the consent."""
    scene = _withdrawing(event, case)
    if scene.offer.detail == EXPIRED:
        refuse("illegal-transition", unlawful(scene.offer, event))


@rule
def withdrawn_late(event: Withdrawn, case: Case) -> None:
    """The same, and of what ran out the clock says that its sender is gone, as long as a late answer was awaited."""
    scene = _withdrawing(event, case)
    if scene.offer.detail == EXPIRED and not is_awaited_late(scene.referral, scene.offer):
        refuse("illegal-transition", "no answer is awaited any more")


def _withdrawing(event: Withdrawn, case: Case) -> Scene:
    scene = offer_scene(event, case)
    if fact_of(event) == "consent-expired":
        _own_deadline(event, scene.offer.consent_until)
    return scene


def _own_deadline(
    event: OfferExpired | Reminded | Escalated | CancelConfirmed | Withdrawn,
    due: datetime | None,
    done: datetime | None = None,
) -> None:
    if due is None or due == done or event.data.deadline is None or utc(event.data.deadline) != due:
        refuse("wrong-deadline")


@rule
def outcome_recorded(event: OutcomeRecorded | OutcomeCorrected, case: Case) -> None:
    """Delivered means something was given; not delivered has a reason, and unreachable was tried for."""
    offer = offer_scene(event, case).offer
    data = event.data
    if data.outcome != "not-delivered":
        if not data.outputs:
            refuse("outcome-needs-output")
        return
    if data.reason is None:
        refuse("reason-required")
    tried = max(data.attempts or 0, offer.contacts)
    if data.reason == UNREACHABLE and tried < _attempts(offer.min_attempts, data.admitted.min_attempts):
        refuse("too-few-attempts")


def _attempts(*policies: int | None) -> int:
    """Return what the first that says anything asks for: the service as it was asked, else the initiative."""
    return next((least for least in policies if least is not None), ATTEMPTS)


@rule
def outcome_heard(event: OutcomeReportedBySender, case: Case) -> None:
    """The sender tells what it heard, of an offer or of what it arranged outside."""
    client_of(event, case)
    referral = referral_of(event, case)
    if referral.handoff is None or referral.handoff.id != event.data.offer_id:
        offer_scene(event, case)
        return
    permitted(event, referral)
    in_order(case, referral)


@rule
def client_answered(event: ClientAnswered, case: Case) -> None:
    """The client answers, or staff who asked; who passes on that sharing is to stop must serve the person."""
    scene = offer_scene(event, case)
    if not event.data.stop_sharing:
        return
    partner = partner_of(event.source)
    if partner is not None:
        serving(scene.client, partner)
    in_order(case, scene.client)
    for held in ended_by(event, case):
        in_order(case, case.states[referral_key(event, held.referral)])
