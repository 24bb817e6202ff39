"""Breaking the glass: sealed text about a referral's client, opened in an emergency whatever consent says.

Two persons want it, and that they did is on the log before a word of it is shown.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import orjson

from events.authority import OPERATOR, SYSTEM, partner_of
from events.catalogue import short
from projections.referral import REFERRAL
from services.admission.admission import Admission
from services.admission.caller import System
from services.gateway.opening import sought
from services.gateway.seeing import READS
from services.gateway.store import Keep, Row
from services.ops.reading import Line, Reading, serving
from services.runtime.errors import Fault
from services.runtime.settings import Settings
from services.vault.disclosure import Disclosure, Opened, Permit, Request
from services.vault.errors import KeyDestroyed, SealInvalid


class NotOnRecord(Fault):
    """That the glass is broken could not be put on record, so nothing was opened."""

    code = "not-on-record"
    hint = "Mend what the message says and try again; while Kafka does not answer nothing opens."


class NoSecond(Fault):
    """This person may not approve that the glass is broken."""

    code = "not-authorised"
    hint = "A registrar or coordinator of the backbone approves it, by the random id that the log knows them by."


class NothingSealed(Fault):
    """Nothing is sealed about this referral and its client."""

    code = "nothing-sealed"
    hint = "`manyhands timeline` shows what was said; `manyhands lag` shows whether all of it is folded."


class TextGone(Fault):
    """What was sealed does not open any more."""

    code = "text-gone"
    hint = "The person is erased, or the secrets are not those that it was sealed under."


@dataclass(frozen=True, slots=True)
class Wanted:
    """What two persons want opened, and for which purpose, as a code."""

    referral: str
    actor: str
    approver: str
    purpose: str


async def broken(settings: Settings, admission: Admission, wanted: Wanted) -> list[Line]:
    """Return every text about the referral and its client, after the record of it is on the log.

    Raises a Fault, and nothing was opened then; Away when PostgreSQL does not answer.
    """
    async with serving(settings, REFERRAL.name) as pool:
        referral = await Reading(pool).referral(wanted.referral)
        about = (referral["initiative"], referral["record"], referral["id"])
        rows = [row for row in await Keep(pool).fetch(READS, "sealed", *about) if row["sealed"] is not None]
    standing = admission.standing(referral["initiative"])
    if wanted.approver not in standing.registrars | standing.coordinators:
        raise NoSecond(f"{wanted.approver} is no registrar or coordinator of {referral['initiative']}")
    if not rows:
        raise NothingSealed(f"referral {referral['id']}")
    texts = await _opened(admission, wanted, referral, rows)
    return [_line(row, text) for row, text in zip(rows, texts, strict=True)]


async def _opened(admission: Admission, wanted: Wanted, referral: Line, rows: list[Row]) -> list[str]:
    async def permitted(_: Request) -> Permit:
        return Permit(None)

    async def publish(opened: Opened) -> None:
        caller = System(referral["initiative"], OPERATOR.removeprefix(SYSTEM))
        [result] = await admission.admit(caller, [_said(opened, wanted)])
        if result.problem is not None:
            raise NotOnRecord(f"{result.problem.code} {result.problem.pointer}".strip())

    about = (referral["initiative"], referral["record"], referral["id"])
    request = Request(*about, OPERATOR, wanted.actor, wanted.purpose, tuple(map(sought, rows)))
    try:
        return await Disclosure(admission.vault, permitted, publish).open(request)
    except (KeyDestroyed, SealInvalid) as error:
        raise TextGone(str(error)) from None


def _said(opened: Opened, wanted: Wanted) -> bytes:
    return orjson.dumps(
        {
            "id": str(uuid4()),
            "type": "disclosure.broke_glass",
            "time": datetime.now(UTC).isoformat(),
            "partitionkey": opened.request.client,
            "subject": opened.request.subject,
            "actor": wanted.actor,
            "approver": wanted.approver,
            "data": opened.data,
        }
    )


def _line(row: Row, text: str) -> dict[str, Any]:
    field = row["field"].rsplit("/", 1)[-1]
    said = {"field": field, "event": short(row["type"]), "by": partner_of(row["source"])}
    return {**said, "offer": row["offer"], "text": text}
