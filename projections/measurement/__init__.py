"""How much was referred and served, by partner and month, counted from the cases themselves."""

from projections.measurement.projection import MEASUREMENT

__all__ = ["MEASUREMENT"]
