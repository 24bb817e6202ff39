"""What is said to take something back, and what is left to a person."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from events.catalogue import CaseEvent, short
from projections.referral.keys import subject_key
from projections.referral.state import Client, Episode, Referral

#: What a correction stands on.
State = Client | Referral | Episode


@dataclass(frozen=True)
class Taken:
    """An event that takes something back; `client` says that it is found by the client, not by the subject."""

    type: str
    subject: str
    data: Mapping[str, Any]
    #: The event of the batch that it answers.
    undoes: str
    client: bool = False


@dataclass(frozen=True)
class Left:
    """What a person has to decide."""

    subject: str
    said: str
    why: str


Step = Taken | Left
_KEPT = {
    "client.registered": "a person stays registered; have them erased if they must go",
    "consent.narrowed": "ask the person for a new consent",
    "consent.revoked": "ask the person for a new consent",
    "consent.entered_in_error": "ask the person for a new consent",
    "referral.handoff_reported": "what was arranged outside is not taken back here",
    "referral.offer_declined": "the sender may make a new offer in its place",
    "referral.cancel_requested": "the recipient answers it",
    "referral.withdrawn": "the sender may make a new offer in its place",
    "referral.closed": "make a new offer that replaces an earlier one",
}
_OTHER = "nothing takes this back by itself; see what followed from it on the timeline"


def left(event: CaseEvent) -> Left:
    """Leave the event to a person, with what is known of its type."""
    name = short(event.type)
    return Left(subject_key(event).id, name, _KEPT.get(name, _OTHER))
