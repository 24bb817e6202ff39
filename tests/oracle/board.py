"""The rows people read: a client's, and a referral's as its offers make it."""

from collections.abc import Iterator
from typing import Any

from tests.oracle.judging import OPEN, Case

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
        offers = list(referral["offers"].values())
        last = _lead(offers)
        said = ("sender", "taxonomy", "need", "area", "urgency", "programme", "requested_at", "backfilled")
        yield {
            "initiative": initiative,
            "record": record,
            "id": key,
            **{name: referral[name] for name in said},
            **{name: last.get(name) for name in ("recipient", "service", "programme_class", "respond_by")},
            **{f"{name}_at": last.get(name) for name in _MARKS},
            **{name: last.get(name) for name in ("detail", "outcome", "reason")},
            "protected": last.get("protected", False),
            **_standing(last, erased),
            "offers": len(offers),
            "erased": erased,
        }


_MARKS = ("sent", "responded", "accepted", "started", "closed", "acknowledged")


def _lead(offers: list[dict[str, Any]]) -> dict[str, Any]:
    for status in _FURTHEST:
        found = [offer for offer in offers if offer["status"] == status]
        if found:
            return found[-1]
    return offers[-1] if offers else {}


def _standing(lead: dict[str, Any], erased: bool) -> dict[str, str]:
    if not lead:
        return {"status": "draft", "loop": "not-opened"}
    if lead["status"] == "completed":
        return {"status": "completed", "loop": "closed-served"}
    if erased:
        return {"status": "cancelled", "loop": "closed-not-served"}
    return {"status": lead["status"] if lead["status"] in OPEN else "in-progress", "loop": "open"}
