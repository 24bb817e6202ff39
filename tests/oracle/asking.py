"""The sender's side: the need, what is prepared and sent for it, what went outside, and giving up."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from tests.oracle.board import unreplaced
from tests.oracle.case import MOST, OPEN, Refused, Said, need
from tests.oracle.consenting import UNTOLD_FROM, covers, hides, in_force, means, shares
from tests.oracle.shapes import instant

Body = dict[str, Any]
#: Decision 30: what is recorded from then on may ask a class.
CLASSES_FROM = datetime(2026, 11, 28, tzinfo=UTC)


def wanted(said: Said) -> Body:
    """Return the referral as stated, or as arranged outside."""
    data, handoff = said.data, None
    if said.name == "handoff_reported":
        handoff = {"id": data["offer_id"], "heard": None}
    return {
        "sender": said.partner,
        "taxonomy": data["need"]["taxonomy"],
        "need": data["need"]["code"],
        "area": data.get("area"),
        "urgency": data["urgency"],
        "programme": data.get("programme"),
        "requested_at": instant(said.event["time"]),
        "backfilled": "backfill" in data["admitted"],
        "offers": {},
        #: Id → whether it was thrown away.
        "drafts": {},
        "handoff": handoff,
        "given_up": False,
        "last": said.at,
    }


def heard(said: Said, referral: Body) -> None:
    """Take what the sender heard of the organisation outside."""
    _own(said, referral)
    referral["handoff"]["heard"] = said.data["outcome"]


def _own(said: Said, referral: Body) -> None:
    need(said.partner == referral["sender"], "not-permitted")
    said.in_order(referral)


def _drafted(said: Said, referral: Body) -> None:
    _own(said, referral)
    used = {*referral["offers"], *referral["drafts"]}
    need(said.data["offer_id"] not in used, "already-exists")
    need(len(used) < MOST["offers"], "too-many")
    need(said.recorded < CLASSES_FROM or referral["handoff"] is None, "illegal-transition")
    referral["drafts"][said.data["offer_id"]] = False
    said.case.facts["drafted"] += 1


def _discarded(said: Said, referral: Body) -> None:
    _own(said, referral)
    offer, drafts = said.data["offer_id"], referral["drafts"]
    need(offer in drafts or offer in referral["offers"], "unknown-subject")
    need(drafts.get(offer) is False, "illegal-transition")
    drafts[offer] = True
    said.case.facts["discarded"] += 1


def _closed(said: Said, referral: Body) -> None:
    """Nobody gives up what was met and not asked for anew, what somebody has to act on, or what went outside."""
    _own(said, referral)
    need(not referral["given_up"] and referral["handoff"] is None, "illegal-transition")
    going = [offer for offer in unreplaced(referral) if offer["status"] in OPEN | {"completed"}]
    need(not going, "illegal-transition")
    referral["given_up"] = True


def _sent(said: Said, referral: Body) -> None:
    need(said.partner == referral["sender"], "not-permitted")
    consent = said.client["consents"].get(said.data["consent_id"])
    need(said.recorded < UNTOLD_FROM or not consent or not hides(consent, said.partner), "consent-missing")
    offer = _offer(said)
    _addressed(said, offer)
    said.in_order(referral, said.client)
    _room(said, referral)
    _place(said, referral)
    _consented(said, offer)
    _alone(said, offer)
    referral["drafts"].pop(said.data["offer_id"], None)
    referral["offers"][said.data["offer_id"]], said.client["last"] = offer, said.at
    referral["given_up"] = False
    said.case.facts["sent"] += 1


def _meant(said: Said) -> tuple[str, ...]:
    """Return the members of the class that the consent reaches."""
    consent = said.client["consents"].get(said.data["consent_id"])
    members = sorted(set(said.data["admitted"].get("class_members") or ()))
    return () if consent is None else tuple(each for each in members if means(consent, each))


def _offer(said: Said) -> Body:
    data = said.data
    admitted = data["admitted"]
    return {
        "referral": said.event["subject"],
        "recipient": data.get("recipient"),
        "to_class": data.get("to_class"),
        # Earlier rules let both be named; then nobody had to claim it.
        "unnamed": data.get("recipient") is None,
        "members": () if data.get("recipient") else _meant(said),
        "service": data["service_id"],
        "consent": data["consent_id"],
        "purpose": data["purpose"],
        "data_classes": set(data["data_classes"]),
        "programme_class": admitted.get("programme_class"),
        "protected": admitted.get("protected", True),
        "attempts": admitted.get("min_attempts"),
        "respond_by": instant(data["respond_by"]),
        **{due: admitted.get(due) and instant(admitted[due]) for due in ("remind_at", "escalate_at")},
        "sent": instant(said.event["time"]),
        "replaces": data.get("replaces"),
        "contacts": 0,
        "status": "requested",
        "detail": "sent",
    }


def _addressed(said: Said, offer: Body) -> None:
    """An offer goes to a partner, or, since classes can be asked, to exactly one of partner and class."""
    since = said.recorded >= CLASSES_FROM
    both = offer["recipient"] and offer["to_class"]
    need(offer["recipient"] or (since and offer["to_class"]), "recipient-missing")
    need(not (since and both), "recipient-missing")


def _room(said: Said, referral: Body) -> None:
    offer = said.data["offer_id"]
    need(offer not in referral["offers"], "already-exists")
    need(not referral["drafts"].get(offer), "illegal-transition")
    need(len(referral["offers"]) < MOST["offers"] and len(said.case.open()) < MOST["open"], "too-many")


def _place(said: Said, referral: Body) -> None:
    """What went outside takes no offer; what was given up takes one that replaces another; what is open stays."""
    need(referral["handoff"] is None, "illegal-transition")
    replaces = said.data.get("replaces")
    if replaces is None:
        need(not referral["given_up"] or not referral["offers"], "illegal-transition")
        return
    need(replaces in referral["offers"], "unknown-subject")
    need(referral["offers"][replaces]["status"] not in OPEN, "illegal-transition")


def _consented(said: Said, offer: Body) -> None:
    consent = said.client["consents"].get(said.data["consent_id"])
    if consent is None or not in_force(consent, said.at):
        raise Refused("consent-missing")
    asked = covers(consent, offer) if offer["recipient"] else shares(consent, offer) and not offer["protected"]
    need(asked, "consent-does-not-cover")


def _alone(said: Said, offer: Body) -> None:
    firsts = [
        said.case.referrals[other["referral"]] for other in said.case.open() if other["service"] == offer["service"]
    ]
    told = said.partner in [first["sender"] for first in firsts]
    if said.recorded >= CLASSES_FROM:
        firsts = firsts if told else []
    need(said.data.get("duplicate_reason") or not firsts, "duplicate-open-offer" if told else "unknown-subject")


ASKING: dict[str, Callable[[Said, Body], None]] = {
    "offer_drafted": _drafted,
    "offer_discarded": _discarded,
    "offer_sent": _sent,
    "closed": _closed,
}
