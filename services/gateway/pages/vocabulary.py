"""Everything that staff can say on a referral's page: the one table that forms, their checks and tests come from."""

from collections.abc import Mapping
from types import MappingProxyType

from events.referral.work import BY_CLOCK
from projections.referral.state import Offer
from services.gateway.pages.actions import Action
from services.gateway.pages.choosing import Checks, Radios, Select, Yes
from services.gateway.pages.fields import Day, Field, Number, Text
from services.gateway.pages.given import Given
from services.gateway.pages.known import OWN_SERVICES, PARTNERS
from services.gateway.pages.words import CHANNELS, OUTCOMES, RESULTS

_NOTE = Text(name="note", label="Note", hint="It is sealed, and opens for the other organisation while consent holds.")
_CHANNEL = Select(name="channel", label="How", options=tuple(CHANNELS.items()), required=True)
_OUTCOME: tuple[Field, ...] = (
    Radios(name="outcome", label="Was the person served?", options=tuple(OUTCOMES.items()), required=True),
    Given(name="outputs", label="What was given", depends=True, hint="At least one row, where something was given."),
    Select(name="reason", label="Why not", of="outcome-reason", depends=True, hint="Where the person was not served."),
    Number(
        name="attempts",
        label="How often you tried to reach the person",
        depends=True,
        hint="Where they could not be reached.",
    ),
    _NOTE,
)
_OUTCOME_ABOUT: Mapping[str, str] = MappingProxyType(
    {"outcome-needs-output": "outputs", "reason-required": "reason", "too-few-attempts": "attempts"}
)


def _taken(offer: Offer) -> bool:
    """Say whether somebody took the person on, so that there is something to ask about."""
    return offer.accepted is not None


_ANSWERING = (
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
        type="referral.offer_claimed",
        title="Take the person on",
        meaning="You are the one who helps. Whoever was asked beside you sees it no more, and what was written opens.",
        fields=(
            Select(name="service_id", label="By which of your services", of=OWN_SERVICES, required=True),
            Day(name="expected_by", label="When they can expect to be served"),
        ),
        about={"consent-does-not-cover": "service_id"},
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
)
_WORKING = (
    Action(
        type="referral.cancel_confirmed",
        title="Confirm that it is cancelled",
        meaning="The sender asked for it. If you served the person already, tell how it ended instead.",
    ),
    Action(
        type="referral.contact_attempted",
        title="I tried to reach the person",
        meaning="Each attempt counts, also when somebody cannot be reached at all.",
        fields=(
            _CHANNEL,
            Select(name="result", label="What came of it", options=tuple(RESULTS.items()), required=True),
        ),
    ),
    Action(
        type="referral.service_started",
        title="Service has begun",
        meaning="You have begun to serve the person.",
    ),
    Action(
        type="referral.resumed",
        title="It goes on",
        meaning="The person is being served again, or at last.",
    ),
    Action(
        type="referral.outcome_recorded",
        title="Tell how it ended",
        meaning="It ends here: the sender is told whether the person was served.",
        fields=_OUTCOME,
        about=_OUTCOME_ABOUT,
    ),
    Action(
        type="referral.waitlisted",
        title="The person waits for a place",
        meaning="You took the person on and have no room yet. Said again, it is a new estimate.",
        fields=(Day(name="expected_by", label="When you expect to have room"),),
        seldom=True,
    ),
    Action(
        type="referral.put_on_hold",
        title="It rests for a while",
        meaning="The work rests, and will go on.",
        fields=(Select(name="reason", label="Why", of="hold-reason", required=True),),
        seldom=True,
    ),
    Action(
        type="referral.withdrawn",
        title="We cannot go on",
        meaning="You give back what you accepted. The sender is told, and can ask somebody else.",
        fields=(Select(name="reason", label="Why", of="withdraw-reason", unless=BY_CLOCK, required=True),),
        seldom=True,
    ),
    Action(
        type="referral.outcome_corrected",
        title="Correct how it ended",
        meaning="What you told before stays on record beside this.",
        fields=(
            Select(name="because", label="Why it is corrected", of="correction-reason", required=True),
            *_OUTCOME,
        ),
        about=_OUTCOME_ABOUT,
        seldom=True,
    ),
)
_SENDING = (
    Action(
        type="referral.outcome_acknowledged",
        title="I have seen how it ended",
        meaning="The other organisation is told that you know how it ended.",
        when=lambda offer: offer.acknowledged is None and offer.detail != "recalled",
    ),
    Action(
        type="referral.offer_recalled",
        title="Take it back",
        meaning="Nobody answered yet. The other organisation is told, and what was written stays closed to it.",
        fields=(Select(name="reason", label="Why", of="recall-reason", required=True),),
        seldom=True,
    ),
    Action(
        type="referral.cancel_requested",
        title="Ask to cancel it",
        meaning="The other organisation confirms that, or tells how it ended instead.",
        fields=(Select(name="reason", label="Why", of="recall-reason", required=True),),
        seldom=True,
    ),
    Action(
        type="referral.outcome_reported_by_sender",
        title="I heard how it ended",
        meaning="What you heard is known from now on. It never counts as served: that is the other side's to say.",
        fields=(
            Radios(name="outcome", label="Was the person served?", options=tuple(OUTCOMES.items()), required=True),
            Select(
                name="reason",
                label="Why not",
                of="outcome-reason",
                depends=True,
                hint="Where the person was not served.",
            ),
            Radios(
                name="heard_from",
                label="Who told you",
                options=(("client", "The person"), ("partner", "The other organisation")),
                required=True,
            ),
        ),
        when=lambda offer: offer.outcome is None and offer.detail != "recalled",
        seldom=True,
    ),
    Action(
        type="referral.entered_in_error",
        title="It should never have been sent",
        meaning="It counts for nothing from now on, and stays on record as a mistake.",
        fields=(Select(name="reason", label="Why", of="error-reason", required=True), _NOTE),
        seldom=True,
    ),
    Action(
        type="referral.offer_discarded",
        title="Throw the draft away",
        meaning="Nobody heard of it, and nobody will. That it was prepared stays on record.",
        fields=(Select(name="reason", label="Why", of="recall-reason", required=True),),
        seldom=True,
    ),
    Action(
        type="referral.handoff_reported",
        title="It was arranged outside",
        meaning="You found somebody who takes no part here, and told them yourself. It goes on as a need of its own "
        "that says so, and this one ends. Nobody outside can tell here how it ends: say so yourself when you hear.",
        fields=(
            Select(
                name="sector",
                label="What kind of organisation it went to",
                of="sector",
                hint="Not its name: who asked whom for help is nobody else's business.",
            ),
            Select(name="channel", label="How you told them", options=tuple(CHANNELS.items()), required=True),
            Text(name="details", label="What you want to remember", hint="It is sealed, and opens for you alone."),
        ),
        seldom=True,
        whole=True,
        instead=("handed-off", "need-met-elsewhere", "other"),
    ),
    Action(
        type="referral.closed",
        title="Make no further attempt",
        meaning="The need was not met, and you give up on it here.",
        fields=(Select(name="disposition", label="Why", of="close-reason", required=True),),
        seldom=True,
        whole=True,
    ),
)
_ASKING = (
    Action(
        type="referral.client_asked",
        title="The person was asked",
        meaning="Somebody asked the person whether their need was met.",
        fields=(_CHANNEL,),
        when=_taken,
        seldom=True,
    ),
    Action(
        type="referral.client_answered",
        title="The person answered",
        meaning="You pass on what the person said. It is counted apart from what they say themselves.",
        fields=(
            Radios(
                name="need_met",
                label="Was the need met?",
                options=(("yes", "Yes"), ("partly", "In part"), ("no", "No")),
                required=True,
            ),
            Yes(
                name="stop_sharing",
                label="The person wants sharing to stop",
                hint="The consent that this stands on ends with it, and with it all that stands on the same consent.",
            ),
        ),
        about={"not-permitted": "stop_sharing"},
        when=_taken,
        seldom=True,
    ),
)

ACTIONS: Mapping[str, Action] = MappingProxyType(
    {action.slug: action for action in (*_ANSWERING, *_WORKING, *_SENDING, *_ASKING)}
)
