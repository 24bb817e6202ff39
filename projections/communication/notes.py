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
    "offer-open-to-class",
    "offer-gone",
    "offer-claimed",
    "offer-recalled",
    "offer-expired",
    "reminder",
    "no-answer-yet",
    "not-begun-yet",
    "contact-attempted",
    "waitlisted",
    "put-on-hold",
    "resumed",
    "outcome-heard",
    "cancel-requested",
    "cancel-confirmed",
    "offer-withdrawn",
    "client-answered",
    "outcome-corrected",
    "offer-in-error",
    "refused",
]
#: Why it reached the partner: its part in what happened.
Why = Literal["sender", "recipient", "class-member", "author"]
#: What the partner can do next.
Next = Literal[
    "answer-offer",
    "claim-offer",
    "begin-service",
    "answer-cancellation",
    "ask-to-cancel",
    "record-outcome",
    "acknowledge-outcome",
    "offer-elsewhere",
    "ask-for-consent",
    "stop-sharing",
    "say-it-again-corrected",
    "nothing",
]
#: Where an offer stands, as far as it changes what can be done next.
Stage = Literal["awaiting-answer", "promised", "at-work", "cancelling", "over"]


class Note(NamedTuple):
    """What one side of an offer is told of a fact."""

    kind: Kind
    to: Why
    next: Next
    #: The offer's field that says that it was told before: the first time is news, the second is not.
    once: Literal["viewed", "acknowledged"] | None = None
    #: The stages of the offer in which this is told; in every one where it names none.
    stages: tuple[Stage, ...] = ()


_CORRECTED = (Note("outcome-corrected", "sender", "acknowledge-outcome"),)
_UNSHARED = (
    Note("offer-cancelled", "recipient", "stop-sharing"),
    Note("offer-cancelled", "sender", "ask-for-consent"),
)
NOTES: Mapping[Fact, tuple[Note, ...]] = MappingProxyType(
    {
        "drafted": (),
        "discarded": (),
        "recalled": (Note("offer-recalled", "recipient", "stop-sharing"),),
        "claimed": (Note("offer-claimed", "sender", "nothing"),),
        "expired": (
            Note("offer-expired", "sender", "offer-elsewhere"),
            Note("offer-expired", "recipient", "answer-offer"),
            Note("offer-expired", "class-member", "claim-offer"),
        ),
        "reminded": (
            Note("reminder", "class-member", "claim-offer", stages=("awaiting-answer",)),
            Note("reminder", "recipient", "answer-offer", stages=("awaiting-answer",)),
            Note("reminder", "recipient", "begin-service", stages=("promised",)),
            Note("reminder", "recipient", "answer-cancellation", stages=("cancelling",)),
        ),
        "escalated": (
            Note("no-answer-yet", "sender", "offer-elsewhere", stages=("awaiting-answer",)),
            Note("not-begun-yet", "sender", "ask-to-cancel", stages=("promised",)),
            # Again, and this time beside its sender: that one may be gone, and somebody has to hear that nothing began.
            Note("reminder", "recipient", "begin-service", stages=("promised",)),
        ),
        "contacted": (Note("contact-attempted", "sender", "nothing"),),
        "waitlisted": (Note("waitlisted", "sender", "nothing"),),
        "held": (Note("put-on-hold", "sender", "nothing"),),
        "resumed": (Note("resumed", "sender", "nothing"),),
        "heard": (
            Note("outcome-heard", "recipient", "answer-offer", stages=("awaiting-answer",)),
            Note("outcome-heard", "recipient", "record-outcome", stages=("promised", "at-work", "cancelling")),
            Note("outcome-heard", "recipient", "nothing", stages=("over",)),
        ),
        "cancel-asked": (Note("cancel-requested", "recipient", "answer-cancellation"),),
        "cancelled": (
            Note("cancel-confirmed", "sender", "nothing"),
            Note("cancel-confirmed", "recipient", "stop-sharing"),
        ),
        "cancel-unanswered": (
            Note("cancel-confirmed", "sender", "nothing"),
            # It did not say that nothing came of it, and may have served the person.
            Note("cancel-confirmed", "recipient", "record-outcome"),
        ),
        "withdrawn": (Note("offer-withdrawn", "sender", "offer-elsewhere"),),
        "recipient-left": (Note("offer-withdrawn", "sender", "offer-elsewhere"),),
        # It was taken back, by whoever waits for no answer any more; one that comes back finds what became of it.
        "sender-left": (
            Note("offer-recalled", "recipient", "stop-sharing"),
            Note("offer-withdrawn", "sender", "offer-elsewhere"),
        ),
        "consent-expired": _UNSHARED,
        "client-asked": (),
        "client-answered": (
            Note("client-answered", "sender", "nothing"),
            Note("client-answered", "recipient", "nothing"),
        ),
        "corrected-to-delivered": _CORRECTED,
        "corrected-to-partly": _CORRECTED,
        "corrected-to-not-delivered": _CORRECTED,
        "entered-in-error": (Note("offer-in-error", "recipient", "stop-sharing"),),
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
        "consent-ended": _UNSHARED,
        "client-erased": (
            Note("offer-cancelled", "recipient", "stop-sharing"),
            Note("offer-cancelled", "sender", "nothing"),
        ),
    }
)
#: Told to every member of the class that an offer is made to whom the person's consent reaches.
TO_CLASS = Note("offer-open-to-class", "class-member", "claim-offer")
#: Told to every member that could claim it until now, late too, whatever became of it: that is the two sides' alone.
GONE = Note("offer-gone", "class-member", "nothing")
#: Told to whoever did not answer in time and could still: nobody waits for it any more, whoever was asked instead.
UNAWAITED = Note("offer-gone", "recipient", "nothing")
REFUSED = Note("refused", "author", "say-it-again-corrected")
