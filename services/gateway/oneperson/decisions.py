"""What two persons decide of a request to link or unlink two ids: by the API and on pages alike."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal
from uuid import UUID

from services.gateway.oneperson.requests import LinkRequest, LinkRequests
from services.gateway.oneperson.saying import say
from services.gateway.parts import Parts
from services.gateway.principal import Principal
from services.gateway.problems import ProblemError

Reason = Literal["no-reasons", "not-convinced", "by-mistake", "other"]
#: Why a request is refused, as people read it.
REASONS: Mapping[str, str] = MappingProxyType(
    {
        "no-reasons": "The organisation that asked gave no reasons",
        "not-convinced": "Its reasons do not convince",
        "by-mistake": "It was asked for by mistake",
        "other": "Another reason",
    }
)


async def found(parts: Parts, who: Principal, link: UUID) -> LinkRequest:
    """Return one of the initiative's requests.  Raises ProblemError."""
    asked = await LinkRequests(parts.keep).find(who.initiative, str(link))
    if asked is None:
        raise ProblemError(404, "not-found")
    return asked


def may_approve(parts: Parts, asked: LinkRequest, person: str) -> bool:
    """Say whether this person may be one of the two: not who asked, nor twice the same.

    What the backbone's own token asked for is nobody's: whoever did may be the very person who approves.
    """
    unsigned = asked.person is None and asked.partner == parts.admission.standing(asked.initiative).backbone
    return not unsigned and person not in (asked.person, asked.first_by)


async def approved(parts: Parts, who: Principal, person: str, link: UUID, seconds: float) -> tuple[LinkRequest, bool]:
    """Approve as one of two persons; with the second one it is said under both ids, and what came of it waited for.

    Returns how the request stands, and whether the rulings are known as far as there are any.  Raises ProblemError.
    """
    requests, asked, known = LinkRequests(parts.keep), await found(parts, who, link), True
    if asked.state == "waiting":
        if not may_approve(parts, asked, person):
            raise ProblemError(403, "second-person-required")
        taken = await requests.approve(asked, person)
        asked = await found(parts, who, link)
        # Of one person's two presses at once the other one counted: the approval stands.
        if not taken and person not in (asked.first_by, asked.second_by):
            raise _late()
    if asked.state == "approved":
        ended = await say(parts, who, asked, seconds)
        known = ended is not None
        if ended is not None:
            await requests.published(asked, *ended)
        asked = await found(parts, who, link)
    if asked.state in ("refused", "expired"):
        raise _late()
    return asked, known


async def refused(parts: Parts, who: Principal, person: str, link: UUID, reason: str | None = None) -> LinkRequest:
    """Refuse what still waits; one person is enough.  Raises ProblemError."""
    if not await LinkRequests(parts.keep).refuse(await found(parts, who, link), person, reason):
        raise _late()
    return await found(parts, who, link)


def _late() -> ProblemError:
    return ProblemError(409, "precondition-failed", "the request does not wait any more")
