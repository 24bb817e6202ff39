"""Rows of tables of referrals: what a partner's staff read of each, and where it goes on.  Pure."""

from datetime import datetime
from typing import NamedTuple

from projections.referral.state import Offer
from projections.referral.transitions import CANCEL_ASKED, EXPIRED, UNANSWERED
from services.gateway.pages.html import Html, tag, together
from services.gateway.pages.known import PROTECTED_NEED, PROTECTED_PARTNER, Known
from services.gateway.pages.telling import NO_NAME, UNTOLD
from services.gateway.pages.words import URGENCIES
from services.gateway.pages.words import detail as detail_said
from services.gateway.seeing import Place
from services.gateway.sight import Sight
from services.vault.names import Name

#: The columns that every such table begins with; how it stands and the next step follow.
COLUMNS = ("Person", "Need", "Area", "Urgency", "With", "Since")
_CLOSED = "not shared with you any more"


class Shown(NamedTuple):
    """A referral in a table."""

    place: Place
    sight: Sight
    #: The offer that the row speaks of.
    offer: Offer | None
    #: What the person is called at the reader's partner.
    name: Name | None

    @property
    def person(self) -> str:
        """What the person is called here; not whom a class is asked to help, before the claim."""
        return UNTOLD if self.sight.role == "class-member" else self.name.shown if self.name else NO_NAME

    @property
    def asked(self) -> bool:
        """Whether an answer is awaited."""
        return self.offer is not None and (self.offer.status == "requested" or self.offer.detail == CANCEL_ASKED)


def row(shown: Shown, there: Known, at: datetime | None) -> tuple[str, ...]:
    """Return the cells; `at` is the time that a list goes by, told with how the referral stands."""
    sight, lead = shown.sight, shown.offer
    said, shared = sight.referral, sight.withheld is None
    protected = any(offer is not None and offer.protected for offer in (lead, sight.standing.offer))
    need = PROTECTED_NEED if protected else there.label("need", said.need)
    return (
        shown.person,
        need if shared else _CLOSED,
        there.label("area", said.area) if shared else _CLOSED,
        URGENCIES[said.urgency] if shared else _CLOSED,
        _whom(shown, there, protected=protected),
        there.when(lead.sent if lead else said.requested),
        _stands(shown, there, at),
        _next(shown),
    )


def _whom(shown: Shown, there: Known, *, protected: bool) -> str:
    said, lead = shown.sight.referral, shown.offer
    if shown.sight.role == "recipient":
        return f"from {there.partner(said.sender)}"
    nobody = "nobody yet" if said.handoff is None else "somebody outside"
    return f"to {PROTECTED_PARTNER if protected else there.whom(lead) if lead else nobody}"


def _stands(shown: Shown, there: Known, at: datetime | None) -> Html:
    lead, outside = shown.offer, shown.sight.referral.handoff is not None
    said = "Arranged outside" if outside else detail_said(lead.detail if lead else None)
    state = tag("span", said, class_="state")
    return state if at is None else together(_word(shown, at), there.when(at), tag("br"), state)


def _word(shown: Shown, at: datetime) -> str:
    """Return what the time is of, where rows of a list differ in that."""
    lead = shown.offer
    if lead is None or lead.closed is not None:
        return ""
    if shown.asked:
        return "answer by "
    if at == lead.expected_by:
        return "promised for "
    return "to begin by " if at == lead.start_by else "since "


def _next(shown: Shown) -> Html:
    lead = shown.offer
    own = shown.sight.role in ("recipient", "class-member")
    if lead is None or (own and lead.closed is None):
        said = "Answer" if shown.asked else "Go on"
    elif own and lead.detail == EXPIRED:
        said = "Answer late"
    elif own and lead.detail == UNANSWERED:
        said = "Tell how it ended"
    else:
        said = "Look" if lead.closed is None else "See how it ended"
    since = lead.sent if lead else shown.sight.referral.requested
    label = f"{said}: {shown.person}, since {since:%Y-%m-%d %H:%M} UTC"
    return tag("a", said, href=f"/referrals/{shown.place.referral}", aria_label=label)
