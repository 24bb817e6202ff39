"""Times as states keep them."""

from datetime import UTC, datetime


def utc(time: datetime) -> datetime:
    """Return the same instant in UTC, so that equal times are equal bytes."""
    return time if time.tzinfo is UTC else time.astimezone(UTC)


def maybe(time: datetime | None) -> datetime | None:
    """Do as `utc` for a time that may not have been said."""
    return None if time is None else utc(time)
