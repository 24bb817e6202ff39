"""What staff can say of a referral on its page, and who may when.

The table itself is in `services.gateway.pages.vocabulary`; who may say what is in `events.authority`, when is in
`projections.referral.transitions`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from events.authority import AUTHORITY, Who
from events.catalogue import NAMES
from projections.referral.asked import is_unclaimed
from projections.referral.state import Offer, Referral
from projections.referral.transitions import OPEN, legal
from services.gateway.pages.fields import Field
from services.gateway.sight import Sight


def _always(_: Offer) -> bool:
    return True


@dataclass(frozen=True, kw_only=True)
class Action:
    """Something that can be said: `title` is what its button says."""

    type: str
    title: str
    #: What it means, to be read before it is said.
    meaning: str
    fields: Sequence[Field] = ()
    #: What it says beside the fields.
    says: Mapping[str, Any] = field(default_factory=dict)
    #: Whether it is worth saying of an offer that stands so, beyond being legal.
    when: Callable[[Offer], bool] = _always
    #: The field that a refusal is about, by its code.
    about: Mapping[str, str] = field(default_factory=dict)
    #: Said so seldom that it stands apart.
    seldom: bool = False
    #: It is about the need and not about one offer.
    whole: bool = False

    @property
    def slug(self) -> str:
        """The action's part of an address."""
        return self.type.partition(".")[2].replace("_", "-")

    @property
    def who(self) -> tuple[Who, ...]:
        """Whose it is to say."""
        return AUTHORITY[NAMES[self.type]].all


def is_open(action: Action, sight: Sight, offer: Offer | None, partner: str | None) -> bool:
    """Say whether the partner may say this of the offer as it stands, or of the need."""
    said = sight.referral
    if sight.client.erased or action.whole is not (offer is None):
        return False
    if offer is None:
        return partner == said.sender and Who.SENDER in action.who and _can_end(said)
    mine = [Who.SENDER] if partner == said.sender else []
    mine += [Who.RECIPIENT] if partner == offer.recipient else []
    # Whoever sees an offer to a class and did not send it could claim it.
    mine += [Who.CLASS_MEMBER] if is_unclaimed(offer) and sight.role != "sender" else []
    return action.when(offer) and any(action.type in legal(offer.status, offer.detail, each) for each in mine)


def _can_end(referral: Referral) -> bool:
    """Say whether nobody is at work for the need and it was not met, so that its sender may give up."""
    at_work = any(offer.status in (*OPEN, "completed") for offer in referral.offers)
    return referral.closed is None and referral.handoff is None and not at_work
