"""One referral in front of somebody of a partner's staff: what a page about something of it begins with."""

from collections.abc import Callable
from typing import NamedTuple

from fastapi import Request

from services.gateway.access import Action
from services.gateway.accounting import account_status
from services.gateway.pages.known import Known, known
from services.gateway.pages.staff import staff
from services.gateway.parts import Parts, parts_of
from services.gateway.principal import Principal
from services.gateway.problems import ProblemError
from services.gateway.seeing import Place, disclosed, looked
from services.gateway.sight import Sight
from services.gateway.speaking import speaker


class Seen(NamedTuple):
    """The referral, who looks at it, and what is known of the initiative at that moment."""

    parts: Parts
    who: Principal
    known: Known
    place: Place
    sight: Sight


async def seen(request: Request, referral: str, action: Action, may: Callable[[Sight, str | None], bool]) -> Seen:
    """Return the referral, once it is on record that the person sees it.

    Raises ProblemError, as if there were none, where what they see of it is nothing that their partner `may` do it of.
    """
    who = await staff(request, action)
    parts = parts_of(request)
    speaker(parts, who)
    there = await known(parts, who)
    place, sight, _ = await looked(parts, who, referral, None, there.now)
    if not may(sight, who.partner):
        raise ProblemError(404, "not-found")
    await account_status(parts, who, [disclosed(place, sight, who, ["status"], there.now)])
    return Seen(parts, who, there, place, sight)
