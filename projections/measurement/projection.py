"""Figures of referrals and what loop figures are counted from, folded from the topic of cases."""

from projections.brief import BriefTimeline
from projections.measurement.figures import Figures
from projections.measurement.loops import Loops
from projections.projection import Projection, View
from projections.referral.judged import JudgedCases


class MeasurementProjection(JudgedCases):
    """The figures, the facts of loops, and what it takes to judge cases without asking another projection."""

    name = "measurement"
    version = 7
    views: tuple[View, ...] = (BriefTimeline(), Figures(), Loops())


MEASUREMENT: Projection = MeasurementProjection()
