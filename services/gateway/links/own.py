"""A client's own page: what is shared with whom, and what became of their needs.

It says as little as it can to whoever looks over a shoulder: nothing is in titles or addresses, whoever must not be
named is not, and one press leads away.
"""

from collections.abc import Sequence

from fastapi import APIRouter, Request
from starlette.responses import Response

from projections.referral.consent import runs_out
from projections.referral.state import Consent, Offer, Referral
from services.gateway.accounting import PURPOSE, Shown, account
from services.gateway.links import known
from services.gateway.links.leading import leading, led
from services.gateway.links.looking import Own, own_of
from services.gateway.links.page import LinkRoute, own_page, redirected
from services.gateway.links.sharing import Shared, asks_for_answer, in_force, offers
from services.gateway.links.telling import told_lately
from services.gateway.links.visit import COOKIE, Visit, links_of, visit
from services.gateway.pages.html import Html, tag
from services.gateway.parts import parts_of
from services.gateway.progress import now

router = APIRouter(route_class=LinkRoute, include_in_schema=False)
TITLE = "Your page"
#: Where somebody is led who has to leave quickly.
AWAY = "https://www.wikipedia.org/"
MET = {"yes": "Yes", "partly": "In part", "no": "No"}
#: What a label of the standard's says to whom it is about.
_YOURS = {"Name and how to reach the person": "Name and how to reach you"}
_STANDS = {
    "requested": "asked, no answer yet",
    "accepted": "they said yes",
    "in-progress": "they are helping you",
    "on-hold": "it is waiting for something",
    "completed": "done",
    "failed": "ended without help",
    "rejected": "they could not help",
    "cancelled": "ended",
}
#: Why it ended, where that is nobody's choice.
_ENDED = {
    "recipient-left": "ended, as they are not there for it any more",
    "sender-left": "ended, as whoever asked them is not there for it any more",
    "consent-expired": "ended, as the time was over for which sharing was allowed",
}


@router.get("/own")
async def show(request: Request) -> Response:
    """Show what is shared and what became of each need; that it was shown is on the log before."""
    who = await visit(request, "client")
    own = await own_of(who.parts, who.given)
    shared = in_force(own.client, now(), guardian=who.given.guardian)
    seen = await told_lately(who, own.client)
    links = await leading(who)
    await account(who.parts, who.given.principal, [_shown(who)])
    return own_page(TITLE, *_sharing(who, shared), *_needs(who, own), *led(who, links), *seen)


def _shown(who: Visit) -> Shown:
    return Shown(who.given.record, who.given.record, ["consent", "status", "links"], PURPOSE)


def _sharing(who: Visit, shared: Sequence[Shared]) -> Sequence[Html]:
    heading = tag("h2", "What you allow to be shared")
    if not shared:
        return (heading, tag("p", "Nothing about you may be shared at present.", class_="said"))
    everything = tag("p", tag("a", "Stop sharing everything", href="/own/e"))
    return (heading, *(_consent(who, each) for each in shared), everything)


def _consent(who: Visit, shared: Shared) -> Html:
    where, consent = (who.parts, who.given.initiative), shared.consent
    over = runs_out(consent)
    until = "Until you end it" if over is None else known.day(*where, over)
    facts = (
        ("What", ", ".join(shared_of(who, consent))),
        ("What for", ", ".join(known.label(*where, "purpose", code) for code in consent.purposes)),
        ("Until", until),
    )
    named = [known.organisation(*where, each) for each in shared.partners] or ["Nobody"]
    people = [tag("li", each) for each in named]
    some = tag("li", tag("a", "Stop sharing with some of them", href=f"/own/b/{consent.id}"))
    ways = (
        *((some,) if len(shared.partners) > 1 else ()),
        tag("li", tag("a", "Share it for a shorter time", href=f"/own/c/{consent.id}")),
        tag("li", tag("a", "Stop sharing all of this", href=f"/own/a/{consent.id}")),
    )
    told = tag("dl", *(Html(tag("dt", name) + tag("dd", value)) for name, value in facts))
    return tag("section", told, tag("h3", "With"), tag("ul", *people), tag("ul", *ways, class_="steps"))


def shared_of(who: Visit, consent: Consent) -> list[str]:
    """Return what is shared, as it is told to the person themself; a guardian reads of the person as others do."""
    found = [known.label(who.parts, who.given.initiative, "data-class", code) for code in consent.data_classes]
    return found if who.given.guardian else [_YOURS.get(label, label) for label in found]


def _needs(who: Visit, own: Own) -> Sequence[Html]:
    found = list(offers(own.client, own.referrals, guardian=who.given.guardian))
    if not found:
        return (tag("h2", "What was asked for you"), tag("p", "Nothing so far.", class_="said"))
    lines = [_need(who, own.referrals[name], name, offer) for name, offer in found]
    return (tag("h2", "What was asked for you"), tag("ul", *lines, role="list"))


def _need(who: Visit, referral: Referral, name: str, offer: Offer) -> Html:
    where = (who.parts, who.given.initiative)
    what = "Help" if offer.protected else known.label(*where, "need", referral.need)
    whom, stands = _whom(who, offer), _ENDED.get(offer.detail) or _STANDS[offer.status]
    said = [tag("p", tag("strong", what)), tag("p", f"{whom[:1].upper()}{whom[1:]}: {stands}")]
    if offer.need_met is not None:
        said.append(tag("p", f"You said: {MET[offer.need_met]}"))
    if asks_for_answer(offer):
        say_so = "Say something else" if offer.need_met else "Say whether you got what you needed"
        said.append(tag("p", tag("a", say_so, href=f"/own/d/{name}/{offer.id}")))
    return tag("li", *said)


def _whom(who: Visit, offer: Offer) -> str:
    """Return who was asked: a partner, or whichever of a class claims it."""
    where = (who.parts, who.given.initiative)
    if offer.protected:
        return known.PROTECTED
    if offer.recipient or offer.to_class is None:
        return known.organisation(*where, offer.recipient)
    return f"any {known.label(*where, 'partner-class', offer.to_class).lower()}"


@router.get("/own/away")
async def away(request: Request) -> Response:
    """Lead away and let nothing stay open; whoever has nothing open is led away all the same."""
    parts = parts_of(request)
    text = parts.people.cookies.read(request, COOKIE["client"])
    if text is not None:
        await links_of(parts).leave(text)
    answer = redirected(AWAY)
    parts.people.cookies.write(answer, COOKIE["client"], None)
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer
