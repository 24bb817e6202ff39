"""The coded words of applied events, which states keep the last of or only count; gone when the person is erased.

They have a table of their own, as few events have any: the timeline's rows stay as they are, and an erasure looks at
these alone.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgspec

from events.catalogue import Event, short
from events.envelope import Envelope
from events.referral import (
    CancelRequested,
    ClientAnswered,
    ClientAsked,
    Closed,
    ContactAttempted,
    HandoffReported,
    OfferAccepted,
    OfferClaimed,
    OfferDeclined,
    OfferDiscarded,
    OfferInError,
    OfferRecalled,
    OutcomeCorrected,
    OutcomeRecorded,
    OutcomeReportedBySender,
    Output,
    PutOnHold,
    Waitlisted,
    Withdrawn,
)
from projections.projection import Entry, Key, Row, Table
from projections.ruling import Refused
from projections.timeline import offer_named
from projections.times import utc

SAID = Table(
    name="said",
    columns={
        "initiative": "text",
        "record": "uuid",
        "source": "text",
        "event": "uuid",
        "referral": "uuid",
        "offer": "uuid",
        "type": "text",
        "words": "text",
        "erased": "bool",
    },
    key=("initiative", "record", "source", "event"),
    sql=Path(__file__).with_name("said.sql"),
    append=True,
    erasable=("words",),
)
_REASON = ("reason",)
_EXPECTED = ("expected_by",)
_OUTCOME = ("outcome", "reason", "attempts", "outputs")
#: What is kept of each type of event: never sealed text, and of ids those of partners alone.
WORDS: Mapping[type[Envelope], tuple[str, ...]] = MappingProxyType(
    {
        OfferDiscarded: _REASON,
        OfferRecalled: _REASON,
        OfferInError: _REASON,
        OfferAccepted: _EXPECTED,
        OfferClaimed: _EXPECTED,
        OfferDeclined: ("reason", "suggested_partners"),
        ContactAttempted: ("channel", "result"),
        Waitlisted: _EXPECTED,
        PutOnHold: _REASON,
        CancelRequested: _REASON,
        Withdrawn: _REASON,
        OutcomeRecorded: _OUTCOME,
        OutcomeCorrected: (*_OUTCOME, "because"),
        OutcomeReportedBySender: ("outcome", "reason", "heard_from"),
        HandoffReported: ("channel", "sector"),
        ClientAsked: ("channel",),
        ClientAnswered: ("need_met",),
        Closed: ("disposition",),
    }
)
#: What of an output is told; by the id of an enrolment two referrals could be seen to be one person's.
OF_OUTPUT = ("kind", "amount", "unit")
_encoder = msgspec.json.Encoder(order="sorted")


class Said:
    """One row for each applied event that says anything which its offer's state does not keep for good."""

    table = SAID
    types = frozenset(WORDS)

    def aggregate(self, event: Event) -> Key:
        return Key("referral", event.initiative, event.partitionkey, event.subject)

    def rows(self, entry: Entry) -> Iterable[Row]:
        event = entry.event
        words = words_of(event)
        if not words or isinstance(entry.ruling, Refused):
            return ()
        where = (event.initiative, event.partitionkey, event.source, event.id, event.subject, offer_named(event.data))
        return ((*where, short(event.type), _encoder.encode(words).decode(), False),)


def words_of(event: Event) -> dict[str, Any]:
    """Return what of the event's words is kept, by field; absent ones are left out."""
    return _given(event.data, WORDS.get(type(event), ()))


def _given(said: Any, names: Iterable[str]) -> dict[str, Any]:
    found = ((name, getattr(said, name)) for name in names)
    return {name: _plain(value) for name, value in found if value is not None and value != ()}


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return utc(value)
        case Output():
            return _given(value, OF_OUTPUT)
        case tuple():
            return [_plain(each) for each in value]
        case _:
            return value
