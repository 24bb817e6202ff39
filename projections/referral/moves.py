"""What an event about one offer makes of that offer."""

from datetime import datetime
from typing import Any, assert_never

from msgspec.structs import replace

from events.authority import partner_of
from events.referral import (
    CancelConfirmed,
    CancelRequested,
    ClientAnswered,
    ClientAsked,
    ContactAttempted,
    Escalated,
    OfferAccepted,
    OfferClaimed,
    OfferDeclined,
    OfferExpired,
    OfferInError,
    OfferRecalled,
    OfferSent,
    OfferViewed,
    OutcomeAcknowledged,
    OutcomeCorrected,
    OutcomeRecorded,
    OutcomeReportedBySender,
    PutOnHold,
    Reminded,
    Resumed,
    ServiceStarted,
    Waitlisted,
    Withdrawn,
)
from projections.referral.consent import ask_of, claim_of, reaches, runs_out
from projections.referral.facts import OfferEvent, fact_of
from projections.referral.state import Consent, Offer
from projections.referral.transitions import EXPIRED, LAPSED, Status, Step, step
from projections.times import maybe, utc


def sent(event: OfferSent, consent: Consent | None, before: Status | None = None) -> Offer:
    """Return the new offer under its consent; `before` is its draft's status where there was one."""
    data, admitted = event.data, event.data.admitted
    ask, where = ask_of(event, data.recipient or ""), _led(event, before, "")
    return Offer(
        id=data.offer_id,
        recipient=ask.recipient,
        to_class=data.to_class,
        # Earlier rules let a recipient be named beside the class; then nobody of the class was asked.
        members=_asked(event, consent) if data.to_class and not data.recipient else (),
        service=data.service_id,
        status=where.status,
        detail=where.detail,
        consent=data.consent_id,
        consent_until=None if consent is None else runs_out(consent),
        purpose=ask.purpose,
        data_classes=ask.data_classes,
        programme_class=ask.programme_class,
        protected=ask.protected,
        min_attempts=admitted.min_attempts,
        respond_by=utc(data.respond_by),
        remind_at=maybe(admitted.remind_at),
        escalate_at=maybe(admitted.escalate_at),
        sent=utc(event.time),
        replaces=data.replaces,
        backfilled=admitted.backfill is not None,
    )


def _asked(event: OfferSent, consent: Consent | None) -> tuple[str, ...]:
    """Return the members of the class whom the person agreed to; the others are not asked, and never hear of it."""
    members = event.data.admitted.class_members or ()
    return tuple(each for each in members if consent is not None and reaches(consent, each))


def moved(event: OfferEvent, offer: Offer) -> Offer:
    """Return the offer after the event: its state by the table, its times and counts by the event."""
    where = _led(event, offer.status, offer.detail)
    return replace(offer, status=where.status, detail=where.detail, **_told(event, offer))


def _led(event: OfferEvent, status: Status | None, detail: str) -> Step:
    where = step(fact_of(event), status, detail)
    if where is None:
        raise LookupError(f"an applied event may not happen from {status}")
    return where


def _told(event: OfferEvent, offer: Offer) -> dict[str, Any]:
    """Return what the event says of the offer, by field."""
    at = utc(event.time)
    match event:
        case OfferViewed():
            return _viewed(event, offer)
        case OfferAccepted() | OfferClaimed():
            return _accepted(event, offer)
        case OfferDeclined():
            return {"responded": offer.responded or at, "closed": at, "reason": event.data.reason}
        case ServiceStarted():
            return {"started": offer.started or at, "reason": None}
        case OutcomeRecorded():
            data = event.data
            told = {"closed": at, "outcome": data.outcome, "reason": data.reason, "outputs": len(data.outputs)}
            # Its sender may have seen before that it was cancelled, and has not seen this.
            return told | {"acknowledged": None}
        case OutcomeAcknowledged():
            return {"acknowledged": offer.acknowledged or at, "acknowledgements": offer.acknowledgements + 1}
        case OfferSent():
            return {}
        case _:
            return _worked(event, offer)


def _viewed(event: OfferViewed, offer: Offer) -> dict[str, Any]:
    if event.data.by == "system":
        return {"fetches": offer.fetches + 1}
    return {"viewed": offer.viewed or utc(event.time), "views": offer.views + 1}


def _accepted(event: OfferAccepted | OfferClaimed, offer: Offer) -> dict[str, Any]:
    at = utc(event.time)
    service = event.data.service_id if isinstance(event, OfferClaimed) else offer.service
    told = {
        "responded": offer.responded or at,
        "accepted": at,
        **_promised(event, service, offer),
        # It may have ended before, as nobody answered in time.
        "closed": None,
        "acknowledged": None,
    }
    return told | _claimed(event, offer) if isinstance(event, OfferClaimed) else told


def _promised(event: OfferAccepted | OfferClaimed | Waitlisted, service: str, offer: Offer) -> dict[str, Any]:
    """Return when the service is to begin; what was said of earlier deadlines says nothing of these."""
    return {"reminded": None, "escalated": None, "promises": offer.promises + 1, **_starting(event, service)}


def _starting(event: OfferAccepted | OfferClaimed | Waitlisted, service: str) -> dict[str, Any]:
    """Return both deadlines; before policies said so, only the day that its recipient named."""
    expected_by = maybe(event.data.expected_by)
    kinds = event.data.admitted.starting or ()
    meant = next((each for each in kinds if service in each.services), None)
    meant = meant or next((each for each in kinds if not each.services), None)
    if meant is None:
        return {"expected_by": expected_by, "start_by": expected_by, "late_at": None}
    return {"expected_by": expected_by, "start_by": utc(meant.start_by), "late_at": utc(meant.escalate_at)}


def _claimed(event: OfferClaimed, offer: Offer) -> dict[str, Any]:
    ask = claim_of(event, offer)
    return {
        "recipient": ask.recipient,
        "service": event.data.service_id,
        "programme_class": ask.programme_class,
        "protected": ask.protected,
        "min_attempts": event.data.admitted.min_attempts,
    }


_Worked = (
    OfferRecalled
    | OfferExpired
    | Reminded
    | Escalated
    | ContactAttempted
    | Waitlisted
    | PutOnHold
    | Resumed
    | OutcomeReportedBySender
    | CancelRequested
    | CancelConfirmed
    | Withdrawn
    | ClientAsked
    | ClientAnswered
    | OutcomeCorrected
    | OfferInError
)


def _worked(event: _Worked, offer: Offer) -> dict[str, Any]:
    """Return what the rarer events say."""
    at = utc(event.time)
    match event:
        case OfferExpired() | CancelConfirmed():
            return {"closed": at}
        case OfferRecalled() | Withdrawn() | OfferInError():
            return _taken_back(event, offer)
        case Reminded():
            return {"reminded": utc(event.data.deadline)}
        case Escalated():
            return {"escalated": utc(event.data.deadline)}
        case ContactAttempted():
            return {"contacts": offer.contacts + 1}
        case Waitlisted():
            return _promised(event, offer.service, offer)
        case PutOnHold():
            return {"reason": event.data.reason}
        case Resumed():
            return {"started": offer.started or at, "reason": None}
        case CancelRequested():
            confirm_by = maybe(event.data.admitted.confirm_by)
            return {"cancel_asked": at, "confirm_by": confirm_by, "reason": event.data.reason}
        case _:
            return _ended(event, offer)


def _no_earlier(at: datetime, offer: Offer) -> datetime | None:
    """Return when somebody was asked of the offer; as long as nobody has answered that there is nothing to ask of."""
    return None if _is_unanswered(offer) else at


def _is_unanswered(offer: Offer) -> bool:
    """Say whether nobody has answered the offer and somebody still may: in time, or late."""
    return offer.status == "requested" or offer.detail == EXPIRED


def _taken_back(event: OfferRecalled | Withdrawn | OfferInError, offer: Offer) -> dict[str, Any]:
    if isinstance(event, Withdrawn) and offer.detail == EXPIRED:
        # It had ended on the day on which it ran out, whatever became of its sender.
        return {"reason": event.data.reason, "ran_out": True}
    return {"closed": utc(event.time), "reason": event.data.reason, "lapsed": _lapsed(offer)}


def _lapsed(offer: Offer) -> datetime | None:
    return offer.closed if offer.detail == LAPSED else None


def _ended(
    event: OutcomeReportedBySender | ClientAsked | ClientAnswered | OutcomeCorrected, offer: Offer
) -> dict[str, Any]:
    at = utc(event.time)
    match event:
        case OutcomeReportedBySender():
            return {"heard": event.data.outcome, "heard_at": at}
        case ClientAsked():
            return {"asked": offer.asked or _no_earlier(at, offer)}
        case ClientAnswered():
            relayed, met = partner_of(event.source) is not None, event.data.need_met
            # Who saw that it was served has not seen that the person says otherwise.
            seen = {"acknowledged": None} if met == "no" and offer.status == "completed" else {}
            early = {"asked": offer.asked or _no_earlier(at, offer), "early": _is_unanswered(offer)}
            return {"answered": at, "need_met": met, "relayed": relayed, **early, **seen}
        case OutcomeCorrected():
            data = event.data
            told = {"outcome": data.outcome, "reason": data.reason, "outputs": len(data.outputs)}
            # Who saw the earlier outcome has not seen this one.
            return told | {"corrections": offer.corrections + 1, "acknowledged": None}
        case _:
            assert_never(event)
