"""The page on which people see who they are here, choose what they act as, and end their sessions."""

from collections.abc import Sequence
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.gateway.access import Action, granted
from services.gateway.pages.html import NOTHING, Html, form, hidden, page, tag
from services.gateway.pages.route import PageRoute
from services.gateway.pages.signing import redirected
from services.gateway.pages.staff import ME, ONE_PERSON, WORK, ways
from services.gateway.parts import parts_of
from services.gateway.people import cookies
from services.gateway.people.cookies import SESSION
from services.gateway.people.sessions import Listed
from services.gateway.people.way import Somebody, somebody
from services.gateway.principal import Kind
from services.gateway.problems import ProblemError

router = APIRouter(route_class=PageRoute, include_in_schema=False)
_ACTING = {
    Kind.STAFF: "Staff of your organisation",
    Kind.COORDINATOR: "Coordinator of the initiative",
    Kind.REGISTRAR: "Registrar of the initiative",
    Kind.AUDITOR: "Auditor",
}


@router.get("/me")
async def me(request: Request) -> Response:
    """Show somebody to themselves."""
    who = await somebody(request)
    if who is None:
        return redirected("/signin")
    people = parts_of(request).people
    sessions = await people.sessions.list(who.session.person)
    return shown(who, sessions, people.cookies.proof(who.text))


def shown(who: Somebody, sessions: Sequence[Listed], proof: str) -> Response:
    """Return the page."""
    facts = (
        ("Initiative", who.session.initiative),
        ("Organisation", who.session.partner),
        ("Your id in the records", who.session.person),
        ("Roles", ", ".join(sorted(who.roles)) or "none beyond staff"),
        ("You act as", _ACTING[who.principal.kind]),
    )
    said = Html("".join(tag("dt", name) + tag("dd", value) for name, value in facts))
    leave = form("/signout", proof, tag("button", "Sign out", type="submit"))
    body = (*_begin(who), tag("dl", said), *_choices(who, proof), *_sessions(who, sessions, proof), leave)
    return page("You are signed in", *body, nav=ways(ME) if _is_staff(who) else NOTHING)


def _is_staff(who: Somebody) -> bool:
    return who.principal.kind is Kind.STAFF


def _begin(who: Somebody) -> Sequence[Html]:
    if granted(Action.CLIENT_LINK_DECIDE, who.principal) is not None:
        return (tag("p", tag("a", "Decide whether records are one person's", href=ONE_PERSON, class_="button")),)
    if not _is_staff(who):
        return ()
    return (tag("p", tag("a", "Go to my worklist", href=WORK, class_="button")),)


def _choices(who: Somebody, proof: str) -> Sequence[Html]:
    if len(who.kinds) == 1:
        return ()
    chosen = who.principal.kind
    lines = [
        tag(
            "label",
            tag("input", type="radio", name="acting", value=kind, checked=kind is chosen, id=f"acting-{kind}"),
            _ACTING[kind],
            for_=f"acting-{kind}",
            class_="choice",
        )
        for kind in who.kinds
    ]
    asked = tag("fieldset", tag("legend", "Act as"), *lines)
    return (form("/me/acting", proof, asked, tag("button", "Change", type="submit", class_="quiet")),)


def _sessions(who: Somebody, sessions: Sequence[Listed], proof: str) -> Sequence[Html]:
    lines = [_session(who, each, proof) for each in sessions]
    return tag("h2", "Where you are signed in"), tag("ul", *lines, role="list")


def _session(who: Somebody, each: Listed, proof: str) -> Html:
    since = tag("time", f"{each.opened:%Y-%m-%d %H:%M} UTC", datetime=each.opened.isoformat())
    if each.session == who.session.session:
        return tag("li", "Since ", since, ": this one")
    say = f"End the session of {each.opened:%Y-%m-%d %H:%M} UTC"
    end = tag("button", "End it", type="submit", class_="quiet", aria_label=say)
    return tag("li", "Since ", since, form("/me/sessions", proof, hidden("session", each.session), end))


@router.post("/me/acting")
async def act(request: Request) -> Response:
    """Take on one of the roles that the person holds."""
    who = await _proved(request)
    acting = (await cookies.form(request)).get("acting", "")
    if acting not in who.kinds:
        raise ProblemError(403, "forbidden")
    await parts_of(request).people.sessions.act(who.session.session, acting)
    return redirected("/me")


@router.post("/me/sessions")
async def end(request: Request) -> Response:
    """End one of the person's own sessions."""
    who = await _proved(request)
    try:
        session = str(UUID((await cookies.form(request)).get("session", "")))
    except ValueError:
        raise ProblemError(400, "bad-request") from None
    await parts_of(request).people.sessions.end(session, who.session.person)
    return redirected("/me")


@router.post("/signout")
async def leave(request: Request) -> Response:
    """End this session."""
    who = await _proved(request)
    people = parts_of(request).people
    await people.sessions.end(who.session.session, who.session.person)
    answer = redirected("/signin")
    people.cookies.write(answer, SESSION, None)
    return answer


async def _proved(request: Request) -> Somebody:
    """Return who is signed in.  Raises ProblemError for nobody, and for a form that is not from our page."""
    who = await somebody(request)
    if who is None:
        raise ProblemError(401, "unauthenticated")
    await parts_of(request).people.cookies.check(request, who.text)
    return who
