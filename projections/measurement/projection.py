"""Figures of referrals, folded from the topic of cases."""

from projections.brief import BriefTimeline
from projections.measurement.figures import Figures
from projections.projection import Projection, View
from projections.referral.judged import JudgedCases


class MeasurementProjection(JudgedCases):
    """The figures, and what it takes to judge cases without asking another projection."""

    name = "measurement"
    version = 2
    views: tuple[View, ...] = (BriefTimeline(), Figures())


MEASUREMENT: Projection = MeasurementProjection()
