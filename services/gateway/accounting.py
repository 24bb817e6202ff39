"""What is shown about a person is put on record first: nothing is answered before the log has it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from uuid import uuid4

import orjson

from events.disclosure import THEMSELF
from services.admission.caller import System
from services.admission.problem import UNKNOWN
from services.gateway.access import Action, granted
from services.gateway.parts import Parts
from services.gateway.principal import Kind, Principal
from services.gateway.problems import log_unavailable
from services.gateway.progress import now

#: The part of the system that says so.
READER = "gateway"
#: What a reading is for where no offer says it.
PURPOSE = "care"


class Shown(NamedTuple):
    """Something about a client that a caller is about to be shown."""

    client: str
    #: The referral, or the client.
    subject: str
    #: Names of what is shown, as codes.
    fields: Sequence[str]
    purpose: str
    #: The consent relied on; None where the caller's own part lets it see.
    consent_id: str | None = None


async def account(parts: Parts, who: Principal, shown: Iterable[Shown]) -> None:
    """Return when every disclosure is kept on the log.  Raises ProblemError when that is not certain."""
    await _put_on_record(parts, who, [_said(who, each) for each in shown])


async def account_export(parts: Parts, who: Principal, columns: Sequence[str], filters: Sequence[str]) -> None:
    """Do as `account` of a file that is about to leave: what is in it, and what narrowed it."""
    reader = who.partner or ""
    data = {"reader": reader, "purpose": PURPOSE, "fields": list(columns), "filters": list(filters)}
    await _put_on_record(parts, who, [_row(who, "disclosure.exported", (reader, reader), data)])


async def _put_on_record(parts: Parts, who: Principal, rows: Sequence[bytes]) -> None:
    if not rows:
        return
    for result in await parts.admission.admit(System(who.initiative, READER), rows):
        if result.problem is not None and result.problem.code != UNKNOWN:
            raise RuntimeError(f"a disclosure was turned away: {result.problem.code}")
        if result.problem is not None:
            raise log_unavailable()


async def account_status(parts: Parts, who: Principal, shown: Iterable[Shown]) -> None:
    """Do as `account` where the table asks for it when this caller reads how referrals stand."""
    grant = granted(Action.REFERRAL_READ, who)
    if grant is not None and grant.disclosed:
        await account(parts, who, shown)


def _said(who: Principal, shown: Shown) -> bytes:
    reader = THEMSELF if who.kind is Kind.CLIENT else who.partner
    data: dict[str, object] = {"reader": reader, "purpose": shown.purpose, "fields": list(shown.fields)}
    if shown.consent_id is not None:
        data["consent_id"] = shown.consent_id
    if who.made_by is not None:
        data["link_by"] = who.made_by
    return _row(who, "disclosure.opened", (shown.client, shown.subject), data)


def _row(who: Principal, name: str, about: tuple[str, str], data: Mapping[str, object]) -> bytes:
    """Return what is said about a record key and a subject under it."""
    said: dict[str, object] = {
        "id": str(uuid4()),
        "type": name,
        "time": now().isoformat(),
        "partitionkey": about[0],
        "subject": about[1],
        "data": data,
    }
    if who.actor is not None:
        said["actor"] = who.actor
    return orjson.dumps(said)
