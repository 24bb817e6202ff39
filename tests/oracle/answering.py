"""What is said of an offer once it was sent: by whom, from where, and what it leads to."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from tests.oracle.board import is_late, unreplaced
from tests.oracle.case import MOST, OPEN, TIMEKEEPER, Refused, Said, need
from tests.oracle.consenting import covers, ends, in_force, means
from tests.oracle.keeping import claim, note, where
from tests.oracle.shapes import instant

Body = dict[str, Any]
#: Decision 67: what is recorded from then on is accepted under a consent in force alone.
LASTING_FROM = datetime(2026, 11, 28, tzinfo=UTC)
#: Decision 72: from then on what ran out ends when its sender is gone.
DESERTED_FROM = datetime(2026, 11, 29, tzinfo=UTC)
_RECIPIENT, _SENDER, _CLOCK = ("recipient", "link"), ("sender",), ("clock",)
#: Where an offer stands, in words of this table: an accepted, served or resting one of which a cancellation was
#: asked is "asked", one that nobody answered in time "late", one whose outcome was recorded "told"; "silent" where the
#: clock cancelled it.
_ANY = "waiting accepted serving resting asked told over late silent"
_WORKING = "accepted serving resting asked"
#: Who says it, where the offer must stand, and where it goes from there; nothing: it stays.
SAID: dict[str, tuple[tuple[str, ...], str, tuple[str, str] | None]] = {
    "offer_recalled": (_SENDER, "waiting", ("cancelled", "recalled")),
    "offer_viewed": (_RECIPIENT, _ANY, None),
    "offer_accepted": (_RECIPIENT, "waiting late", ("accepted", "accepted")),
    "offer_claimed": (("member",), "waiting late", ("accepted", "claimed")),
    "offer_declined": (_RECIPIENT, "waiting", ("rejected", "declined")),
    "offer_expired": (_CLOCK, "waiting", ("cancelled", "expired-no-response")),
    "reminded": (_CLOCK, "waiting " + _WORKING, None),
    "escalated": (_CLOCK, "waiting " + _WORKING, None),
    "contact_attempted": (_RECIPIENT, _WORKING, None),
    "service_started": (_RECIPIENT, "accepted resting", ("in-progress", "serving")),
    "waitlisted": (_RECIPIENT, "accepted resting", ("on-hold", "waitlisted")),
    "put_on_hold": (_RECIPIENT, "accepted serving resting", ("on-hold", "resting")),
    "resumed": (_RECIPIENT, "resting", ("in-progress", "serving")),
    "outcome_recorded": (_RECIPIENT, f"{_WORKING} silent", None),
    "outcome_reported_by_sender": (_SENDER, _ANY, None),
    "cancel_requested": (_SENDER, "accepted serving resting", None),
    "cancel_confirmed": (_RECIPIENT, "asked", ("cancelled", "cancel-confirmed")),
    "unanswered": (_CLOCK, "asked", ("cancelled", "cancel-unanswered")),
    "withdrawn": (_RECIPIENT, _WORKING, ("cancelled", "withdrawn")),
    "left": (_CLOCK, "waiting " + _WORKING, ("cancelled", "recipient-left")),
    "deserted": (_CLOCK, "waiting late", ("cancelled", "sender-left")),
    "over": (_CLOCK, "waiting " + _WORKING, ("cancelled", "consent-expired")),
    "outcome_acknowledged": (_SENDER, "told over late silent", None),
    "client_asked": (("sender", "recipient"), _ANY, None),
    "client_answered": (("client", "sender", "recipient"), _ANY, None),
    "outcome_corrected": (_RECIPIENT, "told", None),
    "entered_in_error": (_SENDER, _ANY, ("entered-in-error", "in-error")),
}
#: What a withdrawal is by its reason, where the clock says it; else somebody left who was asked.
_GONE = {"sender-left": "deserted", "sender-suspended": "deserted", "consent-expired": "over"}
#: To whoever is neither side it is somebody else's offer, where the recipient or a class would have to speak.
_NOT_YOURS = frozenset({"recipient", "member"})
_OUTCOME = {
    "delivered": ("completed", "served"),
    "partly": ("completed", "partly-served"),
    "not-delivered": ("failed", "not-served"),
}


def answer(said: Said, referral: Body) -> None:
    """Judge what is said of an offer that was sent, and change it."""
    offer = referral["offers"].get(said.data["offer_id"])
    if offer is None or not may_know(said, referral, offer):
        raise Refused("unknown-subject")
    name = said.name
    if name == "withdrawn" and said.by("system"):
        name = _GONE.get(said.data["reason"], "left")
    name = "unanswered" if name == "cancel_confirmed" and said.event["source"] == TIMEKEEPER else name
    speakers, places, goal = SAID[name]
    if name == "offer_claimed" and offer["to_class"] and offer["recipient"]:
        raise Refused("already-claimed" if _member(said, offer) else "not-your-offer")
    allowed = any(_is(speaker, said, referral, offer) for speaker in speakers)
    ours = "recipient" if name in ("left", *_GONE.values()) else speakers[0]
    need(allowed, "not-your-offer" if ours in _NOT_YOURS else "not-permitted")
    said.in_order(referral)
    need(where(offer) in places.split(), "illegal-transition")
    goal = _OUTCOME[said.data["outcome"]] if name in ("outcome_recorded", "outcome_corrected") else goal
    opens = goal is not None and (goal[0] in OPEN) != (offer["status"] in OPEN)
    if opens or name == "offer_claimed":
        said.in_order(said.client)
    _guarded(name, said, referral, offer)
    stopped = _stopping(said, offer) if name == "client_answered" and said.data.get("stop_sharing") else None
    said.case.facts[_fact(name, said)] += 1
    if goal is not None:
        offer.update(status=goal[0], detail=goal[1])
    if name in ("offer_accepted", "offer_claimed"):
        # What its sender had given up is at work again.
        referral["given_up"] = False
    if opens or name == "offer_claimed":
        said.client["last"] = said.at
    note(name, said, offer)
    if stopped is not None:
        said.client["last"] = said.at
        end(said, stopped, "consent-ended")


def may_know(said: Said, referral: Body, offer: Body) -> bool:
    """Return whether the offer is there for whoever speaks: a side of it, or of the class, asked, and still meant."""
    if said.partner is None or said.partner in (referral["sender"], offer["recipient"]):
        return True
    consent = said.client["consents"].get(offer["consent"])
    asked = consent is not None and said.partner in offer["members"] and means(consent, said.partner)
    return bool(asked and (said.name != "offer_claimed" or _member(said, offer)))


def _is(speaker: str, said: Said, referral: Body, offer: Body) -> bool:
    match speaker:
        case "sender":
            return bool(said.partner == referral["sender"])
        case "recipient":
            return said.partner is not None and said.partner == offer["recipient"]
        case "link":
            behalf = said.data["admitted"].get("on_behalf")
            return said.by("link") and behalf is not None and behalf == offer["recipient"]
        case "client":
            return said.by("client-link")
        case "clock":
            return bool(said.event["source"] == TIMEKEEPER)
        case _:
            return _member(said, offer)


def _member(said: Said, offer: Body) -> bool:
    classes = said.data["admitted"].get("recipient_classes") or ()
    return said.partner is not None and offer["to_class"] in classes


def _guarded(name: str, said: Said, referral: Body, offer: Body) -> None:
    match name:
        case "offer_accepted" | "offer_claimed":
            _taken(said, referral, offer)
        case "offer_expired" | "reminded" | "escalated":
            _due(name, said, offer)
        case "unanswered":
            _due("cancel_confirmed", said, offer)
        case "over":
            named, own = said.data.get("deadline"), ends(said.client["consents"][offer["consent"]])
            need(named is not None and own is not None and instant(named) == own, "wrong-deadline")
        case "deserted" if where(offer) == "late":
            need(said.recorded >= DESERTED_FROM and is_late(referral, said.data["offer_id"]), "illegal-transition")
        case "outcome_recorded" | "outcome_corrected":
            _told(said, offer)


def _taken(said: Said, referral: Body, offer: Body) -> None:
    """Consent is judged for a claim, and again for whoever answers late, as long as nothing took the place."""
    late = where(offer) == "late"
    if late:
        need(offer in unreplaced(referral), "illegal-transition")
        need(len(said.case.open()) < MOST["open"], "too-many")
    consent = said.client["consents"][offer["consent"]]
    if said.recorded >= LASTING_FROM:
        need(in_force(consent, said.at), "consent-missing")
    if late or said.name == "offer_claimed":
        need(in_force(consent, said.at), "consent-missing")
        asked = {**offer, **claim(said)} if said.name == "offer_claimed" else offer
        need(covers(consent, asked), "consent-does-not-cover")


def _due(name: str, said: Said, offer: Body) -> None:
    """The deadline is one that the offer has now, and was not told of before."""
    waiting = offer["status"] == "requested"
    begun = offer.get("started") is not None
    own = {
        "offer_expired": offer["respond_by"],
        "reminded": offer["remind_at"] if waiting else None if begun else offer.get("start_by"),
        "escalated": offer["escalate_at"] if waiting else None if begun else offer.get("late_at"),
        "cancel_confirmed": offer.get("confirm_by"),
    }[name]
    named = said.data.get("deadline")
    need(own is not None and named is not None and instant(named) == own != offer.get(name), "wrong-deadline")


def _told(said: Said, offer: Body) -> None:
    data = said.data
    if data["outcome"] != "not-delivered":
        need(data.get("outputs"), "outcome-needs-output")
        return
    need(data.get("reason"), "reason-required")
    agreed = (offer["attempts"], data["admitted"].get("min_attempts"), 3)
    asked = next(least for least in agreed if least is not None)
    tried = max(data.get("attempts") or 0, offer["contacts"])
    need(data["reason"] != "unable-to-contact" or tried >= asked, "too-few-attempts")


def _stopping(said: Said, offer: Body) -> list[Body]:
    """Return what ends as the client stops sharing, once whoever passes that on may do so."""
    need(said.partner is None or said.case.serves(said.partner), "not-permitted")
    consent = said.client["consents"][offer["consent"]]
    relying = [other for other in said.case.open() if other["consent"] == offer["consent"]]
    said.in_order(said.client, *(said.case.referrals[other["referral"]] for other in relying))
    consent["ended"] = consent["ended"] or "revoked"
    return relying


def end(said: Said, offers: Iterable[Body], why: str) -> None:
    """End these offers from elsewhere, because consent did or the person is erased."""
    for offer in offers:
        detail = "consent-revoked" if why == "consent-ended" else why
        reason = said.data.get("reason") if why == "consent-ended" else None
        offer.update(status="cancelled", detail=detail, closed=instant(said.event["time"]), reason=reason)
        referral = said.case.referrals[offer["referral"]]
        referral["last"] = max(said.at, referral["last"])
        said.case.facts[why] += 1


#: Facts whose word is not the event's own.
_FACT = {
    "offer_recalled": "recalled",
    "offer_accepted": "accepted",
    "offer_claimed": "claimed",
    "offer_declined": "declined",
    "offer_expired": "expired",
    "contact_attempted": "contacted",
    "service_started": "started",
    "put_on_hold": "held",
    "outcome_reported_by_sender": "heard",
    "cancel_requested": "cancel-asked",
    "cancel_confirmed": "cancelled",
    "unanswered": "cancel-unanswered",
    "left": "recipient-left",
    "deserted": "sender-left",
    "over": "consent-expired",
    "outcome_acknowledged": "acknowledged",
    "client_asked": "client-asked",
    "client_answered": "client-answered",
    "entered_in_error": "entered-in-error",
}


def _fact(name: str, said: Said) -> str:
    """Return the word that the documents have for what was told."""
    if name == "offer_viewed":
        return "fetched" if said.data["by"] == "system" else "viewed"
    if name == "outcome_recorded":
        return "partly-delivered" if said.data["outcome"] == "partly" else str(said.data["outcome"])
    if name == "outcome_corrected":
        return f"corrected-to-{said.data['outcome']}"
    return _FACT.get(name, name)
