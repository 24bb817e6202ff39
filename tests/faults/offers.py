"""What becomes of offers: each has a plan of who says what next, and anybody may say anything in between."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.faults.speaking import ANYBODY, CLIENT_LINK, CLOCK, LINK, PARTNERS, Body, Speaker, uuid

#: Why the clock withdraws an offer: one of its sides is gone, or the consent is over.
GONE = ("partner-left", "sender-left", "sender-suspended", "consent-expired", "consent-expired", "consent-expired")
REASONS = ("no-capacity", "unable-to-contact", "not-eligible", "unable-to-contact")
OUTCOMES = ("delivered", "partly", "not-delivered")
ENROLMENT = "5b1fd9a5-5a52-4c1b-9df0-0f2a7d6a3c11"
#: Long after all else.
RESPITE = "2031-01-01T00:00:00Z"
#: Who says what; `again` sends another offer in its place, `closed` gives the need up.
PLANS = (
    "r.offer_viewed r.offer_accepted r.contact_attempted r.service_started r.outcome_recorded s.outcome_acknowledged"
    " s.client_asked c.client_answered r.outcome_corrected s.outcome_acknowledged",
    "l.offer_viewed l.offer_accepted r.waitlisted t.reminded r.resumed r.put_on_hold r.resumed l.outcome_recorded"
    " s.client_answered",
    "r.offer_viewed r.offer_declined s.outcome_acknowledged s.closed s.again",
    "t.reminded t.reminded t.escalated t.offer_expired r.offer_accepted r.outcome_recorded r.outcome_corrected",
    "t.offer_expired s.closed s.again r.offer_accepted",
    "r.offer_accepted t.reminded r.put_on_hold t.escalated r.waitlisted t.reminded t.escalated r.service_started"
    " r.outcome_recorded",
    "r.offer_accepted s.cancel_requested r.contact_attempted r.resumed r.cancel_confirmed",
    "r.offer_accepted s.cancel_requested t.cancel_confirmed s.outcome_acknowledged r.outcome_recorded",
    "r.offer_accepted r.put_on_hold s.cancel_requested s.cancel_requested t.cancel_confirmed s.closed",
    "s.offer_recalled s.closed",
    "r.offer_accepted r.withdrawn s.closed",
    "r.offer_viewed t.withdrawn",
    "r.offer_accepted t.withdrawn r.outcome_recorded",
    "r.offer_accepted s.outcome_reported_by_sender r.outcome_recorded",
    "r.offer_viewed s.entered_in_error s.closed s.again",
    "r.offer_accepted r.client_asked c.client_answered r.outcome_recorded",
    "r.offer_accepted r.outcome_recorded r.outcome_corrected s.outcome_acknowledged r.outcome_corrected",
    "r.offer_viewed r.client_answered r.client_answered r.offer_accepted",
    "t.reminded r.offer_accepted t.reminded r.waitlisted t.reminded r.waitlisted t.reminded t.escalated",
)


@dataclass
class Offer:
    """What its sender and everybody else believe of an offer."""

    id: str
    referral: str
    sender: str
    recipient: str | None
    to_class: str | None
    #: The deadline that a timed event of this name would be right to name.
    due: dict[str, str | None] = field(default_factory=dict)
    plan: list[str] = field(default_factory=list)
    consent: str = ""
    service: str = ""


def answered(speaker: Speaker, offer: Offer) -> Body:
    """Return what is said of the offer next: as planned, or anything by anybody."""
    if offer.plan and speaker.likely(0.8):
        who, name = offer.plan.pop(0).split(".")
        return _said(speaker, offer, speaker.mostly(_source(speaker, who, offer)), name)
    name = speaker.random.choice(tuple(_WORDS))
    return _said(speaker, offer, speaker.random.choice((offer.sender, offer.recipient or LINK, *ANYBODY)), name)


def _source(speaker: Speaker, who: str, offer: Offer) -> str:
    known = {"r": offer.recipient, "s": offer.sender, "t": CLOCK, "l": LINK, "c": CLIENT_LINK}[who]
    return known or speaker.random.choice(PARTNERS)


def _said(speaker: Speaker, offer: Offer, source: str, name: str) -> Body:
    if offer.to_class and name == "offer_accepted":
        name = "offer_claimed"
    word = _WORDS[name](speaker, offer)
    admitted = dict(word.get("admitted", {}))
    if source == LINK:
        admitted["on_behalf"] = offer.recipient if speaker.likely(0.9) else speaker.random.choice(PARTNERS)
    if name == "offer_claimed" and offer.recipient is None and source in PARTNERS:
        offer.recipient = source
    data = {"offer_id": offer.id, **word, "admitted": admitted}
    return speaker.event(f"referral.{name}", source, offer.referral, data)


def _viewed(speaker: Speaker, _: Offer) -> Body:
    return {"by": speaker.random.choice(("person", "person", "link", "system"))}


def _accepted(speaker: Speaker, offer: Offer) -> Body:
    return _promised(speaker, offer, 0.5)


def _promised(speaker: Speaker, offer: Offer, chance: float) -> Body:
    """Return when it is to begin, as its recipient says or as admission looked up; history knows the former alone."""
    named = _day(speaker, offer) if speaker.likely(chance) else None
    said: Body = {"expected_by": named} if named else {}
    usual = {"start_by": named or speaker.later(), "escalate_at": speaker.later()}
    own = {"services": [offer.service or uuid(speaker.random)], "start_by": speaker.later(), "escalate_at": RESPITE}
    found: list[Body] = [usual] if speaker.likely(0.8) else [usual, own]
    if speaker.likely(0.2):
        offer.due |= {"reminded": named, "escalated": None}
        return said
    offer.due |= {"reminded": found[-1]["start_by"], "escalated": found[-1]["escalate_at"]}
    return {**said, "admitted": {"starting": found}}


def _day(speaker: Speaker, offer: Offer) -> str:
    """Return a day, at times the very one that was to be reminded of before."""
    again = offer.due.get("reminded")
    return again if again and speaker.likely(0.4) else speaker.later()


def _claimed(speaker: Speaker, offer: Offer) -> Body:
    programme = speaker.random.choice(("general", "general", "general", None, "domestic-violence"))
    classes = [offer.to_class] if offer.to_class and speaker.likely(0.85) else ["food"]
    looked_up = {
        "programme_class": programme,
        "protected": programme == "domestic-violence",
        "recipient_classes": classes,
        "min_attempts": 1 if speaker.likely(0.2) else None,
    }
    offer.service = uuid(speaker.random)
    said = _promised(speaker, offer, 0.5)
    return {"service_id": offer.service, **said, "admitted": looked_up | said.get("admitted", {})}


def _reason(speaker: Speaker, _: Offer) -> Body:
    return {"reason": speaker.random.choice(REASONS)}


def _withdrawn(speaker: Speaker, offer: Offer) -> Body:
    reason = speaker.random.choice((*REASONS[:2], *GONE))
    return {"reason": reason, **(_timed("withdrawn")(speaker, offer) if reason == "consent-expired" else {})}


def _noted(speaker: Speaker, offer: Offer) -> Body:
    return speaker.sealed({**_reason(speaker, offer), "suggested_partners": ["pantry", "school"]}, "note")


def _timed(name: str) -> Callable[[Speaker, Offer], Body]:
    def said(speaker: Speaker, offer: Offer) -> Body:
        own = offer.due.get(name)
        return {"deadline": own if own and speaker.likely(0.85) else speaker.later()}

    return said


def _contacted(_: Speaker, __: Offer) -> Body:
    return {"channel": "phone", "result": "no-answer"}


def _waitlisted(speaker: Speaker, offer: Offer) -> Body:
    return _promised(speaker, offer, 0.8)


def _nothing(_: Speaker, __: Offer) -> Body:
    return {}


def _outcome(speaker: Speaker, _: Offer) -> Body:
    pick = speaker.random
    said: Body = {"outcome": pick.choice(OUTCOMES)}
    if pick.random() < 0.8:
        said["outputs"] = [
            {"kind": "meal", "amount": "1", "unit": "portion"},
            {"kind": "place", "enrolment_id": ENROLMENT},
        ]
    if pick.random() < 0.65:
        said |= {"reason": pick.choice(REASONS), "attempts": pick.randrange(5)}
    if pick.random() < 0.3:
        said["admitted"] = {"min_attempts": 2}
    return speaker.sealed(said, "note")


def _corrected(speaker: Speaker, offer: Offer) -> Body:
    return {**_outcome(speaker, offer), "because": "wrong-entry"}


def _heard(speaker: Speaker, _: Offer) -> Body:
    return {"outcome": speaker.random.choice(OUTCOMES), "heard_from": "client"}


def _cancel(speaker: Speaker, offer: Offer) -> Body:
    due = speaker.later() if speaker.likely(0.9) else None
    offer.due["cancel_confirmed"] = due
    return {"reason": "need-changed", "admitted": {"confirm_by": due}}


def _confirmed(speaker: Speaker, offer: Offer) -> Body:
    return {} if speaker.likely(0.2) else _timed("cancel_confirmed")(speaker, offer)


def _asked(_: Speaker, __: Offer) -> Body:
    return {"channel": "text"}


def _client(speaker: Speaker, _: Offer) -> Body:
    stop = {"stop_sharing": True} if speaker.likely(0.3) else {}
    return {"need_met": speaker.random.choice(("yes", "partly", "no")), **stop}


_WORDS: Mapping[str, Callable[[Speaker, Offer], Body]] = {
    "offer_recalled": _reason,
    "offer_viewed": _viewed,
    "offer_accepted": _accepted,
    "offer_claimed": _claimed,
    "offer_declined": _noted,
    "offer_expired": _timed("offer_expired"),
    "reminded": _timed("reminded"),
    "escalated": _timed("escalated"),
    "contact_attempted": _contacted,
    "service_started": _nothing,
    "waitlisted": _waitlisted,
    "put_on_hold": _reason,
    "resumed": _nothing,
    "outcome_recorded": _outcome,
    "outcome_reported_by_sender": _heard,
    "cancel_requested": _cancel,
    "cancel_confirmed": _confirmed,
    "withdrawn": _withdrawn,
    "outcome_acknowledged": _nothing,
    "client_asked": _asked,
    "client_answered": _client,
    "outcome_corrected": _corrected,
    "entered_in_error": _noted,
}
