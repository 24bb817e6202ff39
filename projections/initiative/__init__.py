"""Who takes part in an initiative, what they offer, and by which policy and codes."""

from projections.initiative.projection import InitiativeProjection
from projections.projection import Projection

INITIATIVE: Projection = InitiativeProjection()

__all__ = ["INITIATIVE"]
