"""Who may say what, before anything is looked up in the event itself."""

import re
from datetime import timedelta

from events import topics
from events.authority import AUTHORITY, INIT, SECOND_PERSON_ROLES, TIMEKEEPER, Authority, Who
from events.catalogue import TOPIC_OF
from events.fields import UUID_PATTERN
from services.admission.caller import ClientLink, Link, Partner, System
from services.admission.context import Context
from services.admission.parse import Parsed
from services.admission.problem import TurnedAway
from services.admission.standing import Standing

#: How far a caller's clock may be ahead, and how far back an event may lie without a reason.
AHEAD = timedelta(minutes=5)
BACK = timedelta(days=35)
ROLE_ASSIGNED = "org.manyhands.partner.role_assigned.v1"
_PERSON = re.compile(UUID_PATTERN)


#: What parts of this system say besides, and what no partner can be.
_IN_PROCESS = frozenset({(Who.REGISTRAR, INIT), (Who.CLOCK, TIMEKEEPER)})
_NO_PARTNER = frozenset({Who.SYSTEM, Who.CLOCK, Who.LINK, Who.CLIENT})


def authorise(context: Context, parsed: Parsed) -> str | None:
    """Check everything that depends on the caller alone, and return the person who says it, if known.

    Raises TurnedAway.
    """
    _own(context, parsed)
    if parsed.type not in context.supported:
        raise TurnedAway("not-supported-yet", "/type")
    _standing(context, parsed)
    _seconded(context, parsed)
    row = AUTHORITY[parsed.type]
    if not any(_entitled(context, parsed, who) for who in row.all):
        raise TurnedAway("not-authorised")
    actor = _actor(context, parsed)
    _second(parsed, row, actor)
    _timely(context, parsed)
    return actor


def _own(context: Context, parsed: Parsed) -> None:
    said, caller = parsed.said, context.caller
    if said.source is not None and said.source != caller.source:
        raise TurnedAway("foreign-source", "/source")
    if said.initiative is not None and said.initiative != caller.initiative:
        raise TurnedAway("wrong-initiative", "/initiative")
    if said.partitionkey is not None and not isinstance(caller, System):
        raise TurnedAway("reserved-field", "/partitionkey")


def _standing(context: Context, parsed: Parsed) -> None:
    if isinstance(context.caller, System):
        if not context.standing.is_open and context.caller.source != INIT:
            raise TurnedAway("wrong-initiative")
        return
    if isinstance(context.caller, ClientLink):
        if not context.standing.is_open:
            raise TurnedAway("wrong-initiative")
        return
    member = context.standing.members.get(context.caller.partner)
    if member is None or not context.standing.is_open:
        raise TurnedAway("wrong-initiative")
    if not member.active:
        raise TurnedAway("not-authorised")
    if TOPIC_OF[parsed.type] is not topics.CASES:
        return
    if member.aggregate_only:
        raise TurnedAway("aggregate-only")
    if not member.agreed:
        raise TurnedAway("agreement-missing")


def _entitled(context: Context, parsed: Parsed, who: Who) -> bool:
    caller = context.caller
    if isinstance(caller, System):
        return who is Who.SYSTEM or (who, caller.source) in _IN_PROCESS
    if isinstance(caller, Link):
        return who is Who.LINK
    if isinstance(caller, ClientLink):
        return who is Who.CLIENT
    if who in _NO_PARTNER:
        return False
    if who is Who.REGISTRAR:
        return caller.as_registrar and _registers(context.standing, caller)
    return who is not Who.SELF or parsed.said.subject in (None, caller.partner)


def _registers(standing: Standing, caller: Partner) -> bool:
    return caller.partner == standing.backbone and caller.actor in standing.registrars


def _actor(context: Context, parsed: Parsed) -> str | None:
    said, caller = parsed.said, context.caller
    known = caller.actor if isinstance(caller, Partner) else None
    if known is not None and not _PERSON.fullmatch(known):
        # It would stand on the log for ever, and people give names where ids are asked for.
        raise TurnedAway("invalid-value", "/actor")
    nobody = isinstance(caller, Link | ClientLink)
    if (known is not None or nobody) and said.actor not in (None, known):
        raise TurnedAway("not-authorised", "/actor")
    return said.actor or known


def _seconded(context: Context, parsed: Parsed) -> None:
    """Take nobody's word for who approved, but where whoever holds the deployment's secrets says it."""
    caller, said = context.caller, parsed.said.approver
    seen = caller.approver if isinstance(caller, Partner) else None
    if caller.door not in ("cli", "system") and said not in (None, seen):
        raise TurnedAway("second-person-required", "/approver")


def _second(parsed: Parsed, row: Authority, actor: str | None) -> None:
    coordinator = parsed.type == ROLE_ASSIGNED and parsed.data["role"] in SECOND_PERSON_ROLES
    if not (row.second or coordinator):
        return
    if actor is None or parsed.said.approver in (None, actor):
        raise TurnedAway("second-person-required", "/approver")


def _timely(context: Context, parsed: Parsed) -> None:
    if parsed.time > context.now + AHEAD:
        raise TurnedAway("time-in-future", "/time")
    if context.backfill is not None:
        window = context.standing.windows.get(context.backfill)
        partner = context.caller.partner if isinstance(context.caller, Partner) else ""
        if window is None or not window.covers(partner, parsed.time):
            raise TurnedAway("outside-backfill", "/time")
    elif parsed.time < context.now - BACK and parsed.said.latereason is None and isinstance(context.caller, Partner):
        # A part of this system has no reason but that it was away: what was due then is still said of then.
        raise TurnedAway("late-without-reason", "/latereason")
