"""What was sent from a form, and when first: sent again it says the same, to the microsecond."""

from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid4

from services.gateway.principal import Principal
from services.gateway.store import Keep

SQL = Path(__file__).with_name("submissions.sql")


def fresh() -> str:
    """Return what names a form that nobody has sent yet."""
    return str(uuid4())


def named(text: str) -> str | None:
    """Return the name of a form as it is kept; None when it is none."""
    try:
        return str(UUID(text))
    except ValueError:
        return None


async def sent_at(keep: Keep, who: Principal, submission: str) -> datetime | None:
    """Return when the form was sent first, None when it was not; raises Away."""
    row = await keep.one(SQL, "find", who.initiative, who.partner, submission)
    found: datetime | None = row["at"] if row else None
    return found


async def claim(keep: Keep, who: Principal, submission: str, at: datetime) -> datetime:
    """Note that the form is sent at this time, and return when it was sent first; raises Away."""
    [row] = await keep.fetch(SQL, "claim", who.initiative, who.partner, submission, at)
    first: datetime = row["at"]
    return first
