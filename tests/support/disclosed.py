"""Lines of the account of disclosures in few words."""

from datetime import UTC, datetime, timedelta
from typing import Any

from services.disclosure.account import SENT, Line, Offered
from tests.support.events import ident

START = datetime(2026, 3, 1, tzinfo=UTC)


def opened(place: int = 1, minute: int = 1, **changed: Any) -> Line:
    """Return that the shelter was shown something, so many minutes after the start."""
    at = START + timedelta(minutes=minute)
    told = Line(
        place=place,
        event=ident(f"opened {place}"),
        kind="disclosure.opened",
        subject=ident("referral"),
        reader="shelter",
        actor=None,
        purpose="care",
        fields=("status",),
        consent=ident("consent"),
        link_by=None,
        happened=at,
        recorded=at,
    )
    return told._replace(**changed)


def offered(
    place: int = 1, minute: int = 1, to_class: str | None = None, *, in_error: bool = False, **changed: Any
) -> Line:
    """Return that the clinic sent the shelter an offer, or a class of it."""
    line = opened(place, minute, kind=SENT, event=ident(f"offered {place}"), fields=("contact",))
    offer = Offered(
        id=ident(f"offer {place}"),
        given=line.recorded,
        by="clinic",
        to_class=to_class,
        protected=False,
        accepted=False,
        in_error=in_error,
    )
    return line._replace(offer=offer, **changed)
