"""What was said with an event, as far as a caller may know it; and what of an offer's state follows from it.  Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

import orjson
from pydantic import BaseModel, Field

from services.admission.standing import Standing
from services.gateway.protection import PROTECTED, is_guarded
from services.gateway.sight import Sight

_EXPECTED, _REASON = {"expected_by": "expected_by"}, {"reason": "reason"}
_OUTCOME = {"outcome": "outcome", **_REASON}
#: The fields of an offer that an event of this type sets, and by which of its words; what it leaves out is unset.
_SETS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "referral.offer_accepted": _EXPECTED,
        "referral.offer_claimed": _EXPECTED,
        "referral.waitlisted": _EXPECTED,
        "referral.offer_declined": _REASON,
        "referral.offer_recalled": _REASON,
        "referral.withdrawn": _REASON,
        "referral.entered_in_error": _REASON,
        "referral.put_on_hold": _REASON,
        "referral.cancel_requested": _REASON,
        "referral.service_started": _REASON,
        "referral.resumed": _REASON,
        "referral.outcome_recorded": _OUTCOME,
        "referral.outcome_corrected": _OUTCOME,
        "referral.outcome_reported_by_sender": {"heard": "outcome"},
        "referral.client_answered": {"need_met": "need_met"},
    }
)


class Given(BaseModel):
    """What was given, and how much of it."""

    kind: str
    amount: str | None = None
    unit: str | None = None


class Words(BaseModel):
    """The codes, numbers and times that came with an event; those that it did not give are left out."""

    reason: str | None = None
    outcome: str | None = None
    attempts: int | None = Field(None, description="To reach the client, as whoever told the outcome states them.")
    outputs: list[Given] | None = None
    because: str | None = Field(None, description="Why an outcome was corrected.")
    channel: str | None = None
    result: str | None = Field(None, description="What came of an attempt to reach the client.")
    suggested_partners: list[str] | None = Field(
        None, description="Who might help instead; a coordinator is not told the name of a protected one."
    )
    expected_by: datetime | None = None
    need_met: str | None = None
    heard_from: str | None = None
    sector: str | None = Field(None, description="What kind of organisation it was arranged with.")
    disposition: str | None = Field(None, description="Why no further attempt is made.")


class Spoken(NamedTuple):
    """An event with its words, of those that the caller may know."""

    type: str
    words: Mapping[str, Any]


def hears_others(sight: Sight) -> bool:
    """Say whether the caller may know what others said with their events: not once nothing is shared with it."""
    return sight.withheld is None and sight.role != "class-member"


def words_of(text: str | None, sight: Sight, standing: Standing) -> dict[str, Any] | None:
    """Return the words of a row; protected partners have no name for those who take no part."""
    if text is None:
        return None
    words: dict[str, Any] = orjson.loads(text)
    if sight.role == "coordinator" and "suggested_partners" in words:
        named = words["suggested_partners"]
        words["suggested_partners"] = [PROTECTED if is_guarded(standing, each) else each for each in named]
    return words


def told_by(said: Iterable[Spoken]) -> dict[str, Any]:
    """Return what these events, in order, made of the fields of an offer that words set."""
    found: dict[str, Any] = {}
    for each in said:
        sets = _SETS.get(each.type, {})
        found |= {field: _value(word, each.words.get(word)) for field, word in sets.items()}
    return found


def _value(word: str, said: Any) -> Any:
    return datetime.fromisoformat(said) if said is not None and word == "expected_by" else said


#: What a row of a file says of all that was said of an offer.
COLUMNS = ("suggested_partners", "contact_attempts", "hold_reasons", "cancel_reason", "outputs", "correction_reason")


def summed(said: Iterable[Spoken]) -> dict[str, Any]:
    """Return what a row of a file says of it; null for what was never said."""
    found: dict[str, Any] = dict.fromkeys(COLUMNS)
    for each in said:
        _add(found, each.type.removeprefix("referral."), each.words)
    return found


def _add(found: dict[str, Any], name: str, words: Mapping[str, Any]) -> None:
    match name:
        case "offer_declined":
            found["suggested_partners"] = words.get("suggested_partners")
        case "contact_attempted":
            found["contact_attempts"] = [*(found["contact_attempts"] or ()), dict(words)]
        case "put_on_hold":
            found["hold_reasons"] = [*(found["hold_reasons"] or ()), words["reason"]]
        case "cancel_requested":
            found["cancel_reason"] = words["reason"]
        case "outcome_recorded" | "outcome_corrected":
            found["outputs"] = [_in_order(each) for each in words.get("outputs", ())] or None
            found["correction_reason"] = words.get("because")


def _in_order(output: Mapping[str, str]) -> dict[str, str]:
    """Return what was given with its kind first, as people read it."""
    return {name: output[name] for name in Given.model_fields if name in output}


def of_offer(rows: Iterable[Mapping[str, Any]], offer: str | None) -> list[Spoken]:
    """Return what was said of the offer, of rows with their words as the caller may know them."""
    return [Spoken(row["type"], row["words"]) for row in rows if offer is not None and row["offer"] == offer]
