"""Everything that can be said with an event has plain words on a page."""

from datetime import UTC, datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest

from events.catalogue import short, type_of
from projections.referral.said import WORDS
from services.gateway.pages.known import Known
from services.gateway.pages.spoken import in_words


class Lists:
    """What a page knows of the initiative: labels and names that say where they come from."""

    zone = ZoneInfo("America/Chicago")
    now = datetime(2026, 3, 6, tzinfo=UTC)

    def label(self, codelist: str, code: str) -> str:
        return f"{code} of {codelist}"

    def partner(self, id_: str) -> str:
        return f"Partner {id_}"


KNOWN = cast(Known, Lists())
SAID: dict[str, Any] = {
    "reason": "other",
    "outcome": "partly",
    "attempts": 2,
    "outputs": [{"kind": "meal", "amount": "3", "unit": "parcel"}, {"kind": "bed"}, {"kind": "trip", "amount": "1"}],
    "because": "wrong-entry",
    "channel": "visit",
    "result": "not-safe-to-talk",
    "suggested_partners": ["pantry", "school"],
    "expected_by": "2026-03-01T05:00:00Z",
    "need_met": "partly",
    "heard_from": "client",
    "sector": "faith",
    "disposition": "moved-away",
}
ENDED = (
    "Served: In part. Why: other of outcome-reason. Given: meal of output-kind (3 parcel of unit), bed of output-kind "
    "and trip of output-kind (1). Attempts to reach the person: 2."
)
TOLD = {
    "offer_discarded": "Why: other of recall-reason.",
    "offer_recalled": "Why: other of recall-reason.",
    "entered_in_error": "Why: other of error-reason.",
    "offer_accepted": "Expected by Sat 28 Feb 2026.",
    "offer_claimed": "Expected by Sat 28 Feb 2026.",
    "waitlisted": "Expected by Sat 28 Feb 2026.",
    "offer_declined": "Why: other of decline-reason. Might help instead: Partner pantry and Partner school.",
    "contact_attempted": "By a visit. It was not safe to talk.",
    "put_on_hold": "Why: other of hold-reason.",
    "cancel_requested": "Why: other of recall-reason.",
    "withdrawn": "Why: other of withdraw-reason.",
    "outcome_recorded": ENDED,
    "outcome_corrected": f"{ENDED} Why it is corrected: wrong-entry of correction-reason.",
    "outcome_reported_by_sender": "Served: In part. Why: other of outcome-reason. Heard from the person.",
    "handoff_reported": "By a visit. Arranged with: faith of sector.",
    "client_asked": "By a visit.",
    "client_answered": "Need met: In part.",
    "closed": "Why: moved-away of close-reason.",
}
KEPT = {short(type_of(event)): names for event, names in WORDS.items()}


@pytest.mark.parametrize("name", KEPT)
def test_each_event_s_words_are_told_with_the_labels_of_their_own_lists(name: str) -> None:
    said = {word: SAID[word] for word in KEPT[name]}
    assert in_words(name, said, KNOWN) == TOLD[name.removeprefix("referral.")]


def test_nothing_is_told_of_what_is_withheld_or_was_not_said() -> None:
    assert in_words("referral.offer_declined", None, KNOWN) == ""
    assert in_words("referral.requested", None, KNOWN) == ""
    assert in_words("referral.offer_declined", {"reason": "other"}, KNOWN) == "Why: other of decline-reason."
