"""What whoever holds the link to an offer can say of it.  What may be said when is in the table of transitions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from events.authority import Who
from events.referral.work import BY_CLOCK
from projections.referral.state import Offer
from projections.referral.transitions import legal
from services.gateway.pages.choosing import Radios, Select
from services.gateway.pages.fields import Day, Field, Number, Text
from services.gateway.pages.words import CHANNELS, OUTCOMES, RESULTS

_EXPECTED = Day(name="expected_by", label="When do you expect to begin?")
_NOTE = "Only the two organisations that deal with this can read it."


@dataclass(frozen=True, kw_only=True)
class Step:
    """Something that can be said: its event by short name, what its link says, and what it asks."""

    event: str
    title: str
    meaning: str
    fields: Sequence[Field] = ()
    #: Puts what the fields say into the form that the event has.
    shape: Callable[[dict[str, Any]], dict[str, Any]] = dict
    #: The field that a refusal is about.
    about: str = ""

    @property
    def name(self) -> str:
        """Return its part of an address."""
        return self.event.partition(".")[2].replace("_", "-")


def _given(said: dict[str, Any]) -> dict[str, Any]:
    """An outcome's outputs are a list; here one kind of help is told."""
    kind = said.pop("output", None)
    return said | ({"outputs": [{"kind": kind}]} if kind else {})


STEPS: Mapping[str, Step] = {
    each.name: each
    for each in (
        Step(
            event="referral.offer_accepted",
            title="Accept",
            meaning="You take this on. You can then read how to reach the person.",
            fields=(_EXPECTED,),
        ),
        Step(
            event="referral.offer_declined",
            title="Decline",
            meaning="You do not take this on. Whoever asked is told why and can ask elsewhere.",
            fields=(
                Select(name="reason", label="Why?", of="decline-reason", required=True),
                Text(name="note", label="A note for whoever asked", hint=_NOTE),
            ),
        ),
        Step(
            event="referral.contact_attempted",
            title="Tell of a try to reach the person",
            meaning="Each try counts, also one that came to nothing.",
            fields=(
                Select(name="channel", label="How?", options=tuple(CHANNELS.items()), required=True),
                Select(name="result", label="What came of it?", options=tuple(RESULTS.items()), required=True),
            ),
        ),
        Step(
            event="referral.service_started",
            title="Tell that the service has begun",
            meaning="The person is served now.",
        ),
        Step(
            event="referral.waitlisted",
            title="Put on the waiting list",
            meaning="The person has to wait for a place.",
            fields=(Day(name="expected_by", label="When do you expect to have room?"),),
        ),
        Step(
            event="referral.put_on_hold",
            title="Let it rest",
            meaning="The work rests and will go on.",
            fields=(Select(name="reason", label="Why?", of="hold-reason", required=True),),
        ),
        Step(event="referral.resumed", title="Go on", meaning="The work goes on after it rested."),
        Step(
            event="referral.outcome_recorded",
            title="Tell how it ended",
            meaning="This closes it, and whoever asked is told.",
            fields=(
                Radios(
                    name="outcome",
                    label="Did the person get what was needed?",
                    options=tuple(OUTCOMES.items()),
                    required=True,
                ),
                Select(
                    name="output",
                    label="What was given?",
                    of="output-kind",
                    hint="Needed if you chose yes or in part.",
                    depends=True,
                ),
                Select(
                    name="reason",
                    label="Why not?",
                    of="outcome-reason",
                    hint="Needed if you chose no.",
                    depends=True,
                ),
                Number(
                    name="attempts",
                    label="How often did you try to reach the person?",
                    depends=True,
                    hint="Needed if you could not reach them.",
                ),
                Text(name="note", label="A note for whoever asked", hint=_NOTE),
            ),
            shape=_given,
            about="outcome",
        ),
        Step(
            event="referral.withdrawn",
            title="Give it back",
            meaning="You cannot go on with this. Whoever asked is told and can ask elsewhere.",
            fields=(Select(name="reason", label="Why?", of="withdraw-reason", unless=BY_CLOCK, required=True),),
        ),
        Step(
            event="referral.cancel_confirmed",
            title="Agree to the cancellation",
            meaning="Whoever asked wants to cancel this. It ends here.",
        ),
    )
}


def open_steps(offer: Offer) -> list[Step]:
    """Return what may be said of the offer as it stands, in the order in which it is mostly said."""
    names = legal(offer.status, offer.detail, Who.LINK)
    return [each for each in STEPS.values() if each.event in names]
