"""Links over HTTP: made by the sender of an offer or by whoever serves a client, listed, and revoked."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from events.fields import UUID_PATTERN
from events.spoken import UUID_OR_OWN
from services.gateway.access import Action
from services.gateway.auth import may
from services.gateway.links.addresses import Addresses
from services.gateway.links.given import Listed
from services.gateway.links.making import LONGEST_DAYS, ForClient, New, mailing, maker, to_client, to_offer
from services.gateway.links.visit import links_of
from services.gateway.manual import problems
from services.gateway.parts import Parts, parts_of
from services.gateway.people.address import LONGEST, spelled
from services.gateway.principal import Principal
from services.gateway.problems import ProblemError
from services.gateway.progress import now
from services.gateway.seeing import looked, taking_part
from services.gateway.speaking import speaker

router = APIRouter(tags=["links"])
Maker_ = Annotated[Principal, Depends(may(Action.LINK_MAKE))]
Setter = Annotated[Principal, Depends(may(Action.ADDRESS_SET))]


class ToOffer(BaseModel):
    """A link to an offer that the caller sent, for the partner that it was made to."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    kind: Literal["offer"]
    referral: str = Field(pattern=UUID_OR_OWN, max_length=132, description="The referral's id, or `own:<id>`.")
    offer: str = Field(pattern=UUID_PATTERN, description="The offer's id on the log.")
    token: str | None = Field(None, max_length=512, description="Of the answer to the offer's POST.")


class ToClient(BaseModel):
    """A client's own link, made by a partner that has a name for them."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    kind: Literal["client"]
    client: str = Field(pattern=UUID_OR_OWN, max_length=132, description="`own:<id>`, or the caller's alias.")
    email: str = Field(max_length=2 * LONGEST, description="The client's own address, to which codes are sent.")
    days: int = Field(30, ge=1, le=LONGEST_DAYS, description="How long the link lasts.")
    guardian: bool = Field(False, description="A guardian holds it, who is not shown what is hidden from guardians.")


class Made(BaseModel):
    """A link that was just made."""

    link: str = Field(description="Names the link; it stands in the source of what is said through it.")
    url: str = Field(description="Shown this once.")
    ends: datetime


class LinkShown(BaseModel):
    """A link that the caller's partner had made, or that leads to an offer made to it."""

    link: str
    kind: Literal["offer", "client"]
    referral: str | None
    offer: str | None
    partner: str | None = Field(description="The partner that it was made for.")
    client: str | None = Field(description="Of a client's own link: the caller's alias of the client.")
    guardian: bool
    made: datetime
    made_by: str | None = Field(description="The partner that had it made; null where it was made as an offer arrived.")
    ends: datetime = Field(description="One to an accepted offer lives on until the offer ends.")
    revoked: datetime | None
    revoked_by: str | None
    tries: int = Field(description="Wrong codes that it still takes; at 0 it opens nothing any more.")
    codes: int = Field(description="Codes that were sent.")


class LinksShown(BaseModel):
    """Links, the latest first."""

    links: list[LinkShown]


class AddressSet(BaseModel):
    """Where the partner has its mails sent."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    email: str = Field(max_length=2 * LONGEST, description="Kept apart from the log, and told to nobody else.")


class AddressShown(BaseModel):
    """Where the partner has its mails sent; null where it has said nothing."""

    email: str | None
    set_at: datetime | None


@router.post("/links", operation_id="makeLink", status_code=201, responses=problems(401, 403, 404, 409, 503))
async def make(request: Request, who: Maker_, wish: Annotated[ToOffer | ToClient, Field(discriminator="kind")]) -> Made:
    """Give somebody without an account a way to one offer, or a client one to what is theirs.

    The link alone opens nothing: it has a code sent to the address that was registered before.
    """
    parts = parts_of(request)
    speaker(parts, who)
    origin = parts.people.cookies.origin(request)
    mailing(parts)
    made = _to_client(parts, who, wish) if isinstance(wish, ToClient) else _to_offer(parts, who, wish)
    new = await made
    return Made(link=new.link, url=origin + new.path, ends=new.ends)


async def _to_offer(parts: Parts, who: Principal, wish: ToOffer) -> New:
    place = await taking_part(parts, who, wish.referral)
    sight = (await looked(parts, who, wish.referral, wish.token, now())).sight
    return await to_offer(parts, who, place, sight, wish.offer)


async def _to_client(parts: Parts, who: Principal, wish: ToClient) -> New:
    email = spelled(wish.email)
    if email is None:
        raise ProblemError(422, "bad-parameter", parameters=[{"in": "body", "name": "email"}])
    found = await parts.vault.find(who.initiative, who.partner or "", [wish.client])
    if wish.client not in found:
        raise ProblemError(404, "not-found", pointer="/client")
    return await to_client(parts, who, ForClient(found[wish.client], email, wish.days, wish.guardian))


@router.get("/links", operation_id="listLinks", responses=problems(401, 403))
async def list_(request: Request, who: Maker_) -> LinksShown:
    """List the links that the caller's partner had made, and those to offers that were made to it."""
    parts = parts_of(request)
    found = await links_of(parts).list(maker(who))
    own = {each.record for each in found if each.kind == "client"}
    aliases = await parts.vault.aliases(who.initiative, who.partner or "", own) if own else {}
    return LinksShown(links=[_shown(each, aliases.get(each.record)) for each in found])


@router.delete("/links/{link}", operation_id="revokeLink", status_code=204, responses=problems(401, 403, 404))
async def revoke(
    request: Request, who: Maker_, link: Annotated[UUID, Path(description="The link's name.")]
) -> Response:
    """End a link and whatever it has opened, at once; who did it is kept with it."""
    if not await links_of(parts_of(request)).revoke(maker(who), str(link)):
        raise ProblemError(404, "not-found")
    return Response(status_code=204)


@router.get("/me/address", operation_id="getAddress", responses=problems(401, 403))
async def address(request: Request, who: Setter) -> AddressShown:
    """Say where the caller's partner has its mails sent."""
    found = await Addresses(parts_of(request).keep).get(who.initiative, who.partner or "")
    return AddressShown(email=found.email if found else None, set_at=found.set_at if found else None)


@router.put("/me/address", operation_id="setAddress", status_code=204, responses=problems(401, 403))
async def set_address(request: Request, who: Setter, said: AddressSet) -> Response:
    """Have mails about new offers, and codes for their links, sent to this address from now on.

    Links whose codes went to another address end.
    """
    email = spelled(said.email)
    if email is None:
        raise ProblemError(422, "bad-parameter", parameters=[{"in": "body", "name": "email"}])
    await Addresses(parts_of(request).keep).set(who.initiative, who.partner or "", email, who.actor)
    return Response(status_code=204)


@router.delete("/me/address", operation_id="forgetAddress", status_code=204, responses=problems(401, 403))
async def forget_address(request: Request, who: Setter) -> Response:
    """Have no mails sent any more; links to offers made to the partner end."""
    await Addresses(parts_of(request).keep).forget(who.initiative, who.partner or "", who.actor)
    return Response(status_code=204)


def _shown(each: Listed, alias: str | None) -> LinkShown:
    told = {name: getattr(each, name) for name in LinkShown.model_fields if name != "client"}
    return LinkShown(**told, client=alias)
