"""The page of one referral, what staff say of it there, and what was written about the person, opened by a button."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from events.fields import UUID_PATTERN
from services.gateway import sealed
from services.gateway.access import Action
from services.gateway.accounting import account_status
from services.gateway.agreed import Person
from services.gateway.cursor import MOST
from services.gateway.pages.html import NOTHING, Html, form, page, tag, together
from services.gateway.pages.known import Known, known
from services.gateway.pages.numbering import leading
from services.gateway.pages.route import PageRoute
from services.gateway.pages.staff import proof, staff, ways
from services.gateway.pages.telling import Shown, history
from services.gateway.pages.words import event
from services.gateway.parts import parts_of
from services.gateway.seeing import disclosed
from services.gateway.sight import Sight
from services.gateway.timeline import Past, told

router = APIRouter(route_class=PageRoute, include_in_schema=False)
Referral = Annotated[str, Path(pattern=UUID_PATTERN)]
Token = Annotated[str | None, Query(max_length=512)]
#: No page of those that the way leads to.
NOWHERE = ""
#: Which of an event's texts it is.
_FIELDS = {"details": "What was written", "note": "Note"}


@router.get("/referrals/{referral}")
async def show(
    request: Request, referral: Referral, token: Token = None, cursor: Token = None, limit: int = MOST
) -> Response:
    """Show how a referral stands, what can be done now, and what was said about it."""
    who = await staff(request, Action.REFERRAL_READ)
    parts = parts_of(request)
    there = await known(parts, who)
    paged = Past(limit=MOST, cursor=cursor, token=token, as_of=None)
    (place, sight, lag), entries, _, following = await told(parts, who, referral, paged, there.now)
    names = await parts.vault.names(who.initiative, who.partner or "", [place.record])
    await account_status(parts, who, [disclosed(place, sight, who, ["status", "timeline"], there.now)])
    shown = Shown(sight, place.referral, names.get(place.record), there, who.partner)
    body = (
        tag("p", "Something is on its way and not shown yet. Load the page again in a moment.") if lag else NOTHING,
        tag("h2", "How it stands"),
        shown.standing(),
        tag("h2", "What you can do now"),
        shown.doing(proof(request)),
        leading(referral, sight, who.partner, shown.told["client_own"]),
        _agreed(referral, sight, who.partner),
        _links(referral, sight),
        tag("h2", "What was written"),
        _closed(referral, proof(request), sight),
        tag("h2", "Offers"),
        shown.offers(),
        tag("h2", "What was said"),
        history(entries, there),
        _further(referral, following),
    )
    return page(shown.title, *body, nav=ways(NOWHERE), wide=True, kept="Referral")


def _agreed(referral: str, sight: Sight, partner: str | None) -> Html:
    """Lead those to what the person agreed to who may change it: whoever serves them."""
    served = Person("", None, sight.client).served_by(partner)
    if sight.role not in ("sender", "recipient") or sight.client.erased or not served:
        return NOTHING
    text = "When the person wants less to be shared, or nothing, say it there; nobody has to have answered."
    return together(
        tag("h2", "What this person agreed to"),
        tag("p", text),
        tag("p", tag("a", "See, end or narrow it", href=f"/referrals/{referral}/agreed")),
    )


def _links(referral: str, sight: Sight) -> Html:
    if sight.role not in ("sender", "recipient"):
        return NOTHING
    text = "By a link somebody without an account answers an offer, and the person sees and ends what is shared."
    return together(
        tag("h2", "Links"),
        tag("p", text),
        tag("p", tag("a", "Give or withdraw a link", href=f"/referrals/{referral}/links")),
    )


def _closed(referral: str, proof: str, sight: Sight) -> Html:
    if sight.role == "class-member":
        return tag("p", "It is sealed, and opens for whoever takes the person on.")
    text = "It is sealed. That you open it is put on record."
    button = tag("button", "Open what was written", type="submit", class_="quiet")
    return together(tag("p", text), form(f"/referrals/{referral}/text", proof, button))


def _further(referral: str, following: str | None) -> Html:
    """Lead to the rest of the history; the address that the API gives names its own route."""
    if following is None:
        return NOTHING
    return tag("p", tag("a", "What was said later", href=f"/referrals/{referral}?{following.partition('?')[2]}"))


@router.post("/referrals/{referral}/text")
async def read(request: Request, referral: Referral) -> Response:
    """Open what was written about the person, as far as the reader may; it stands on this page and in no list."""
    who = await staff(request, Action.SEALED_OPEN)
    parts = parts_of(request)
    there = await known(parts, who)
    found = await sealed.read(parts, who, referral)
    texts = [part for each in found["texts"] for part in _text(each, there)]
    held = "There is more that does not open for you, or not yet." if found["held_back"] else ""
    body = (
        tag("p", "Do not pass this on. It is gone from here when you leave the page."),
        tag("p", tag("b", found["notice"])) if found["notice"] else NOTHING,
        *(_terms(each, there) for each in found["consents"]),
        *(texts or [tag("p", "Nothing was written.")]),
        tag("p", held) if held else NOTHING,
        tag("p", tag("a", "Back to the referral", href=f"/referrals/{referral}")),
    )
    return page("What was written", *body, nav=ways(NOWHERE))


def _text(text: Mapping[str, Any], there: Known) -> tuple[Html, Html]:
    by = there.partner(text["by"])
    name = event(text["type"].removeprefix("org.manyhands.").rpartition(".v")[0])
    title = f"{_FIELDS.get(text['field'], text['field'].capitalize())}, by {by} ({name.lower()})"
    return tag("h2", title), tag("p", text["text"], class_="text")


def _terms(terms: Mapping[str, Any], there: Known) -> Html:
    """Return the consent that carries texts of a protected programme, which goes with them."""
    shared = ", ".join(there.label("data-class", each).lower() for each in terms["data_classes"])
    programmes = ", ".join(there.label("programme-class", each).lower() for each in terms["programme_classes"])
    purposes = ", ".join(there.label("purpose", each).lower() for each in terms["purposes"])
    names = ", ".join(there.partner(each) for each in terms["partners"])
    passed = {"none": "not", "with-consent": "only with a further consent", "permitted": ""}[terms["redisclosure"]]
    said = f"The person agreed that {names} may have: {shared}; for: {purposes}; about: {programmes}."
    return tag("p", said, f" It may {passed} be passed on.".replace("  ", " "))
