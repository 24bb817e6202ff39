"""The rows people read: a client's, and a referral's as its offers make it."""

from collections.abc import Iterator
from typing import Any

from tests.oracle.case import OPEN, Case

#: The need stands where the furthest of its offers stands; of those that ended, the latest speaks for it.
_FURTHEST = ("completed", "in-progress", "accepted", "on-hold", "requested")


def person(initiative: str, record: str, case: Case) -> dict[str, Any]:
    """Return the client's row."""
    client = case.client or {}
    return {
        "initiative": initiative,
        "record": record,
        "id": record,
        "registered_by": client["by"],
        "registered_at": client["at"],
        "consents": sum(not consent["ended"] for consent in client["consents"].values()),
        "open_offers": len(case.open()),
        "backfilled": client["backfilled"],
        "erased": client["erased"],
    }


def board(initiative: str, record: str, case: Case) -> Iterator[dict[str, Any]]:
    """Yield a row for each referral of the client."""
    erased = case.client is not None and case.client["erased"]
    for key, referral in case.referrals.items():
        lead, standing = _standing(referral, erased)
        said = ("sender", "taxonomy", "need", "area", "urgency", "programme", "requested_at", "backfilled")
        yield {
            "initiative": initiative,
            "record": record,
            "id": key,
            **{name: referral[name] for name in said},
            **{name: lead.get(name) for name in ("recipient", "service", "programme_class", "respond_by")},
            **{f"{name}_at": lead.get(name) for name in _MARKS},
            **{name: lead.get(name) for name in ("detail", "outcome", "reason")},
            "to_class": None if lead.get("recipient") else lead.get("to_class"),
            "protected": lead.get("protected", False),
            **dict(zip(("status", "loop"), standing, strict=True)),
            "offers": len(referral["offers"]),
            "erased": erased,
        }


def asked(initiative: str, record: str, case: Case) -> Iterator[dict[str, Any]]:
    """Yield a row for each offer beside which there are others, or that somebody of a class had to claim."""
    for key, referral in case.referrals.items():
        several = len(referral["offers"]) > 1
        for offer_id, offer in referral["offers"].items():
            awaited = offer["status"] == "requested" or is_late(referral, offer_id)
            waits = offer["unnamed"] and not offer["recipient"] and awaited
            if several or offer["unnamed"]:
                yield {
                    "initiative": initiative,
                    "record": record,
                    "referral": key,
                    "offer": offer_id,
                    "partner": (offer["recipient"] or None) if several else None,
                    "to_class": offer["to_class"] if waits else None,
                    "respond_by": offer["respond_by"] if waits else None,
                }


_MARKS = ("sent", "responded", "accepted", "started", "closed", "acknowledged")


def _standing(referral: dict[str, Any], erased: bool) -> tuple[dict[str, Any], tuple[str, str]]:
    """Return the offer that speaks for the need, and status and loop.

    What should never have been made speaks for nothing.
    """
    if referral["handoff"]:
        return {}, ("in-progress", "handed-off" if referral["handoff"]["heard"] is None else "handed-off-heard")
    offers = [offer for offer in referral["offers"].values() if offer["status"] != "entered-in-error"]
    if not offers:
        return {}, ("cancelled", "closed-not-served") if referral["given_up"] else ("draft", "not-opened")
    lead = _lead(unreplaced(referral))
    if lead["status"] == "completed":
        return lead, ("completed", "closed-served")
    if referral["given_up"] and lead["status"] not in OPEN:
        return lead, _given_up(offers)
    if erased:
        return lead, ("cancelled", "closed-not-served")
    return lead, (lead["status"] if lead["status"] in OPEN else "in-progress", "open")


def unreplaced(referral: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the offers that were meant and have no later one in their place, straight or by way of others."""
    offers = referral["offers"]
    gone: set[str | None] = set()
    for offer in offers.values():
        before = offer["replaces"] if offer["status"] != "entered-in-error" else None
        while before and before not in gone:
            gone.add(before)
            before = offers[before]["replaces"]
    return [each for key, each in offers.items() if key not in gone and each["status"] != "entered-in-error"]


def is_late(referral: dict[str, Any], offer_id: str) -> bool:
    """Return whether the offer ran out and its sender still waits: nobody took its place, and nobody gave up."""
    offer = referral["offers"][offer_id]
    if offer["detail"] != "expired-no-response" or referral["given_up"]:
        return False
    return any(each is offer for each in unreplaced(referral))


def _lead(offers: list[dict[str, Any]]) -> dict[str, Any]:
    for status in _FURTHEST:
        found = [offer for offer in offers if offer["status"] == status]
        if found:
            return found[-1]
    return offers[-1]


def _in_vain(offer: dict[str, Any]) -> bool:
    """Return whether its time ran out without an answer, though its sender may have left since."""
    left = offer["detail"] == "sender-left" and offer["in_vain"]
    return bool(left or offer["detail"] == "expired-no-response")


def _given_up(offers: list[dict[str, Any]]) -> tuple[str, str]:
    if all(_in_vain(offer) for offer in offers):
        return "cancelled", "closed-unknown"
    return "failed" if any(offer["status"] == "failed" for offer in offers) else "cancelled", "closed-not-served"
