"""The page on which staff see what waits: for them, for others, too long, and what ended without being looked at."""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from projections.referral.state import Offer
from services.gateway.access import Action
from services.gateway.owed import due_by
from services.gateway.pages.html import NOTHING, Html, page, tag
from services.gateway.pages.known import Known, known
from services.gateway.pages.route import PageRoute
from services.gateway.pages.rows import COLUMNS, Shown, row
from services.gateway.pages.staff import WORK, staff, ways
from services.gateway.pages.tables import table
from services.gateway.parts import parts_of
from services.gateway.seeing import names_shown
from services.gateway.worklist import LIMIT, LISTS, Item, List, work
from services.vault.names import Name

router = APIRouter(route_class=PageRoute, include_in_schema=False)


class _List(NamedTuple):
    """What a list is called, what its last column says, and what is said when it is empty."""

    title: str
    due: str
    empty: str


_LISTS: Mapping[List, _List] = MappingProxyType(
    {
        "answer": _List("Needs my answer", "Answer by", "Nothing waits for your answer."),
        "taken": _List("With us now", "Due or since", "Nothing that you took on is open."),
        "waiting": _List("Waiting on others", "Due or since", "Nobody owes you anything."),
        "overdue": _List("Overdue", "Was due", "Nothing is overdue."),
        "ended": _List("Outcomes not yet seen", "Ended", "You have seen how everything ended."),
        "again": _List("Needs another offer", "Ended", "Nothing that ended unmet is left to you."),
        "unsent": _List("Not sent yet", "Stated", "Nothing that you kept waits to be sent."),
    }
)

#: What a list goes by that speaks of one of several offers.
_TIMES: Mapping[List, Callable[[Offer], datetime | None]] = MappingProxyType(
    {"ended": lambda offer: offer.closed, "overdue": due_by}
)


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
    names = await names_shown(parts, who, [(item.place, item.sight) for item in found.items], there.now)
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


def _table(name: List, items: list[Item], names: Mapping[str, Name], there: Known) -> Html:
    rows = [
        row(Shown(item.place, item.sight, _spoken_of(name, item), names.get(item.place.record)), there, item.key)
        for item in items
    ]
    return table(_LISTS[name].title, (*COLUMNS, _LISTS[name].due, "Next step"), rows)


def _spoken_of(name: List, item: Item) -> Offer | None:
    """Return the offer that a row speaks of: of what is late, or of ends that were not seen, the first of all."""
    time, lead = _TIMES.get(name), item.sight.standing.offer
    return next((offer for offer in item.sight.offers if time and time(offer) == item.key), lead)
