"""What concerns each partner: its feed of what happened, why it is told, and what it can do next."""

from projections.communication.projection import COMMUNICATION

__all__ = ["COMMUNICATION"]
