"""Whether those who read live may still do so: looked at again and again, in two statements for all of them."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from services.admission.admission import Admission
from services.gateway.access import Action, granted
from services.gateway.people.roles import held, kinds
from services.gateway.people.sessions import IDLE
from services.gateway.principal import Kind, Principal
from services.gateway.store import Keep

SQL = Path(__file__).with_name("rights.sql")
#: What a principal's credential begins with.
TOKEN, SESSION = "token:", "session:"


async def lost(
    keep: Keep, admission: Admission, readers: Iterable[Principal], action: Action = Action.FEED_READ
) -> dict[Principal, str]:
    """Return those who may do this no longer, each with the code for why; raises Away."""
    asked = set(readers)
    valid = await _valid(keep, asked)
    found: dict[Principal, str] = {}
    for who in asked:
        code = await _code(admission, who, valid, action)
        if code is not None:
            found[who] = code
    return found


async def _valid(keep: Keep, readers: Iterable[Principal]) -> Mapping[str, str | None]:
    """Return the credentials that are in force, each with what its person acts as."""
    names = {who.credential for who in readers}
    tokens = [name.removeprefix(TOKEN) for name in names if name.startswith(TOKEN)]
    sessions = [name.removeprefix(SESSION) for name in names if name.startswith(SESSION)]
    rows = await keep.fetch(SQL, "tokens", tokens) if tokens else []
    rows += await keep.fetch(SQL, "sessions", sessions, IDLE) if sessions else []
    return {row["credential"]: row["acting"] for row in rows}


async def _code(admission: Admission, who: Principal, valid: Mapping[str, str | None], action: Action) -> str | None:
    if who.credential not in valid or _left(admission, who):
        return "unauthenticated"
    now = replace(who, kind=await _kind(admission, who, valid[who.credential]))
    return None if granted(action, now) else "forbidden"


def _left(admission: Admission, who: Principal) -> bool:
    member = admission.standing(who.initiative).members.get(who.partner or "")
    return member is not None and not member.active


async def _kind(admission: Admission, who: Principal, acting: str | None) -> Kind:
    """Return what the reader is at this moment: people in a session may act as something else by now."""
    if acting is None or who.actor is None:
        return who.kind
    roles = await held(admission, who.initiative, who.partner or "", who.actor)
    may_act = kinds(admission, who.initiative, who.partner or "", roles)
    return next((kind for kind in may_act if kind == acting), Kind.STAFF)
