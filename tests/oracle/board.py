"""The rows people read: a client's, and a referral's as its offers make it."""

from collections.abc import Iterator
from typing import Any

from tests.oracle.judging import OPEN, Case

#: The need stands where the furthest of its offers stands.
_FURTHEST = ("completed", "in-progress", "on-hold", "accepted", "requested")


def person(initiative: str, record: str, case: Case) -> dict[str, Any]:
    """Return the client's row."""
    client = case.client or {}
    return {
        "initiative": initiative,
        "record": record,
        "id": record,
        "registered_by": client["by"],
        "registered_at": client["at"],
        "consents": len(client["consents"]),
        "open_offers": len(case.open()),
        "backfilled": client["backfilled"],
        "erased": client["erased"],
    }


def board(initiative: str, record: str, case: Case) -> Iterator[dict[str, Any]]:
    """Yield a row for each referral of the client."""
    erased = case.client is not None and case.client["erased"]
    for key, referral in case.referrals.items():
        offers = list(referral["offers"].values())
        last = offers[-1] if offers else {}
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
            "status": _status(offers),
            "loop": _loop(offers),
            "offers": len(offers),
            "erased": erased,
        }


_MARKS = ("sent", "responded", "accepted", "started", "closed", "acknowledged")


def _status(offers: list[dict[str, Any]]) -> str:
    if not offers:
        return "draft"
    found = {offer["status"] for offer in offers}
    return next((status for status in _FURTHEST if status in found), "in-progress")


def _loop(offers: list[dict[str, Any]]) -> str:
    if not offers:
        return "not-opened"
    if any(offer["status"] in OPEN for offer in offers):
        return "open"
    return "acknowledged" if "acknowledged" in offers[-1] else "open"
