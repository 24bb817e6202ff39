"""Knowing a person by their session: who they are, and what they act as, as the log says at this moment."""

from dataclasses import dataclass

from fastapi import Request

from services.gateway.parts import parts_of
from services.gateway.people.cookies import SAFE, SESSION
from services.gateway.people.roles import held, kinds, takes_part
from services.gateway.people.sessions import Session
from services.gateway.principal import Kind, Principal

#: What a principal's credential begins with when it is a session.
PREFIX = "session:"


@dataclass(frozen=True, slots=True)
class Somebody:
    """A person with a session in force."""

    session: Session
    #: The cookie's text.
    text: str
    roles: frozenset[str]
    kinds: tuple[Kind, ...]

    @property
    def principal(self) -> Principal:
        """Whom they act as: what they chose, as long as they hold the role."""
        chosen = next((kind for kind in self.kinds if kind == self.session.acting), Kind.STAFF)
        of = self.session
        return Principal(chosen, of.initiative, of.partner, of.person, frozenset(), PREFIX + of.session)


async def somebody(request: Request) -> Somebody | None:
    """Return who is signed in; None when nobody is, or when their partner takes no part at present."""
    parts = parts_of(request)
    text = parts.people.cookies.read(request, SESSION)
    session = await parts.people.sessions.find(text) if text else None
    if text is None or session is None:
        return None
    await parts.admission.catch_up()
    named = (session.initiative, session.partner)
    if not takes_part(parts.admission, *named):
        return None
    roles = await held(parts.admission, *named, session.person)
    return Somebody(session, text, roles, kinds(parts.admission, *named, roles))


async def by_session(request: Request) -> Principal | None:
    """Know a caller by their session's cookie.

    Raises ProblemError when the request would change something and does not come from a page of our own.
    """
    found = await somebody(request)
    if found is None:
        return None
    if request.method not in SAFE:
        await parts_of(request).people.cookies.check(request, found.text)
    request.state.somebody = found
    return found.principal
