"""What staff can say of an offer on its page: the one table that forms, their checks and tests come from.

Who may say what is in `events.authority`, when is in `projections.referral.transitions`; here is how it is asked.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from events.authority import AUTHORITY, Who
from events.catalogue import NAMES
from projections.referral.state import Offer
from projections.referral.transitions import legal
from services.gateway.pages.choosing import Checks, Radios, Select
from services.gateway.pages.fields import Day, Field, Number, Text
from services.gateway.pages.given import Given
from services.gateway.pages.known import PARTNERS
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

    @property
    def slug(self) -> str:
        """The action's part of an address."""
        return self.type.partition(".")[2].replace("_", "-")

    @property
    def who(self) -> Who:
        """Whose it is to say."""
        return AUTHORITY[NAMES[self.type]].who


_NOTE = Text(name="note", label="Note", hint="It is sealed, and opens for the other organisation while consent holds.")

ACTIONS: Mapping[str, Action] = MappingProxyType(
    {
        action.slug: action
        for action in (
            Action(
                type="referral.offer_viewed",
                title="I have seen it",
                meaning="The other organisation is told that somebody has looked at it.",
                says={"by": "person"},
                when=lambda offer: offer.viewed is None and offer.status == "requested",
            ),
            Action(
                type="referral.offer_accepted",
                title="Accept",
                meaning="You take the person on. What was written for you opens then.",
                fields=(Day(name="expected_by", label="When they can expect to be served"),),
            ),
            Action(
                type="referral.offer_declined",
                title="Decline",
                meaning="You do not take the person on. The sender is told why, and can ask somebody else.",
                fields=(
                    Select(name="reason", label="Why", of="decline-reason", required=True),
                    _NOTE,
                    Checks(name="suggested_partners", label="Who might help instead", of=PARTNERS),
                ),
            ),
            Action(
                type="referral.service_started",
                title="Service has begun",
                meaning="You have begun to serve the person.",
            ),
            Action(
                type="referral.outcome_recorded",
                title="Tell how it ended",
                meaning="It ends here: the sender is told whether the person was served.",
                fields=(
                    Radios(
                        name="outcome",
                        label="Was the person served?",
                        options=(("delivered", "Yes"), ("partly", "In part"), ("not-delivered", "No")),
                        required=True,
                    ),
                    Given(name="outputs", label="What was given", hint="At least one row, where something was given."),
                    Select(
                        name="reason", label="Why not", of="outcome-reason", hint="Where the person was not served."
                    ),
                    Number(
                        name="attempts",
                        label="How often you tried to reach the person",
                        hint="Where they could not be reached.",
                    ),
                    _NOTE,
                ),
                about={
                    "outcome-needs-output": "outputs",
                    "reason-required": "reason",
                    "too-few-attempts": "attempts",
                },
            ),
            Action(
                type="referral.outcome_acknowledged",
                title="I have seen how it ended",
                meaning="The other organisation is told that you know how it ended.",
                when=lambda offer: offer.acknowledged is None,
            ),
        )
    }
)
_SIDE: Mapping[Who, str] = MappingProxyType({Who.SENDER: "sender", Who.RECIPIENT: "recipient"})


def is_open(action: Action, sight: Sight, offer: Offer, partner: str | None) -> bool:
    """Say whether the partner may say this of the offer as it stands."""
    own = partner == (sight.referral.sender if _SIDE.get(action.who) == "sender" else offer.recipient)
    return own and action.type in legal(offer.status, offer.detail) and action.when(offer)


def possible(sight: Sight, offer: Offer, partner: str | None) -> list[Action]:
    """Return what the partner may say of the offer as it stands, in the table's order."""
    if sight.client.erased:
        return []
    return [action for action in ACTIONS.values() if is_open(action, sight, offer, partner)]
