"""The pages of a weekly mail's link.  Pure."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import uuid4
from zoneinfo import ZoneInfo

from starlette.responses import Response

from services.gateway.links.page import page
from services.gateway.pages.asking import WHOLE, Faults, show, summary
from services.gateway.pages.fields import Lists, Typed
from services.gateway.pages.html import Html, form, hidden, tag, together
from services.gateway.pages.words import distance, listed, moment
from services.gateway.weekly.fields import FIELDS
from services.gateway.weekly.scene import Scene, Shut
from services.notifications.weekly.listing import Listed, unit_of
from services.notifications.weekly.room import NOBODY_SAID, room

CHANGED = "Something was said since you opened this page. Please look again, then press the button once more."
_AFTER = "A mail with a new link comes every week. Until then your organisation's own system can say it."
#: Of each reason for which a link leads nowhere: the status, the title, and what to do.
_SHUT: Mapping[Shut, tuple[int, str, Sequence[str]]] = {
    Shut.UNKNOWN: (
        404,
        "This link is not known",
        ("Perhaps a part of it was lost. Open the mail again and press the link there.", _AFTER),
    ),
    Shut.ENDED: (
        410,
        "This link has ended",
        ("A link works for 14 days. Please use the one in your latest mail.", _AFTER),
    ),
    Shut.WITHDRAWN: (
        410,
        "This link was withdrawn",
        (
            "Your organisation has its mails sent elsewhere now, takes no part at present, or is not asked about these"
            " services any more.",
            "If that is wrong, ask whoever looks after Manyhands in your organisation, or in your initiative.",
        ),
    ),
}


class Way(NamedTuple):
    """Where the link's page is, and what its forms prove their origin by."""

    place: str
    proof: str


def shut(why: Shut) -> Response:
    """Return the page of a link that leads nowhere: why, and what to do."""
    status, title, told = _SHUT[why]
    return page(title, *(tag("p", each) for each in told), status=status)


def listing(scene: Scene, way: Way, *, status: int = 200, fault: str | None = None) -> Response:
    """Return the services with what was said of each, and the button as long as there is something to confirm."""
    confirming = (_button(scene, way),) if scene.holding else ()
    told = (*_asking(scene), *confirming, _services(scene, way.place), _until(scene))
    title = "Does this still hold?" if scene.holding else "How much room is there?" if scene.waiting else "Thank you"
    return page(title, *told, status=status, faults=summary((), {WHOLE: fault} if fault else {}))


def _asking(scene: Scene) -> Sequence[Html]:
    if not scene.waiting:
        done = "All of this was said since the mail went out. There is nothing left to do."
        return (tag("p", done, class_="said"), tag("p", "Has something changed again? Correct it below."))
    if not scene.holding:
        names = listed([each.name for each in scene.waiting])
        return (tag("p", f"Nobody said yet how much room there is for {names}. Please say it below."),)
    return (tag("p", "Others read this before they send somebody to you. Correct what has changed first."),)


def _button(scene: Scene, way: Way) -> Html:
    button = tag("button", "All of it still holds", type="submit")
    return form(way.place, way.proof, hidden("shown", scene.shown), tag("p", button))


def _services(scene: Scene, place: str) -> Html:
    return tag("ul", *(_service(scene, each, place) for each in scene.services), role="list")


def _service(scene: Scene, each: Listed, place: str) -> Html:
    verb = "Say how much room there is" if each.capacity is None else "Correct this"
    # For whoever hears one link after the other, each says what it is about.
    link = tag("a", verb, tag("span", f": {each.name}", class_="unseen"), href=f"{place}/{each.id}")
    return tag("li", together(tag("b", each.name), tag("br"), _told(scene, each), tag("br"), link))


def _told(scene: Scene, each: Listed) -> str:
    said = each.capacity
    if said is None:
        return NOBODY_SAID
    unit = unit_of(scene.parts.admission.initiative_store, scene.asked.initiative, said.unit)
    told = room(said.status, said.available, said.maximum, unit)
    return f"{told}, said {distance(said.reported, scene.now)}"


def _until(scene: Scene) -> Html:
    zone = scene.parts.admission.standing(scene.asked.initiative).zone or ZoneInfo("UTC")
    return tag("p", together("This link works until ", moment(scene.asked.ends, zone, scene.now), "."), class_="hint")


def correcting(each: Listed, way: Way, typed: Typed, lists: Lists, faults: Faults) -> Response:
    """Return the form in which one corrects what was said of a service."""
    once = hidden("once", typed.one("once") or str(uuid4()))
    button = tag("p", tag("button", "Say this", type="submit"))
    asking = form(
        f"{way.place}/{each.id}", way.proof, once, show(FIELDS, typed, lists, faults), button, novalidate=True
    )
    back = tag("p", tag("a", "Back", href=way.place))
    status = 422 if faults else 200
    return page(f"{each.name}: how much room?", asking, back, status=status, faults=summary(FIELDS, faults))
