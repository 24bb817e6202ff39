"""The rules of clients, consents and referrals, as the field's documents tell them."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.oracle.consenting import covers, for_itself, granted, in_force, narrowed
from tests.oracle.shapes import instant

OPEN = frozenset({"requested", "accepted", "in-progress", "on-hold"})
_PARTNER = "urn:manyhands:partner:"
_ENDING = {
    "delivered": ("completed", "served"),
    "partly": ("completed", "partly-served"),
    "not-delivered": ("failed", "not-served"),
}
_MOST = {"consents": 100, "offers": 50, "open": 200}


class Refused(Exception):
    """The record changes nothing; the argument is the code."""


@dataclass
class Case:
    """Everything under one record key."""

    client: dict[str, Any] | None = None
    referrals: dict[str, dict[str, Any]] = field(default_factory=dict)

    def offers(self) -> list[dict[str, Any]]:
        """Return every offer of every referral."""
        return [offer for referral in self.referrals.values() for offer in referral["offers"].values()]

    def open(self) -> list[dict[str, Any]]:
        """Return the offers that have not ended."""
        return [offer for offer in self.offers() if offer["status"] in OPEN]


def _need(true: object, code: str) -> None:
    if not true:
        raise Refused(code)


def apply(case: Case, event: dict[str, Any], at: datetime) -> None:
    """Judge the event at its instant and change the case.  Raises Refused, having changed nothing."""
    family, _, name = event["short"].partition(".")
    if name == "registered":
        return _registered(case, event, at)
    client = case.client
    if client is None:
        raise Refused("unknown-client")
    _need(not client["erased"], "client-erased")
    if family == "referral":
        return _referral(case, client, event, at)
    if name == "erased":
        return _erased(case, client, event, at)
    return _consent(case, client, event, at)


def _registered(case: Case, event: dict[str, Any], at: datetime) -> None:
    if case.client is not None:
        raise Refused("client-erased" if case.client["erased"] else "already-registered")
    _need(_who(event), "not-permitted")
    case.client = {
        "by": _who(event),
        "serving": {_who(event)},
        "at": instant(event["time"]),
        "last": at,
        "erased": False,
        "consents": {},
        "backfilled": "backfill" in event["data"]["admitted"],
    }


def _who(event: dict[str, Any]) -> str | None:
    source: str = event["source"]
    return source.removeprefix(_PARTNER) if source.startswith(_PARTNER) else None


def _erased(case: Case, client: dict[str, Any], event: dict[str, Any], at: datetime) -> None:
    _need(event["source"].startswith("urn:manyhands:system:"), "not-permitted")
    _need(event.get("actor") and event.get("approver") not in (None, event["actor"]), "needs-second-person")
    client.update(erased=True, last=max(at, client["last"]), consents={})
    for offer in case.open():
        _end(case, offer, event, at, "client-erased")


def _end(case: Case, offer: dict[str, Any], event: dict[str, Any], at: datetime, why: str) -> None:
    offer.update(status="cancelled", detail=why, closed=instant(event["time"]), reason=event["data"].get("reason"))
    referral = case.referrals[offer["referral"]]
    referral["last"] = max(at, referral["last"])


def _consent(case: Case, client: dict[str, Any], event: dict[str, Any], at: datetime) -> None:
    data, consents = event["data"], client["consents"]
    key, found = data["consent_id"], client["consents"].get(data["consent_id"])
    name = event["short"].partition(".")[2]
    _need(event["source"].startswith("urn:manyhands:client-link:") or _who(event) in client["serving"], "not-permitted")
    if name == "granted":
        _need(at >= client["last"], "out-of-order")
        _need(found is None, "already-exists")
        consent = granted(data)
        _need(len(consents) < _MOST["consents"], "too-many")
        _need(not for_itself(consent, _who(event)), "self-consent")
        consents[key], client["last"] = consent, at
        return
    _need(found is not None and _may_change(name, found, at), "consent-missing")
    left = narrowed(found, data) if name == "narrowed" else {**found, "ended": name}
    if left is None:
        raise Refused("not-narrower")
    alone = name == "narrowed" and for_itself(left, _who(event)) and not for_itself(found, _who(event))
    _need(not alone, "self-consent")
    relying = [offer for offer in case.open() if offer["consent"] == key]
    ending = [offer for offer in relying if not (in_force(left, at) and covers(left, offer))]
    _in_order(case, client, ending, at)
    consents[key], client["last"] = left, at
    for offer in ending:
        _end(case, offer, event, at, "consent-revoked")


def _may_change(name: str, consent: dict[str, Any], at: datetime) -> bool:
    """Narrowing needs a consent in force, revoking one that nobody ended; an error may be told of later, once."""
    if name == "narrowed":
        return in_force(consent, at)
    return not consent["ended"] if name == "revoked" else consent["ended"] != name


def _in_order(case: Case, client: dict[str, Any], offers: list[dict[str, Any]], at: datetime) -> None:
    changed = [client, *(case.referrals[offer["referral"]] for offer in offers)]
    _need(all(at >= each["last"] for each in changed), "out-of-order")


def _referral(case: Case, client: dict[str, Any], event: dict[str, Any], at: datetime) -> None:
    referral, data, name = case.referrals.get(event["subject"]), event["data"], event["short"].partition(".")[2]
    if name == "requested":
        _need(_who(event) in client["serving"], "not-permitted")
        _need(referral is None, "already-exists")
        case.referrals[event["subject"]] = _wanted(event, at)
        return
    if referral is None:
        raise Refused("unknown-subject")
    if name == "offer_sent":
        _sent(case, client, event, at)
    else:
        offer = referral["offers"].get(data["offer_id"])
        if offer is None:
            raise Refused("unknown-subject")
        _answer(client, referral, offer, event, at)
    referral["last"] = at


def _wanted(event: dict[str, Any], at: datetime) -> dict[str, Any]:
    data = event["data"]
    return {
        "sender": _who(event),
        "taxonomy": data["need"]["taxonomy"],
        "need": data["need"]["code"],
        "area": data.get("area"),
        "urgency": data["urgency"],
        "programme": data.get("programme"),
        "requested_at": instant(event["time"]),
        "backfilled": "backfill" in data["admitted"],
        "offers": {},
        "last": at,
    }


def _sent(case: Case, client: dict[str, Any], event: dict[str, Any], at: datetime) -> None:
    referral, data = case.referrals[event["subject"]], event["data"]
    admitted = data["admitted"]
    offer = {
        "referral": event["subject"],
        "recipient": data.get("recipient"),
        "service": data["service_id"],
        "consent": data["consent_id"],
        "purpose": data["purpose"],
        "data_classes": set(data["data_classes"]),
        "programme_class": admitted.get("programme_class"),
        "protected": admitted.get("protected", True),
        "attempts": admitted.get("min_attempts"),
        "respond_by": instant(data["respond_by"]),
        "sent": instant(event["time"]),
        "status": "requested",
        "detail": "sent",
    }
    _need(_who(event) == referral["sender"], "not-permitted")
    _need(offer["recipient"], "recipient-missing")
    _need(at >= referral["last"] and at >= client["last"], "out-of-order")
    _need(data["offer_id"] not in referral["offers"], "already-exists")
    _need(len(referral["offers"]) < _MOST["offers"] and len(case.open()) < _MOST["open"], "too-many")
    replaces = data.get("replaces")
    _need(replaces is None or replaces in referral["offers"], "unknown-subject")
    _need(replaces is None or referral["offers"][replaces]["status"] not in OPEN, "illegal-transition")
    consent = client["consents"].get(data["consent_id"])
    _need(in_force(consent, at), "consent-missing")
    _need(covers(consent, offer), "consent-does-not-cover")
    firsts = [case.referrals[other["referral"]] for other in case.open() if other["service"] == offer["service"]]
    told = _who(event) in [first["sender"] for first in firsts]
    _need(data.get("duplicate_reason") or not firsts, "duplicate-open-offer" if told else "unknown-subject")
    referral["offers"][data["offer_id"]], client["last"] = offer, at


def _answer(
    client: dict[str, Any], referral: dict[str, Any], offer: dict[str, Any], event: dict[str, Any], at: datetime
) -> None:
    data, when, status = event["data"], instant(event["time"]), offer["status"]
    if event["short"] == "referral.outcome_acknowledged":
        _need(_who(event) == referral["sender"], "not-permitted")
        _need(at >= referral["last"], "out-of-order")
        _need(status not in OPEN, "illegal-transition")
        offer.setdefault("acknowledged", when)
        return
    _need(_who(event) == offer["recipient"], "not-your-offer")
    _need(at >= referral["last"], "out-of-order")
    match event["short"]:
        case "referral.offer_viewed":
            if data["by"] != "system" and status == "requested":
                offer.update(detail="viewed")
        case "referral.offer_accepted":
            _need(status == "requested", "illegal-transition")
            offer.update(status="accepted", detail="accepted", responded=when, accepted=when)
            client["serving"].add(offer["recipient"])
        case "referral.offer_declined":
            _need(status == "requested", "illegal-transition")
            _need(at >= client["last"], "out-of-order")
            offer.update(status="rejected", detail="declined", responded=when, closed=when, reason=data["reason"])
            client["last"] = at
        case "referral.service_started":
            _need(status in ("accepted", "on-hold"), "illegal-transition")
            offer.update(status="in-progress", detail="serving", started=when)
        case "referral.outcome_recorded":
            _need(status in ("accepted", "in-progress", "on-hold"), "illegal-transition")
            _need(at >= client["last"], "out-of-order")
            _outcome(data, offer["attempts"])
            status, detail = _ENDING[data["outcome"]]
            offer.update(status=status, detail=detail, closed=when, outcome=data["outcome"], reason=data.get("reason"))
            client["last"] = at


def _outcome(data: dict[str, Any], agreed: int | None) -> None:
    if data["outcome"] != "not-delivered":
        _need(data.get("outputs"), "outcome-needs-output")
        return
    _need(data.get("reason"), "reason-required")
    asked = next((least for least in (agreed, data["admitted"].get("min_attempts")) if least is not None), 3)
    _need(data["reason"] != "unable-to-contact" or (data.get("attempts") or 0) >= asked, "too-few-attempts")
