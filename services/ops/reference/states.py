"""The page of an offer's states, from the table that judges by it."""

from collections.abc import Iterator

from projections.referral.diagram import sentences
from projections.referral.transitions import MOVES, OPEN, TERMINAL
from services.ops.reference.page import MADE, table


def states() -> Iterator[str]:
    """Yield the page of every move an offer may make."""
    yield from ("# Referral states", "", MADE, "")
    yield (
        "A referral is a need; an offer is one attempt to have one partner meet it. Events move offers. A referral's "
        "own status is never set: of the offers whose place no other took it is "
        "that of the one furthest along, and of equals of the latest. When every "
        "offer ended without service, the referral stays open, as its sender may make another; an erased client's is "
        "cancelled."
    )
    yield from ("", "![How an offer moves from state to state](../pictures/offer-states.svg)", "")
    yield (
        "A dot marks a state in which it may happen, an arrow the state it leads to. Where a ring stands it may happen "
        "too, and changes nothing but counts and times."
    )
    yield ""
    yield f"Open states: {_listed(OPEN)}. Ended states: {_listed(TERMINAL)}."
    yield from ("", "## The same in words", "")
    yield from (f"- {sentence}" for sentence in sentences())
    yield from ("", "## Status and detail", "")
    yield "`status` is the word of a FHIR Task; `detail` is finer."
    yield ""
    rows = dict.fromkeys((f"`{move.to}`", f"`{move.detail}`") for move in MOVES if move.to is not None)
    yield from table(("status", "detail"), rows)


def _listed(statuses: tuple[str, ...]) -> str:
    return ", ".join(f"`{status}`" for status in statuses)
