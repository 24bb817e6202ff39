"""The words of each applied event that are kept as they were said."""

from collections.abc import Iterator
from typing import Any

from tests.oracle.shapes import instant

Row = dict[str, Any]
_WHY = {"reason"}
_UNTIL = {"expected_by"}
_CAME = {"outcome", "reason", "attempts", "outputs"}
_WORDS = {
    "referral.offer_discarded": _WHY,
    "referral.offer_recalled": _WHY,
    "referral.entered_in_error": _WHY,
    "referral.put_on_hold": _WHY,
    "referral.cancel_requested": _WHY,
    "referral.withdrawn": _WHY,
    "referral.offer_accepted": _UNTIL,
    "referral.offer_claimed": _UNTIL,
    "referral.waitlisted": _UNTIL,
    "referral.offer_declined": {"reason", "suggested_partners"},
    "referral.contact_attempted": {"channel", "result"},
    "referral.handoff_reported": {"channel", "sector"},
    "referral.client_asked": {"channel"},
    "referral.client_answered": {"need_met"},
    "referral.outcome_recorded": _CAME,
    "referral.outcome_corrected": _CAME | {"because"},
    "referral.outcome_reported_by_sender": {"outcome", "reason", "heard_from"},
    "referral.closed": {"disposition"},
}


def spoken(event: Row, said: Row) -> Iterator[Row]:
    """Yield the row of the event's words, if it has any."""
    data = event["data"]
    words = {
        name: _plain(name, data[name]) for name in _WORDS.get(event["short"], ()) if data.get(name) not in (None, [])
    }
    if words:
        yield {
            **{column: said[column] for column in ("initiative", "record", "source", "type")},
            "event": event["id"],
            "referral": event["subject"],
            "offer": data.get("offer_id"),
            "words": words,
        }


def _plain(name: str, value: Any) -> Any:
    if name == "outputs":
        return [
            {part: each[part] for part in ("kind", "amount", "unit") if each.get(part) is not None} for each in value
        ]
    return instant(value).isoformat().replace("+00:00", "Z") if name in _UNTIL else value
