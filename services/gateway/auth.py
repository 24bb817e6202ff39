"""Who is calling, and whether they may: what every route asks first."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request

from services.admission.admission import Admission
from services.gateway import shares
from services.gateway.access import Action, granted
from services.gateway.feeds.tickets import by_ticket
from services.gateway.limits import ADDRESS, LEFT
from services.gateway.parts import parts_of
from services.gateway.people.roles import suspended
from services.gateway.people.way import by_session
from services.gateway.principal import NOBODY, Kind, Principal
from services.gateway.problems import ProblemError
from services.gateway.tokens import Holder

UNAUTHENTICATED = "unauthenticated"
CHALLENGE = {"WWW-Authenticate": 'Bearer realm="manyhands"'}
#: A way to know a caller: the principal, or None when the request does not claim to come this way.
#: Raises ProblemError when it does and the claim does not hold.
Way = Callable[[Request], Awaitable[Principal | None]]


def unauthenticated() -> ProblemError:
    """Return the problem of a claim that does not hold, or of one that is missing."""
    return ProblemError(401, UNAUTHENTICATED, headers=CHALLENGE)


async def by_token(request: Request) -> Principal | None:
    """Know a caller by `Authorization: Bearer`."""
    claimed = request.headers.getlist("authorization")
    if not claimed:
        return None
    scheme, _, text = claimed[0].partition(" ")
    if len(claimed) > 1 or scheme.lower() != "bearer":
        raise unauthenticated()
    parts = parts_of(request)
    found = await parts.tokens.holder(text.strip())
    if found is None:
        raise unauthenticated()
    prefix, holder = found
    await parts.admission.catch_up()
    if suspended(parts.admission, holder.initiative, holder.partner):
        raise unauthenticated()
    return principal(parts.admission, prefix, holder)


#: Asked in this order; the first that answers says who it is.
WAYS: tuple[Way, ...] = (by_token, by_ticket, by_session)


async def caller(request: Request) -> Principal:
    """Return who is calling; NOBODY when nothing is claimed.

    Raises ProblemError when a claim does not hold, and when there were too many requests or such claims.
    """
    limits = parts_of(request).limits
    state = request.scope["state"]
    for way in WAYS:
        try:
            found = await way(request)
        except ProblemError as error:
            if error.code == UNAUTHENTICATED:
                limits.check(limits.failures, state[ADDRESS])
            raise
        if found is not None:
            noted(request, found)
            return found
    return NOBODY


def noted(request: Request, who: Principal) -> None:
    """Note who is calling, for limits and the line that is logged.  Raises ProblemError after too many requests."""
    limits = parts_of(request).limits
    state = request.scope["state"]
    state["credential"] = who.credential
    shares.known(state, who)
    state[LEFT] = limits.check(limits.caller, who.credential)


def may(action: Action) -> Callable[[Principal], Awaitable[Principal]]:
    """Return what a route depends on to have a caller that may do this: 401 for nobody, 403 for others who may not."""

    async def permitted(who: Annotated[Principal, Depends(caller)]) -> Principal:
        if granted(action, who) is not None:
            return who
        raise unauthenticated() if who.kind is Kind.PUBLIC else ProblemError(403, "forbidden")

    permitted.__name__ = f"may_{action.name.lower()}"
    return permitted


def principal(admission: Admission, prefix: str, holder: Holder) -> Principal:
    """Return whom a token stands for: a partner's system, or one of its people in the role that they hold now."""
    kind = Kind.PARTNER_SYSTEM if holder.person is None else role(admission, holder)
    return Principal(kind, holder.initiative, holder.partner, holder.person, holder.scopes, f"token:{prefix}")


def role(admission: Admission, holder: Holder) -> Kind:
    """Return what a partner's person is to the initiative, as the log says now."""
    standing = admission.standing(holder.initiative)
    if holder.partner == standing.backbone and holder.person in standing.registrars:
        return Kind.REGISTRAR
    if holder.person in standing.coordinators:
        return Kind.COORDINATOR
    return Kind.STAFF
