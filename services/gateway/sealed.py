"""Text about a person, opened for those who may read it."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Depends, Request
from msgspec import to_builtins
from msgspec.structs import replace
from pydantic import BaseModel, Field
from starlette.responses import Response

from events.authority import partner_of
from projections.referral.state import Consent
from services.gateway.access import Action
from services.gateway.agreed import recorded
from services.gateway.auth import may
from services.gateway.manual import problems
from services.gateway.naming import NameConsent, naming, naming_events
from services.gateway.opening import Basis, Legible, opened
from services.gateway.parts import Parts, parts_of
from services.gateway.principal import Principal
from services.gateway.progress import now
from services.gateway.protection import PROTECTED
from services.gateway.referrals import Name
from services.gateway.seeing import placed

router = APIRouter(tags=["sealed text"])
#: What 42 CFR 2.32(a)(2) has accompany a record of substance-use treatment.
NOTICE = "42 CFR part 2 prohibits unauthorized use or disclosure of these records."
PART_2 = "substance-use"
#: Of a consent, what it lets be done: who signed it how, and which build reads it, is of no concern to a reader.
_TERMS = (
    "id",
    "partners",
    "classes",
    "networks",
    "except_recipients",
    "purposes",
    "data_classes",
    "programme_classes",
    "redisclosure",
    "valid_from",
    "expires_at",
)


class Text(BaseModel):
    """One text in clear."""

    field: str = Field(examples=["details"])
    type: str = Field(description="The type of the event that said it, in full.")
    event: str = Field(description="That event's id on the log; of what others said, the caller's own name for it.")
    by: str | None = Field(description="The partner that wrote it.")
    of: Literal["client", "referral", "offer"]
    offer: str | None
    consent: str | None = Field(description="What lets the caller read it, by the caller's name; null for its own.")
    text: str


class Terms(BaseModel):
    """What a consent allows, as it stands now."""

    id: str
    partners: list[str] = Field(description=f"`{PROTECTED}` stands for those who are neither side of the offer.")
    classes: list[str]
    networks: list[str]
    except_recipients: list[str]
    purposes: list[str]
    data_classes: list[str]
    programme_classes: list[str]
    redisclosure: Literal["none", "with-consent", "permitted"]
    valid_from: datetime
    expires_at: datetime | None


class Texts(BaseModel):
    """What the caller may read about a referral's client."""

    texts: list[Text]
    held_back: str | None = Field(description="Why other texts stay closed; null where there are none.")
    notice: str | None = Field(description="What federal law has go with records of substance-use treatment.")
    consents: list[Terms] = Field(description="With texts of protected programmes: the consents that carry them.")


@router.get(
    "/referrals/{referral}/sealed",
    operation_id="openSealed",
    response_model=Texts,
    responses=problems(401, 403, 404, 409, 410),
)
async def open_(
    request: Request, who: Annotated[Principal, Depends(may(Action.SEALED_OPEN))], referral: Name
) -> Response:
    """Open what is sealed about a referral's client, as far as the caller may read it.

    That it was opened is on the log before the answer leaves. A recipient reads what was shared with it once it
    has accepted, while the consent is in force; its own texts a partner can always read until the person is erased.
    """
    told = await read(parts_of(request), who, referral)
    return Response(orjson.dumps(told), 200, {"Cache-Control": "no-store"}, "application/json")


async def read(parts: Parts, who: Principal, referral: str) -> dict[str, Any]:
    """Return what the caller may read, once that is on record.  Raises ProblemError when nothing opens."""
    legible, held_back = await opened(parts, who, referral, now())
    guarded = [each.basis for each in legible if each.basis.offer is not None and each.basis.offer.protected]
    consents = await _copies(parts, who, referral, guarded)
    part_2 = any(basis.offer is not None and basis.offer.programme_class == PART_2 for basis in guarded)
    named, event = naming(parts, who), naming_events(parts, who)
    return {
        "texts": [_shown(each, named) | {"event": event(each.row["source"], each.row["event"])} for each in legible],
        "held_back": held_back,
        "notice": NOTICE if part_2 else None,
        "consents": [_terms(terms, named) for terms in consents],
    }


async def _copies(parts: Parts, who: Principal, referral: str, bases: Sequence[Basis]) -> list[dict[str, Any]]:
    """Return the consents that these stand on; to whoever recorded them with all names, to others with both sides'."""
    found = {basis.consent.id: basis.consent for basis in bases if basis.consent is not None}
    if not found:
        return []
    own = await recorded(parts, who, (await placed(parts, who, referral)).record)
    sides = {who.partner, *(basis.offer.recipient for basis in bases if basis.offer is not None)}
    return [to_builtins(each if each.id in own else _veiled(each, sides)) for each in found.values()]


def _veiled(consent: Consent, sides: Collection[str | None]) -> Consent:
    """Return the consent with nobody else named in it: all of them would be known to deal with such a programme."""

    def told(names: Iterable[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(each if each in sides else PROTECTED for each in names))

    return replace(consent, partners=told(consent.partners), except_recipients=told(consent.except_recipients))


def _shown(legible: Legible, named: NameConsent) -> dict[str, Any]:
    row, basis = legible.row, legible.basis
    return {
        "field": row["field"].rsplit("/", 1)[-1],
        "type": row["type"],
        "by": partner_of(row["source"]),
        "of": "offer" if row["offer"] else "referral" if row["referral"] else "client",
        "offer": row["offer"],
        "consent": basis.consent_id and named(basis.consent_id),
        "text": legible.text,
    }


def _terms(consent: dict[str, Any], named: NameConsent) -> dict[str, Any]:
    usual: dict[str, Any] = dict.fromkeys(_TERMS[1:8], ()) | {"expires_at": None}
    return usual | {name: consent[name] for name in _TERMS if name in consent} | {"id": named(consent["id"])}
