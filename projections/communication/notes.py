"""Who is told what: the one table that feeds, tests and documentation come from."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

from projections.referral.transitions import Fact

#: What happened, in the words of a feed.
Kind = Literal[
    "offer-arrived",
    "offer-viewed",
    "offer-accepted",
    "offer-declined",
    "service-started",
    "offer-served",
    "offer-partly-served",
    "offer-not-served",
    "outcome-acknowledged",
    "offer-cancelled",
    "refused",
]
#: Why it reached the partner: its part in what happened.
Why = Literal["sender", "recipient", "author"]
#: What the partner can do next.
Next = Literal[
    "answer-offer",
    "acknowledge-outcome",
    "offer-elsewhere",
    "ask-for-consent",
    "stop-sharing",
    "say-it-again-corrected",
    "nothing",
]


class Note(NamedTuple):
    """What one side of an offer is told of a fact."""

    kind: Kind
    to: Why
    next: Next
    #: The offer's field that says that it was told before: the first time is news, the second is not.
    once: Literal["viewed", "acknowledged"] | None = None


NOTES: Mapping[Fact, tuple[Note, ...]] = MappingProxyType(
    {
        "sent": (Note("offer-arrived", "recipient", "answer-offer"),),
        "viewed": (Note("offer-viewed", "sender", "nothing", once="viewed"),),
        "fetched": (),
        "accepted": (Note("offer-accepted", "sender", "nothing"),),
        "declined": (Note("offer-declined", "sender", "offer-elsewhere"),),
        "started": (Note("service-started", "sender", "nothing"),),
        "delivered": (Note("offer-served", "sender", "acknowledge-outcome"),),
        "partly-delivered": (Note("offer-partly-served", "sender", "acknowledge-outcome"),),
        "not-delivered": (Note("offer-not-served", "sender", "acknowledge-outcome"),),
        "acknowledged": (Note("outcome-acknowledged", "recipient", "nothing", once="acknowledged"),),
        "consent-ended": (
            Note("offer-cancelled", "recipient", "stop-sharing"),
            Note("offer-cancelled", "sender", "ask-for-consent"),
        ),
        "client-erased": (
            Note("offer-cancelled", "recipient", "stop-sharing"),
            Note("offer-cancelled", "sender", "nothing"),
        ),
    }
)
REFUSED = Note("refused", "author", "say-it-again-corrected")
