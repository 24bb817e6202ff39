"""The pages of one offer, for whoever holds its link and entered a code: what is needed, and what to say to it."""

from collections.abc import Sequence
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from projections.referral.transitions import CANCEL_ASKED
from services.gateway.accounting import account_status
from services.gateway.links import known
from services.gateway.links.looking import Scene, scene_of
from services.gateway.links.page import Closed, LinkRoute, page, redirected
from services.gateway.links.saying import say
from services.gateway.links.steps import STEPS, Step, open_steps
from services.gateway.links.visit import COOKIE, Visit, links_of, proved, typed_of, visit
from services.gateway.opening import opened
from services.gateway.pages.asking import Faults, read, summary
from services.gateway.pages.asking import show as shown
from services.gateway.pages.fields import Typed
from services.gateway.pages.html import Html, form, hidden, tag
from services.gateway.pages.words import URGENCIES
from services.gateway.problems import ProblemError
from services.gateway.progress import now
from services.gateway.seeing import disclosed

router = APIRouter(route_class=LinkRoute, include_in_schema=False)
Name = Annotated[str, Path(pattern="^[a-z-]{2,40}$")]
_STANDS = {
    "requested": "You are asked whether you can help.",
    "accepted": "You have accepted.",
    "in-progress": "The person is being served.",
    "on-hold": "It rests for a while.",
    "cancelled": "It was cancelled, as whoever asked wished. If the person was served all the same, tell it here.",
}
_CANCEL_ASKED = "Whoever asked would like to cancel this."


@router.get("/offer")
async def show(request: Request) -> Response:
    """Show the need and what can be said; that it was shown is on the log before."""
    who = await visit(request, "offer")
    scene = await scene_of(who.parts, who.given)
    shown = disclosed(scene.place, scene.sight, who.given.principal, ["status"], now())
    await account_status(who.parts, who.given.principal, [shown])
    steps = [_way(each, scene, first=place == 0) for place, each in enumerate(open_steps(scene.offer))]
    body = (
        tag("p", _CANCEL_ASKED if scene.offer.detail == CANCEL_ASKED else _STANDS[scene.offer.status], class_="said"),
        _facts(who, scene),
        tag("h2", "What you can do"),
        tag("ul", *_reading(scene), *steps, role="list", class_="steps"),
    )
    leave = form("/offer/leave", who.proof, tag("button", "Close", type="submit", class_="quiet"))
    return page("Somebody needs help", *body, leave)


def _way(step: Step, scene: Scene, *, first: bool) -> Html:
    """Lead to a step; the answer that is waited for is not to be overlooked."""
    asked = scene.offer.status == "requested"
    look = ("button" if first else "button quiet") if asked else False
    return tag("li", tag("a", step.title, href=f"/offer/{step.name}", class_=look))


def _facts(who: Visit, scene: Scene) -> Html:
    said, where = scene.sight.referral, (who.parts, who.given.initiative)
    facts = [
        ("Asked by", known.organisation(*where, said.sender)),
        ("For", known.organisation(*where, scene.offer.recipient)),
    ]
    if scene.sight.withheld is None:
        facts += [
            ("What is needed", known.label(*where, "need", said.need)),
            ("How soon", URGENCIES[said.urgency]),
            ("Where", known.label(*where, "area", said.area)),
        ]
    else:
        facts.append(("What is needed", "The person's permission does not cover this any more, so it is not shown."))
    if scene.offer.status == "requested":
        facts.append(("Please answer by", known.day(*where, scene.offer.respond_by)))
    elif scene.offer.expected_by:
        facts.append(("Expected by", known.day(*where, scene.offer.expected_by)))
    elif scene.offer.start_by and scene.offer.started is None:
        facts.append(("Please begin by", known.day(*where, scene.offer.start_by)))
    return tag("dl", *(Html(tag("dt", name) + tag("dd", value)) for name, value in facts))


def _reading(scene: Scene) -> Sequence[Html]:
    if scene.offer.accepted is None:
        return ()
    return (tag("li", tag("a", "Read what was written for you", href="/offer/details")),)


@router.get("/offer/details")
async def details(request: Request) -> Response:
    """Open what was shared, once the offer is accepted; that it was opened is on the log before."""
    who = await visit(request, "offer")
    scene = await scene_of(who.parts, who.given)
    texts, _ = await opened(who.parts, who.given.principal, scene.place.referral, now())
    told = [tag("p", each.text, class_="text") for each in texts] or [tag("p", "Nothing was written.")]
    return page("What was written for you", *told, _back())


@router.post("/offer/leave")
async def leave(request: Request) -> Response:
    """End the session."""
    who = await proved(request, "offer")
    await links_of(who.parts).leave(who.text)
    answer = page("Closed", tag("p", "Nothing is open in this browser any more."))
    who.parts.people.cookies.write(answer, COOKIE["offer"], None)
    return answer


@router.get("/offer/{name}")
async def ask(request: Request, name: Name) -> Response:
    """Show what is asked for a step."""
    who = await visit(request, "offer")
    return _asked(who, _step(await scene_of(who.parts, who.given), name), Typed(), {})


@router.post("/offer/{name}")
async def do(request: Request, name: Name) -> Response:
    """Say it, and show how the offer stands then; else show what is wrong."""
    who = await proved(request, "offer")
    scene = await scene_of(who.parts, who.given)
    step, typed = _step(scene, name), await typed_of(request)
    answers = read(step.fields, typed, known.lists(who.parts, who.given.initiative))
    if answers.faults:
        return _asked(who, step, typed, answers.faults)
    data = {"offer_id": scene.offer.id, **step.shape(answers.values)}
    said = {"type": step.event, "subject": scene.place.referral, "data": data}
    refused = await say(who.parts, who.given, typed.one("once"), said)
    if refused is not None:
        return _asked(who, step, typed, {step.about: refused})
    return await _done(who)


async def _done(who: Visit) -> Response:
    try:
        await scene_of(who.parts, who.given)
    except Closed:
        thanks = "Thank you. Whoever asked is told. This link is done and opens nothing any more."
        return page("Done", tag("p", thanks))
    return redirected("/offer")


def _step(scene: Scene, name: str) -> Step:
    """Return the step, which may be said as the offer stands.  Raises ProblemError."""
    step = STEPS.get(name)
    if step is None or step not in open_steps(scene.offer):
        raise ProblemError(409, "precondition-failed")
    return step


def _asked(who: Visit, step: Step, typed: Typed, faults: Faults) -> Response:
    once = hidden("once", typed.one("once") or str(uuid4()))
    fields = shown(step.fields, typed, known.lists(who.parts, who.given.initiative), faults)
    button = tag("p", tag("button", step.title, type="submit"))
    asking = form(f"/offer/{step.name}", who.proof, once, fields, button, novalidate=True)
    body = (tag("p", step.meaning), asking, _back())
    return page(step.title, *body, status=422 if faults else 200, faults=summary(step.fields, faults))


def _back() -> Html:
    return tag("p", tag("a", "Back", href="/offer"))
