"""Where an offer stands, and what is kept of each thing said of it."""

from datetime import datetime
from typing import Any

from tests.oracle.case import Said
from tests.oracle.shapes import instant

Body = dict[str, Any]
_WORD = {"accepted": "accepted", "in-progress": "serving", "on-hold": "resting", "entered-in-error": "error"}


def where(offer: Body) -> str:
    """Return where it stands, in the words of the table of what may be said."""
    status, detail = offer["status"], offer["detail"]
    if status == "requested":
        return "waiting"
    if detail == "cancel-requested":
        return "asked"
    if detail == "expired-no-response":
        return "late"
    if detail == "cancel-unanswered":
        return "silent"
    return _WORD.get(status) or ("told" if status in ("completed", "failed") else "over")


def claim(said: Said) -> Body:
    """Return what a claim makes of the offer that it takes."""
    admitted = said.data["admitted"]
    return {
        "recipient": said.partner,
        "service": said.data["service_id"],
        "programme_class": admitted.get("programme_class"),
        "protected": admitted.get("protected", True),
        "attempts": admitted.get("min_attempts"),
    }


def note(name: str, said: Said, offer: Body) -> None:
    """Keep what the event says; the first time counts where a time is kept."""
    data, when = said.data, instant(said.event["time"])
    match name:
        case "offer_viewed":
            _looked(data["by"], offer, when)
        case "offer_accepted" | "offer_claimed":
            offer.update({"accepted": when, **_promise(data, data.get("service_id") or offer["service"])})
            offer.setdefault("responded", when)
            offer.update(dict.fromkeys(("closed", "acknowledged")))
            offer.update(claim(said) if name == "offer_claimed" else {})
        case "offer_declined":
            offer.update(responded=when, closed=when, reason=data["reason"])
        case "offer_expired" | "cancel_confirmed" | "unanswered":
            offer.update(closed=when)
        case "deserted":
            # Of what ran out the end is the day on which it did.
            known = offer.get("closed")
            offer.update(closed=known or when, reason=data["reason"], in_vain=known is not None)
        case "offer_recalled" | "withdrawn" | "left" | "over" | "entered_in_error":
            offer.update(closed=when, reason=data["reason"])
        case "reminded" | "escalated":
            offer[name] = instant(data["deadline"])
        case "outcome_acknowledged":
            offer["acknowledged"] = offer.get("acknowledged") or when
        case _:
            _worked(name, said, offer)


def _worked(name: str, said: Said, offer: Body) -> None:
    data, when = said.data, instant(said.event["time"])
    match name:
        case "contact_attempted":
            offer["contacts"] += 1
            offer["detail"] = "contacting" if where(offer) == "accepted" else offer["detail"]
        case "service_started" | "resumed":
            offer.setdefault("started", when)
            offer["reason"] = None
        case "waitlisted":
            offer.update(_promise(data, offer["service"]))
        case "put_on_hold":
            offer["reason"] = data["reason"]
        case "cancel_requested":
            offer.update(detail="cancel-requested", reason=data["reason"], asked_to_cancel=when)
            offer["confirm_by"] = _time(data["admitted"], "confirm_by")
        case _:
            _ended(name, data, offer, when)


def _ended(name: str, data: Body, offer: Body, when: datetime) -> None:
    match name:
        case "outcome_recorded":
            offer.update(closed=when, outcome=data["outcome"], reason=data.get("reason"), acknowledged=None)
        case "outcome_corrected":
            offer.update(outcome=data["outcome"], reason=data.get("reason"), acknowledged=None)
            offer["corrections"] = offer.get("corrections", 0) + 1
        case "outcome_reported_by_sender":
            offer.update(heard=data["outcome"], heard_at=when)
        case "client_asked":
            offer.setdefault("asked", when)
        case "client_answered":
            offer.setdefault("asked", when)
            offer.update(answered=when, need_met=data["need_met"])
            if data["need_met"] == "no" and offer["status"] == "completed":
                offer["acknowledged"] = None


def _promise(data: Body, service: str) -> Body:
    """Return by when it is to begin and when its sender is told that it has not: of this service, or of any.

    Of neither anybody was told yet.
    """
    told, unsaid = data["admitted"].get("starting") or (), {"reminded": None, "escalated": None}
    fitting = [each for each in told if service in each.get("services", ())]
    fitting += [each for each in told if not each.get("services")]
    if not fitting:
        return {"start_by": _time(data, "expected_by"), "late_at": None, **unsaid}
    return {"start_by": instant(fitting[0]["start_by"]), "late_at": instant(fitting[0]["escalate_at"]), **unsaid}


def _looked(by: str, offer: Body, when: datetime) -> None:
    if by == "system":
        return
    offer.setdefault("viewed", when)
    if offer["status"] == "requested":
        offer["detail"] = "viewed"


def _time(data: Body, name: str) -> datetime | None:
    return instant(data[name]) if data.get(name) else None
