"""Partners' feeds, folded from the topic of cases."""

from projections.brief import BriefTimeline
from projections.communication.feed import Feed
from projections.projection import Projection, View
from projections.referral.judged import JudgedCases


class CommunicationProjection(JudgedCases):
    """The feeds, and what it takes to judge cases without asking another projection."""

    name = "communication"
    version = 7
    views: tuple[View, ...] = (BriefTimeline(), Feed())


COMMUNICATION: Projection = CommunicationProjection()
