"""Whether a caller's partner may say anything about single people, as admission would ask."""

from services.admission.caller import Partner
from services.gateway.parts import Parts
from services.gateway.principal import Principal
from services.gateway.problems import ProblemError


def speaker(parts: Parts, who: Principal) -> Partner:
    """Return the caller as admission knows it.  Raises ProblemError when its partner may not speak of clients."""
    member = parts.admission.standing(who.initiative).members.get(who.partner or "")
    if who.partner is None or member is None:
        raise ProblemError(403, "wrong-initiative")
    if not member.active:
        raise ProblemError(403, "not-authorised")
    if member.aggregate_only:
        raise ProblemError(403, "aggregate-only")
    if not member.agreed:
        raise ProblemError(403, "agreement-missing")
    return Partner(who.initiative, who.partner, who.actor, door="http")
