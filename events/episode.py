"""A stretch of service at one partner, from enrolment to exit.  Topic cases; the subject is the episode's id.

What a correction or an error is about is named as its cause (`causationid`); an error without a cause means the
whole episode.
"""

from typing import Annotated, Literal

from events.envelope import Body, CaseEnvelope
from events.fields import Amount, Beginning, Code, Codelist, Flag, Sealed

Milestone = Annotated[Code, Codelist("milestone")]
Destination = Annotated[Code, Codelist("destination")]
Ending = Annotated[Code, Codelist("episode-outcome")]


class EnrolledBody(Body):
    programme: Annotated[Code, Codelist("programme")]
    #: Households are counted by their heads.
    household_head: Flag = False


class Enrolled(CaseEnvelope):
    """A partner takes a client into a programme; opens the episode."""

    type: Literal["org.manyhands.episode.enrolled.v1"]
    data: EnrolledBody


class ServiceDeliveredBody(Body):
    kind: Annotated[Code, Codelist("output-kind")]
    amount: Amount | None = None
    unit: Annotated[Code, Codelist("unit")] | None = None


class ServiceDelivered(CaseEnvelope):
    """Something was given within the episode."""

    type: Literal["org.manyhands.episode.service_delivered.v1"]
    data: ServiceDeliveredBody


class MilestoneReachedBody(Body):
    milestone: Milestone
    reached_at: Beginning


class MilestoneReached(CaseEnvelope):
    """The client reached what the programme is for, such as a lasting home."""

    type: Literal["org.manyhands.episode.milestone_reached.v1"]
    data: MilestoneReachedBody


class ExitedBody(Body):
    destination: Destination | None = None
    outcome: Ending


class Exited(CaseEnvelope):
    """The episode is over."""

    type: Literal["org.manyhands.episode.exited.v1"]
    data: ExitedBody


class CorrectedBody(Body):
    """What was truly given, reached or came of it; each part given replaces what its cause said."""

    because: Annotated[Code, Codelist("correction-reason")]
    kind: Annotated[Code, Codelist("output-kind")] | None = None
    amount: Amount | None = None
    unit: Annotated[Code, Codelist("unit")] | None = None
    milestone: Milestone | None = None
    reached_at: Beginning | None = None
    destination: Destination | None = None
    outcome: Ending | None = None


class Corrected(CaseEnvelope):
    """An earlier event of the episode said something wrong."""

    type: Literal["org.manyhands.episode.corrected.v1"]
    data: CorrectedBody


class EpisodeInErrorBody(Body):
    reason: Annotated[Code, Codelist("error-reason")]
    note: Sealed | None = None


class EpisodeInError(CaseEnvelope):
    """An earlier event of the episode, or all of it, should never have been recorded."""

    type: Literal["org.manyhands.episode.entered_in_error.v1"]
    data: EpisodeInErrorBody


Event = Enrolled | ServiceDelivered | MilestoneReached | Exited | Corrected | EpisodeInError
