"""What staff can say of a referral on its page, and who may when.

The table itself is in `services.gateway.pages.vocabulary`; who may say what is in `events.authority`, when is in
`projections.referral.transitions`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from events.authority import AUTHORITY, Who
from events.catalogue import NAMES
from projections.referral.state import Draft, Handoff, Offer, Referral, draft_of
from projections.referral.status import replaced_by, speaking
from projections.referral.transitions import EXPIRED, OPEN, legal
from services.gateway.opening import offer_of_sight
from services.gateway.pages.fields import Field
from services.gateway.sight import Sight

#: What something can be said of: an offer, one in preparation, what was arranged outside, or the need itself.
Target = Offer | Draft | Handoff | None
HEARD = "referral.outcome_reported_by_sender"
#: Taken late too, until another offer takes the place of the one that they answer.
ANSWERS = ("referral.offer_accepted", "referral.offer_claimed")


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
    #: It is told of a need of its own, and ends this one for the first of these reasons that there is.
    instead: Sequence[str] = ()

    @property
    def slug(self) -> str:
        """The action's part of an address."""
        return self.type.partition(".")[2].replace("_", "-")

    @property
    def who(self) -> tuple[Who, ...]:
        """Whose it is to say."""
        return AUTHORITY[NAMES[self.type]].all


def target_of(sight: Sight, name: str) -> Target:
    """Return what goes by this id, where the reader may know of it."""
    own = sight.role == "sender"
    handoff = sight.referral.handoff
    if own and handoff is not None and handoff.id == name:
        return handoff
    return offer_of_sight(sight, name) or (draft_of(sight.referral, name) if own else None)


def drafts_of(sight: Sight) -> list[Draft]:
    """Return the offers that the reader prepares, the latest first."""
    return [each for each in reversed(sight.referral.drafts) if not each.discarded] if sight.role == "sender" else []


def is_open(action: Action, sight: Sight, offer: Target, partner: str | None) -> bool:
    """Say whether the partner may say this of the offer as it stands, or of what else it can be said of."""
    said = sight.referral
    if sight.client.erased or action.whole is not (offer is None):
        return False
    if not isinstance(offer, Offer):
        return partner == said.sender and _is_its_sender_s(action, offer, said)
    mine = [Who.SENDER] if partner == said.sender else []
    mine += [Who.RECIPIENT] if partner == offer.recipient else []
    # Whoever sees an offer to a class and did not send it could claim it.
    mine += [Who.CLASS_MEMBER] if not offer.recipient and sight.role != "sender" else []
    if action.type in ANSWERS and offer.detail == EXPIRED and offer.id in replaced_by(said.offers):
        return False
    return action.when(offer) and any(action.type in legal(offer.status, offer.detail, each) for each in mine)


def _is_its_sender_s(action: Action, target: Draft | Handoff | None, referral: Referral) -> bool:
    """Say whether the sender may say this of what only a sender speaks of."""
    match target:
        case Draft():
            return action.type in legal(target.status, "drafting", Who.SENDER)
        case Handoff():
            return action.type == HEARD and target.heard is None
        case None:
            return _can_end(referral)


def _can_end(referral: Referral) -> bool:
    """Say whether nobody is at work for the need and it does not stand as met, so that its sender may give up."""
    at_work = any(offer.status in (*OPEN, "completed") for offer in speaking(referral.offers))
    return referral.closed is None and referral.handoff is None and not at_work
