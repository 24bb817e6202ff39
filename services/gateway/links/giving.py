"""The page on which staff give links: to whoever was asked, and to the person; and take them back."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from events.fields import UUID_PATTERN
from services.gateway.access import Action
from services.gateway.agreed import shares_with
from services.gateway.links.addresses import Addresses
from services.gateway.links.handed import mail
from services.gateway.links.making import ForClient, New, maker, to_client, to_offer
from services.gateway.links.offering import ADDRESS, CLIENT, MAIL, TITLE, Giving, body_of
from services.gateway.links.visit import links_of
from services.gateway.pages.asking import read
from services.gateway.pages.fields import Typed
from services.gateway.pages.html import Html, page, tag
from services.gateway.pages.route import PageRoute
from services.gateway.pages.seen import Seen, seen
from services.gateway.pages.signing import redirected
from services.gateway.pages.staff import proof, typed, ways
from services.gateway.people.address import spelled
from services.gateway.problems import ProblemError
from services.notifications.letter import letter

router = APIRouter(route_class=PageRoute, include_in_schema=False)
Referral = Annotated[str, Path(pattern=UUID_PATTERN)]


async def _desk(request: Request, referral: str) -> Seen:
    """Return the referral whose links somebody looks at.  Raises ProblemError for whoever is no side of it."""
    return await seen(request, referral, Action.LINK_MAKE, lambda sight, _: sight.role in ("sender", "recipient"))


@router.get("/referrals/{referral}/links")
async def show(request: Request, referral: Referral) -> Response:
    """Show the links in force, and what others could be made."""
    return await _page(request, await _desk(request, referral), Typed(), {})


@router.post("/referrals/{referral}/links")
async def make(request: Request, referral: Referral) -> Response:
    """Make a link and show it, this once."""
    desk, now = await _desk(request, referral), await typed(request)
    if now.one("for") == "client":
        return await _for_client(request, desk, now)
    offer = now.one("offer")
    new = await to_offer(desk.parts, desk.who, desk.place, desk.sight, offer)
    url = desk.parts.people.cookies.origin(request) + new.path
    [to] = [each.recipient for each in desk.sight.offers if each.id == offer]
    address = await Addresses(desk.parts.keep).get(desk.who.initiative, to) if now.one(MAIL.name) else None
    if address is not None:
        origin, secret = url.removesuffix(new.path), new.path.removeprefix("/l/")
        desk.parts.people.post.put(letter("offer-arrived", address.email, origin, secret))
    codes = f"Its codes go to the address that {desk.known.partner(to)} registered."
    return _made(desk, new, url, codes, mailed=address is not None)


async def _for_client(request: Request, desk: Seen, now: Typed) -> Response:
    if not _serves(desk):
        raise ProblemError(404, "not-found")
    values, faults = read(CLIENT, now, lambda _: ())
    email = spelled(values.get(ADDRESS.name, ""))
    if ADDRESS.name in values and email is None:
        faults[ADDRESS.name] = ADDRESS.told("this is no e-mail address")
    if faults or email is None:
        return await _page(request, desk, now, faults)
    wish = ForClient(desk.place.record, email, values["days"], values["guardian"])
    new = await to_client(desk.parts, desk.who, wish)
    url = desk.parts.people.cookies.origin(request) + new.path
    if values[MAIL.name]:
        desk.parts.people.post.put(mail(email, url))
    return _made(desk, new, url, "Its codes go to the address that you gave.", mailed=values[MAIL.name])


@router.post("/referrals/{referral}/links/{link}/end")
async def end(request: Request, referral: Referral, link: UUID) -> Response:
    """End a link and whatever it has opened, at once."""
    desk = await _desk(request, referral)
    if not await links_of(desk.parts).revoke(maker(desk.who), str(link)):
        raise ProblemError(404, "not-found")
    return redirected(f"/referrals/{desk.place.referral}/links")


def _made(desk: Seen, new: New, url: str, codes: str, *, mailed: bool) -> Response:
    # All of it in sight, also on a small screen.
    link = tag("textarea", url, id="link", rows="3", readonly=True, autocomplete="off", spellcheck="false")
    sent = "A mail with the link is on its way." if mailed else "Nobody was mailed: hand it over yourself."
    return page(
        "The link is made",
        tag("p", tag("b", "It is shown this once."), " Copy it now, or make another one later."),
        tag("label", "The link", for_="link"),
        link,
        tag("p", sent, " The link opens nothing by itself. ", codes),
        tag("p", "It ends: ", desk.known.when(new.ends)),
        _back(f"/referrals/{desk.place.referral}/links", "Back to the links"),
        nav=ways(""),
    )


async def _page(request: Request, desk: Seen, now: Typed, faults: dict[str, str]) -> Response:
    parts, who, place = desk.parts, desk.who, desk.place
    found = await links_of(parts).list(maker(who), place.record)
    addressed = {each.partner for each in await Addresses(parts.keep).list(who.initiative)}
    giving = Giving(
        referral=place.referral,
        sight=desk.sight,
        standing=parts.admission.standing(who.initiative),
        known=desk.known,
        links=found,
        addressed=addressed,
        mails=parts.people.post.open,
        serves=_serves(desk),
        proof=proof(request),
    )
    title = f"To be mended: {TITLE}" if faults else TITLE
    body = (*body_of(giving, now, faults), _back(f"/referrals/{place.referral}", "Back to the referral"))
    return page(title, *body, nav=ways(""), status=422 if faults else 200)


def _serves(desk: Seen) -> bool:
    """Say whether the partner may have the person's own link made, as far as the page shows; `to_client` asks again."""
    client = desk.sight.client
    return shares_with(client, desk.who.partner, desk.known.now) and not client.erased


def _back(place: str, text: str) -> Html:
    return tag("p", tag("a", text, href=place))
