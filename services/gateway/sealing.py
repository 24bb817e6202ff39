"""Trading text about a person for its sealed form, which may then be said wherever clear text may not."""

import re
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from events import topics
from events.catalogue import NAMES, TOPIC_OF
from events.door import EACH, PLACES
from events.fields import ClearText, Sealed
from events.spoken import EmittedId, IdOrOwn
from projections.referral.state import decode_referral
from services.admission.caller import Partner
from services.admission.resolve import NAMING_CLIENT
from services.gateway.access import Action
from services.gateway.auth import may
from services.gateway.manual import problems
from services.gateway.parts import Parts, parts_of
from services.gateway.principal import Principal
from services.gateway.problems import ProblemError
from services.gateway.progress import PROJECTION
from services.gateway.seeing import READS, Place, taking_part
from services.gateway.speaking import speaker
from services.gateway.store import NotServed
from services.vault.errors import TextUnfit
from services.vault.sealing import SealPlace, masked, seal

router = APIRouter(tags=["sealed text"])


class Clear(BaseModel):
    """Text about a person, and the one place of one event that it is for."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    id: EmittedId = Field(description="The id that the caller will give the event.", examples=["case-4711-1"])
    type: str = Field(max_length=120, description="The event's type, in full or in short.")
    client: IdOrOwn | None = Field(None, description="The client, as the event will name it.")
    subject: IdOrOwn | None = Field(None, description="The referral, where the event will name no client.")
    pointer: str = Field(max_length=200, examples=["/data/details"], description="JSON pointer of the place.")
    text: ClearText


class SealedShown(BaseModel):
    """The text as it may stand in that place, and in no other."""

    sealed: Sealed


@router.post("/sealed", operation_id="sealText", responses=problems(401, 403, 404))
async def seal_(
    request: Request, who: Annotated[Principal, Depends(may(Action.SEALED_MAKE))], clear: Clear
) -> SealedShown:
    """Seal text about a person for one place of one event that the caller is about to send.

    Nothing is published. What comes back is accepted from this caller alone, in an event of this id and type.
    Its `kid` is another for each place: it says nothing of whose text it is.
    """
    parts = parts_of(request)
    caller = speaker(parts, who)
    type_ = _type(clear)
    record = await _record(parts, who, caller, type_, clear)
    key = (await parts.vault.keys(who.initiative, [record])).get(record)
    if key is None:
        raise ProblemError(404, "not-found", pointer="/client")
    event = parts.admission.naming.event(who.initiative, caller.source, clear.id)
    place = SealPlace(who.initiative, record, caller.source, event, type_, clear.pointer)
    try:
        return SealedShown(sealed=masked(key, place, seal(key, place, clear.text)))
    except TextUnfit:
        raise ProblemError(422, "invalid-value", pointer="/text") from None


def _type(clear: Clear) -> str:
    """Return the full type.  Raises ProblemError when there is no such type, or it takes no sealed text there."""
    full = NAMES.get(clear.type)
    if full is None:
        raise ProblemError(422, "unknown-type", pointer="/type")
    if TOPIC_OF[full] is not topics.CASES or not any(_is(clear.pointer, path) for path in _texts(full)):
        raise ProblemError(422, "unknown-field", "this event takes no text about a person there", pointer="/pointer")
    return full


def _texts(full: str) -> list[tuple[str, ...]]:
    return [place.path for place in PLACES[full] if place.marker is Sealed]


def _is(pointer: str, path: tuple[str, ...]) -> bool:
    steps = ["0|[1-9][0-9]{0,3}" if step == EACH else re.escape(step) for step in path]
    return re.fullmatch("/data" + "".join(f"/(?:{step})" for step in steps), pointer) is not None


async def _record(parts: Parts, who: Principal, caller: Partner, full: str, clear: Clear) -> str:
    """Return whose text it is.  Raises ProblemError, the same for what is unknown and what is others'."""
    if full in NAMING_CLIENT:
        if clear.client is None:
            raise ProblemError(422, "missing-field", pointer="/client")
        found = await parts.vault.find(who.initiative, caller.partner, [clear.client])
        if clear.client not in found:
            raise ProblemError(404, "not-found", pointer="/client")
        return found[clear.client]
    if clear.subject is None:
        raise ProblemError(422, "missing-field", pointer="/subject")
    place = await taking_part(parts, who, clear.subject, "/subject")
    if not await _is_side(parts, who, place):
        raise ProblemError(404, "not-found", pointer="/subject")
    return place.record


async def _is_side(parts: Parts, who: Principal, place: Place) -> bool:
    """Say whether the partner sent the referral or was asked by name, as far as it is folded.

    A member of a class that was asked is told of nobody's key: it would say whose need that is.
    """
    try:
        async with parts.keep.snapshot(PROJECTION, who.initiative) as transaction:
            row = await transaction.one(READS, "one", who.initiative, place.record, place.referral)
    except NotServed:
        row = None
    if row is None:
        return True
    referral = decode_referral(row["state"])
    return who.partner in (referral.sender, *(each.recipient for each in referral.offers))
