"""To whom a client was told of, and who looked, on pages of their own: the latest at first, and all of it.

It is theirs alone: a guardian would learn from it what is hidden from guardians.
"""

from collections import Counter
from collections.abc import Sequence

import orjson
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from events.authority import partner_of
from projections.referral.state import Client, consent_of
from services.disclosure.account import Line
from services.disclosure.describing import NAMES, told
from services.disclosure.whole import START, After, after_of, values
from services.gateway.accounted import labels_of
from services.gateway.accounting import PURPOSE, Shown, account
from services.gateway.links import known
from services.gateway.links.looking import own_of
from services.gateway.links.looks import account_of, latest
from services.gateway.links.page import LinkRoute, own_page
from services.gateway.links.visit import Visit, visit
from services.gateway.pages.html import NOTHING, Html, tag
from services.gateway.problems import ProblemError

router = APIRouter(route_class=LinkRoute, include_in_schema=False)
TITLE = "Who was told, and who looked"
ALL = "/own/g"
#: Lines of a page of all of it.
LINES = 50
_LATER = "This cannot be told at the moment. Please try again later."


async def told_lately(who: Visit, client: Client) -> Sequence[Html]:
    """Return the latest of it for the client's page, with a way to the rest where there is more."""
    if who.given.guardian:
        return ()
    heading, found = tag("h2", TITLE), await latest(who.parts, who.given)
    if found is None:
        return (heading, tag("p", _LATER, class_="said"))
    if not found.more:
        return (heading, _listed(who, client, found.lines))
    lately = (_listed(who, client, found.lines),) if found.lines else (tag("p", "Nobody lately.", class_="said"),)
    rest = tag("a", "See everything of the last three years", href=ALL)
    return (heading, *lately, tag("p", "There is more than is shown here. ", rest))


@router.get(ALL)
async def show(request: Request, after: str | None = Query(None, max_length=512)) -> Response:
    """Show all of it, page by page; that it was shown is on the log before."""
    who = await visit(request, "client")
    if who.given.guardian:
        raise ProblemError(404, "not-found")
    own = await own_of(who.parts, who.given)
    page = await account_of(who.parts, who.given, _after(who, after), LINES)
    await account(who.parts, who.given.principal, [Shown(who.given.record, who.given.record, ["account"], PURPOSE)])
    back = tag("p", tag("a", "Back to your page", href="/own"))
    if page is None:
        return own_page(TITLE, tag("p", _LATER, class_="said"), back)
    more = NOTHING if page.next is None else tag("p", tag("a", "Earlier", href=_address(who, page.next)))
    return own_page(TITLE, _listed(who, own.client, page.lines), more, back)


def _after(who: Visit, text: str | None) -> After:
    """Return where the page before ended.  Raises ProblemError for what this page did not give out."""
    if text is None:
        return START
    payload = who.parts.binding.unbind(_purpose(who), who.given.principal, text)
    if payload is None:
        raise ProblemError(404, "not-found")
    return after_of(*orjson.loads(payload))


def _address(who: Visit, after: After) -> str:
    payload = orjson.dumps(list(values(after)))
    return f"{ALL}?after={who.parts.binding.bind(_purpose(who), who.given.principal, payload)}"


def _purpose(who: Visit) -> str:
    return f"account of {who.given.record}"


def _listed(who: Visit, client: Client, lines: Sequence[Line]) -> Html:
    if not lines:
        return tag("p", "Nobody so far.", class_="said")
    # Whoever works on something looks at it many times a day.
    counted = Counter(_said(who, client, each) for each in lines)
    return tag("ul", *(_line(*each, times) for each, times in counted.items()), role="list")


def _line(whom: str, what: str, times: int) -> Html:
    often = f", {times} times" if times > 1 else ""
    return tag("li", tag("p", whom, often), tag("p", what))


def _said(who: Visit, client: Client, line: Line) -> tuple[str, str]:
    """Return who was told on which day, and what."""
    where = (who.parts, who.given.initiative)
    name, what = _whom(who, line), told(line, labels_of(*where))
    if line.offer is not None:
        by = known.organisation(*where, line.offer.by)
        what = f"{what} By {by}{_allowed(who, client, line)}."
    return f"{name[:1].upper()}{name[1:]}, {known.day(*where, line.at)}", what


def _allowed(who: Visit, client: Client, line: Line) -> str:
    consent = consent_of(client, line.consent or "")
    if consent is None:
        return ""
    return f", as you allowed from {known.day(who.parts, who.given.initiative, consent.valid_from)}"


def _whom(who: Visit, line: Line) -> str:
    where = (who.parts, who.given.initiative)
    if line.offer is not None and line.offer.protected:
        return known.PROTECTED
    if line.offer is not None and line.offer.to_class is not None:
        return f"organisations that could help: {known.label(*where, 'partner-class', line.offer.to_class)}"
    return NAMES.get(line.reader) or known.organisation(*where, partner_of(line.reader) or line.reader)
