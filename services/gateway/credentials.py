"""Tokens over HTTP: a partner's own administrator manages its systems' tokens, a registrar everybody's.

Where a partner has an administrator, though, a registrar gives its systems no token that reads.
"""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel, Field

from events.fields import PartnerId
from services.admission.directory import ADMINISTRATOR
from services.gateway.access import ACCESS, Action
from services.gateway.auth import may
from services.gateway.manual import problems
from services.gateway.parts import Parts, parts_of
from services.gateway.people.persons import Persons
from services.gateway.people.roles import held
from services.gateway.principal import Kind, Principal
from services.gateway.problems import ProblemError
from services.gateway.tokens import AlreadyReplaced, Holder, Issued, Listed

router = APIRouter(tags=["tokens"])
Manager = Annotated[Principal, Depends(may(Action.TOKEN_MANAGE))]
Prefix = Annotated[str, Path(pattern=r"^[a-z]{8}$", description="The eight letters between its two underlines.")]
#: What a partner's system may be given.
SCOPES = frozenset(action.value for action, row in ACCESS.items() if Kind.PARTNER_SYSTEM in row)
#: What of it shows what people and partners said to one another.
READING = frozenset({Action.REFERRAL_READ, Action.SEALED_OPEN, Action.FEED_READ})


class Wanted(BaseModel, extra="forbid"):
    """A token for a partner's system."""

    partner: PartnerId
    scopes: list[str] = Field(min_length=1, max_length=len(SCOPES), examples=[["event.post", "referral.read"]])
    days: int = Field(365, ge=1, le=730, strict=True)


class Renewal(BaseModel, extra="forbid"):
    """How long the next token and the one before it are valid."""

    days: int = Field(365, ge=1, le=730, strict=True)
    overlap_hours: int = Field(168, ge=0, le=720, strict=True)


class IssuedShown(BaseModel):
    """A token that was just made."""

    token: str = Field(description="Shown here and never again.")
    prefix: str
    expires: datetime


class TokenShown(BaseModel):
    """A token without its text."""

    prefix: str
    partner: str
    person: str | None = Field(None, description="The person on whose behalf it speaks, by random id.")
    scopes: list[str]
    issued: datetime
    expires: datetime
    revoked: datetime | None = None
    replaces: str | None = None


class TokensShown(BaseModel):
    """Tokens, the oldest first."""

    tokens: list[TokenShown]


@router.get("/tokens", operation_id="listTokens", responses=problems(401, 403))
async def tokens(request: Request, who: Manager) -> TokensShown:
    """List the tokens that the caller manages, with those that ended."""
    return TokensShown(tokens=[_shown(each) for each in await _managed(request, who)])


@router.post("/tokens", operation_id="issueToken", status_code=201, responses=problems(401, 403, 404))
async def issue(request: Request, who: Manager, wanted: Wanted) -> IssuedShown:
    """Issue a token to a partner's system; its text is shown in the answer and never again."""
    await _manages(request, who)
    parts = parts_of(request)
    if who.kind is not Kind.REGISTRAR and wanted.partner != who.partner:
        raise ProblemError(404, "not-found")
    if wanted.partner not in parts.admission.standing(who.initiative).members:
        raise ProblemError(404, "not-found")
    scopes = frozenset(wanted.scopes)
    if scopes - SCOPES or not _gives(who, scopes):
        raise ProblemError(403, "forbidden", "these scopes are not the caller's to give")
    await _left(parts, who, wanted.partner, scopes)
    holder = Holder(who.initiative, wanted.partner, None, scopes)
    return _told(await parts.tokens.issue(holder, timedelta(days=wanted.days), by=who.actor))


@router.post(
    "/tokens/{prefix}/rotate",
    operation_id="rotateToken",
    status_code=201,
    responses=problems(401, 403, 404, 409),
)
async def rotate(request: Request, who: Manager, prefix: Prefix, renewal: Renewal) -> IssuedShown:
    """Issue a token in another's place; both are valid for a while."""
    token = await _one(request, who, prefix)
    if token.person is not None or not _gives(who, frozenset(token.scopes)):
        # It speaks for somebody else, or may do what the caller may not.
        raise ProblemError(403, "forbidden")
    await _left(parts_of(request), who, token.partner, frozenset(token.scopes))
    days, hours = timedelta(days=renewal.days), timedelta(hours=renewal.overlap_hours)
    try:
        issued = await parts_of(request).tokens.rotate(prefix, days, hours, by=who.actor)
    except AlreadyReplaced as replaced:
        raise ProblemError(409, replaced.code) from None
    if issued is None:
        raise ProblemError(404, "not-found")
    return _told(issued)


@router.post("/tokens/{prefix}/revoke", operation_id="revokeToken", responses=problems(401, 403, 404))
async def revoke(request: Request, who: Manager, prefix: Prefix) -> TokenShown:
    """Take a token back; it is worth nothing from now on."""
    await _one(request, who, prefix)
    await parts_of(request).tokens.revoke(prefix, by=who.actor)
    return _shown(await _one(request, who, prefix))


async def _manages(request: Request, who: Principal) -> None:
    """Raise ProblemError unless the caller is a registrar, or administers its own partner by the log."""
    if who.kind is Kind.REGISTRAR:
        return
    if who.partner is None or who.actor is None:
        raise ProblemError(403, "forbidden")
    roles = await held(parts_of(request).admission, who.initiative, who.partner, who.actor)
    if ADMINISTRATOR not in roles:
        raise ProblemError(403, "forbidden")


async def _managed(request: Request, who: Principal) -> list[Listed]:
    await _manages(request, who)
    return await parts_of(request).tokens.list(who.initiative, None if who.kind is Kind.REGISTRAR else who.partner)


async def _one(request: Request, who: Principal, prefix: str) -> Listed:
    """Return a token that the caller manages; others look as if there were none."""
    for each in await _managed(request, who):
        if each.prefix == prefix:
            return each
    raise ProblemError(404, "not-found")


async def _left(parts: Parts, who: Principal, partner: str, scopes: frozenset[str]) -> None:
    """Raise ProblemError where a registrar would read as another partner whose own administrator sees to that."""
    if who.kind is not Kind.REGISTRAR or partner == who.partner or not scopes & READING:
        return
    administrators = parts.admission.standing(who.initiative).administrators.get(partner, frozenset())
    if administrators - await Persons(parts.keep).ended(administrators):
        raise ProblemError(403, "partner-administers")


def _gives(who: Principal, scopes: frozenset[str]) -> bool:
    """Say whether the caller may do all of this: a token makes none that may do more than itself."""
    return not who.scopes or scopes <= who.scopes


def _told(issued: Issued) -> IssuedShown:
    return IssuedShown(token=issued.text, prefix=issued.prefix, expires=issued.expires)


def _shown(token: Listed) -> TokenShown:
    return TokenShown(
        prefix=token.prefix,
        partner=token.partner,
        person=token.person,
        scopes=list(token.scopes),
        issued=token.issued,
        expires=token.expires,
        revoked=token.revoked,
        replaces=token.replaces,
    )
