"""The page on which staff see what waits: for them, for others, too long, and what ended without being looked at."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from projections.referral.state import Offer
from projections.referral.transitions import CANCEL_ASKED
from services.gateway.access import Action
from services.gateway.accounting import account_status
from services.gateway.pages.html import NOTHING, Html, page, tag, together
from services.gateway.pages.known import PROTECTED_NEED, PROTECTED_PARTNER, Known, known
from services.gateway.pages.route import PageRoute
from services.gateway.pages.staff import WORK, staff, ways
from services.gateway.pages.tables import table
from services.gateway.pages.telling import UNTOLD
from services.gateway.pages.words import URGENCIES
from services.gateway.pages.words import detail as detail_said
from services.gateway.parts import parts_of
from services.gateway.seeing import disclosed
from services.gateway.worklist import LIMIT, LISTS, Item, List, work

router = APIRouter(route_class=PageRoute, include_in_schema=False)
NO_NAME = "no name of ours yet"


class _List(NamedTuple):
    """What a list is called, what its last column says, and what is said when it is empty."""

    title: str
    due: str
    empty: str


_LISTS: Mapping[List, _List] = MappingProxyType(
    {
        "answer": _List("Needs my answer", "Answer by", "Nothing waits for your answer."),
        "waiting": _List("Waiting on others", "Answer by", "Nobody owes you an answer."),
        "overdue": _List("Overdue", "Was due", "Nothing is overdue."),
        "ended": _List("Outcomes not yet seen", "Ended", "You have seen how everything ended."),
        "unsent": _List("Not sent yet", "Stated", "Nothing that you kept waits to be sent."),
    }
)
_COLUMNS = ("Person", "Need", "Area", "Urgency", "With", "Since")


@router.get(WORK)
async def show(
    request: Request,
    name: Annotated[List, Query(alias="list")] = "answer",
    cursor: Annotated[str | None, Query(max_length=512)] = None,
    limit: Annotated[int, Query(ge=LIMIT, le=LIMIT)] = LIMIT,
) -> Response:
    """Show one of the lists, and how many each holds."""
    who = await staff(request, Action.REFERRAL_READ)
    parts = parts_of(request)
    there = await known(parts, who)
    found = await work(parts, who, name, cursor, there.now)
    records = {item.place.record for item in found.items}
    names = await parts.vault.aliases(who.initiative, who.partner or "", records)
    shown = [disclosed(item.place, item.sight, who, ["status"], there.now) for item in found.items]
    await account_status(parts, who, shown)
    body = _table(name, found.items, names, there) if found.items else tag("p", _LISTS[name].empty, class_="empty")
    further = tag("p", tag("a", "More of this list", href=found.next, class_="button")) if found.next else NOTHING
    first = tag("p", tag("a", "From the beginning", href=f"{WORK}?list={name}")) if cursor else NOTHING
    title = _LISTS[name].title
    return page(
        "My worklist", _tabs(name, found.counts), tag("h2", title), body, further, first, nav=ways(WORK), wide=True
    )


def _tabs(here: List, counts: Mapping[str, int]) -> Html:
    links = []
    for name in LISTS:
        current = {"aria_current": "true"} if name == here else {}
        count = tag("span", str(counts[name]), class_="count")
        links.append(tag("li", tag("a", _LISTS[name].title, " ", count, href=f"{WORK}?list={name}", **current)))
    return tag("nav", tag("ul", *links, role="list", class_="tabs"), aria_label="Lists")


def _table(name: List, items: list[Item], names: Mapping[str, str], there: Known) -> Html:
    columns = (*_COLUMNS, _LISTS[name].due, "Next step")
    rows = [_row(item, names.get(item.place.record), _spoken_of(name, item), there) for item in items]
    return table(_LISTS[name].title, columns, rows)


def _spoken_of(name: List, item: Item) -> Offer | None:
    """Return the offer that a row speaks of: of ends that were not seen the first, whatever was sent since."""
    unseen = (offer for offer in item.sight.offers if name == "ended" and offer.closed == item.key)
    return next(unseen, item.sight.standing.offer)


def _row(item: Item, name: str | None, lead: Offer | None, there: Known) -> tuple[str, ...]:
    sight = item.sight
    said, own = sight.referral, sight.role == "recipient"
    protected = any(offer is not None and offer.protected for offer in (lead, sight.standing.offer))
    need = PROTECTED_NEED if protected else there.label("need", said.need)
    shared = sight.withheld is None
    closed = "not shared with you any more"
    recipient = PROTECTED_PARTNER if protected else there.whom(lead) if lead else "nobody yet"
    whom = f"from {there.partner(said.sender)}" if own else f"to {recipient}"
    return (
        _person(item, name),
        need if shared else closed,
        there.label("area", said.area) if shared else closed,
        URGENCIES[said.urgency] if shared else closed,
        whom,
        there.when(lead.sent if lead else said.requested),
        _due(item, lead, there),
        _next(item, name, lead, own),
    )


def _person(item: Item, name: str | None) -> str:
    """Return what the person is called here; not whom a class is asked to help, before the claim."""
    return UNTOLD if item.sight.role == "class-member" else name or NO_NAME


def _due(item: Item, lead: Offer | None, there: Known) -> Html:
    state = tag("span", detail_said(lead.detail if lead else None), class_="state")
    return together(there.when(item.key), tag("br"), state)


def _next(item: Item, name: str | None, lead: Offer | None, own: bool) -> Html:
    asked = lead is not None and (lead.status == "requested" or lead.detail == CANCEL_ASKED)
    own = own or item.sight.role == "class-member"
    said = "Answer" if own and asked else "Look" if lead is None or lead.closed is None else "See how it ended"
    if (own and not asked) or lead is None:
        said = "Go on"
    since = lead.sent if lead else item.sight.referral.requested
    label = f"{said}: {_person(item, name)}, since {since:%Y-%m-%d %H:%M} UTC"
    return tag("a", said, href=f"/referrals/{item.place.referral}", aria_label=label)
