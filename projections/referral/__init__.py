"""What became of each need: who was asked, who answered, and how it ended."""

from projections.projection import Projection
from projections.referral.projection import ReferralProjection

REFERRAL: Projection = ReferralProjection()

__all__ = ["REFERRAL"]
