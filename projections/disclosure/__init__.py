"""Who was shown what about whom, and when: the accounting of disclosures."""

from projections.disclosure.projection import DISCLOSURE

__all__ = ["DISCLOSURE"]
