"""One client's referrals in a row: what was asked for, how often it was passed on, and whose turn it is."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from events.spoken import UUID_OR_OWN
from services.gateway.access import Action
from services.gateway.accounting import account_status
from services.gateway.auth import may
from services.gateway.conditional import NOT_MODIFIED, answered
from services.gateway.hearing import heard_of, speaker_of
from services.gateway.manual import problems
from services.gateway.naming import naming
from services.gateway.parts import Parts, parts_of
from services.gateway.principal import Kind, Principal
from services.gateway.problems import ProblemError
from services.gateway.progress import PROJECTION, now
from services.gateway.seeing import READS, Place, disclosed, looked, of_row, shown_at
from services.gateway.shapes import NeedShown, Next, OfferShown, Summary, named, seconds, whole
from services.gateway.sight import Sight
from services.gateway.spoken import Words

router = APIRouter(tags=["clients"])
Name = Annotated[
    str,
    Path(
        pattern=UUID_OR_OWN,
        max_length=132,
        description="The client: `own:<id>`, or the caller's alias; to a coordinator also a referral that it may see.",
    ),
]
#: Referrals that are told of at most: the latest.
MOST = 500


class Wanted(BaseModel):
    """How fresh it has to be."""

    model_config = ConfigDict(extra="forbid")

    token: str | None = Field(None, max_length=512, description="Of an answer to a POST: wait until that event shows.")


class Heard(BaseModel):
    """What was said with an event, where that is more than states tell."""

    type: str
    by: str = Field(description="The partner that said it, else `system`, `link` or `client-link`.")
    happened: datetime
    offer: str | None
    said: Words


class Leg(Summary):
    """One referral on the way."""

    offers: list[OfferShown]
    heard: list[Heard] = Field(description="As far as the caller may know it, the oldest first.")
    next: Next | None = Field(description="Null where nobody owes a step.")
    owner: str | None = Field(description="The partner that owes the next step; null while anybody of a class may.")
    ended: datetime | None = Field(description="When the last of its offers ended; null while one is open.")
    seconds: float | None = Field(description="From when it was asked for until it ended.")


class NeedMet(BaseModel):
    """What became of one need over all the referrals that ask for it."""

    need: NeedShown | None = Field(description="Null where it is withheld.")
    referrals: list[str] = Field(description="Their ids, the earliest first.")
    hops: int = Field(description="Offers made for it so far.")
    served: bool = Field(description="Whether a partner said that it was met, or partly, and its place was not taken.")
    open: bool = Field(description="Whether somebody still owes a step.")
    requested: datetime
    ended: datetime | None
    seconds: float | None = Field(description="From the first request until the last offer ended, once all have.")


class Journey(BaseModel):
    """All referrals of a client that the caller may see, the earliest first."""

    client: str | None = Field(description="The caller's own alias of the client, where it has one.")
    client_own: str | None = Field(description="The caller's own id of the client, without `own:`, where it gave one.")
    needs: list[NeedMet]
    legs: list[Leg]
    complete: bool = Field(description="False where there are more, earlier ones.")
    stale: bool
    lag: int


class _Way(NamedTuple):
    client: str
    seen: Sequence[tuple[Place, Sight]]
    #: By referral.
    heard: Mapping[str, list[dict[str, Any]]]
    lag: int


@router.get(
    "/clients/{client}/journey",
    operation_id="getJourney",
    response_model=Journey,
    responses=NOT_MODIFIED | problems(401, 403, 404),
)
async def journey(
    request: Request,
    who: Annotated[Principal, Depends(may(Action.REFERRAL_READ))],
    client: Name,
    wanted: Annotated[Wanted, Query()],
) -> Response:
    """Tell how a client's referrals followed each other, as far as the caller may see them.

    Those are the ones that it takes part in; to a coordinator, the ones whose consent in force names its partner.
    Others' are neither shown nor counted, and protected ones of others never are.
    """
    parts = parts_of(request)
    moment = now()
    way = await _way(parts, who, client, wanted.token, moment)
    kept = way.seen[-MOST:]
    name = (await parts.vault.names(who.initiative, who.partner or "", [way.client])).get(way.client)
    await account_status(parts, who, [disclosed(place, sight, who, ["journey"], moment) for place, sight in kept])
    consent = naming(parts, who)
    legs = [
        _leg(whole(sight, place.referral, name, moment, consent), sight) | {"heard": way.heard[place.referral]}
        for place, sight in kept
    ]
    told = {**named(name), "needs": needs(legs), "legs": legs, "complete": len(kept) == len(way.seen)}
    return answered(request, who, told | {"stale": bool(way.lag), "lag": way.lag})


async def _way(parts: Parts, who: Principal, name: str, token: str | None, moment: datetime) -> _Way:
    """Return what the caller sees of the client's referrals.  Raises ProblemError where it knows no such client."""
    client = await _client(parts, who, name, moment)
    at = shown_at(parts, who, token)
    if at is not None:
        await parts.progress.reach(at)
    async with parts.keep.snapshot(PROJECTION, who.initiative) as transaction:
        lag = await parts.progress.behind(transaction, at)
        rows = await transaction.fetch(READS, "of_client", who.initiative, client)
        found = ((Place(row["id"], row["record"]), of_row(who, row, moment)) for row in rows)
        seen = [(place, sight) for place, sight in found if sight is not None]
        heard = await heard_of(parts, transaction, who, seen)
    told = {referral: [_heard(each) for each in said] for referral, said in heard.items()}
    return _Way(client, seen, told, lag)


async def _client(parts: Parts, who: Principal, name: str, moment: datetime) -> str:
    """Return the client that is meant.

    Partners of a coordinator seldom have an alias, so it may name one by a referral that the client let it see.
    Nobody else may: to see two offers is no leave to know that they are about one person.
    """
    found = (await parts.vault.find(who.initiative, who.partner or "", [name], keep=True)).get(name)
    if found is not None:
        return found
    if who.kind is Kind.COORDINATOR:
        return (await looked(parts, who, name, None, moment)).place.record
    raise ProblemError(404, "not-found")


def _heard(row: Mapping[str, Any]) -> dict[str, Any]:
    plain = {name: row[name] for name in ("type", "happened", "offer")}
    return plain | {"by": speaker_of(row["source"]), "said": row["words"]}


def _leg(shown: dict[str, Any], sight: Sight) -> dict[str, Any]:
    ended = _ended(offer["closed"] for offer in shown["offers"])
    lasted = _lasted(sight.referral.requested, ended)
    return shown | {"owner": _owner(shown["next"], sight), "ended": ended, "seconds": lasted}


def _owner(turn: Mapping[str, Any] | None, sight: Sight) -> str | None:
    """Return the partner that owes the next step: of several that were asked, the one whose turn it is."""
    if turn is None:
        return None
    if turn["who"] == "sender":
        return sight.referral.sender
    return next((offer.recipient or None for offer in sight.offers if offer.id == turn["offer"]), None)


def needs(legs: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what became of each need, in the order in which they were first asked for; the withheld ones as one."""
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for leg in legs:
        groups.setdefault(tuple((leg["need"] or {}).values()), []).append(leg)
    return [_need(group) for group in groups.values()]


def _need(legs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    requested = min(leg["requested"] for leg in legs)
    ended = _ended(leg["ended"] for leg in legs)
    return {
        "need": legs[0]["need"],
        "referrals": [leg["id"] for leg in legs],
        "hops": sum(leg["hops"] for leg in legs),
        "served": any(leg["loop"] == "closed-served" for leg in legs),
        "open": any(leg["next"] is not None for leg in legs),
        "requested": requested,
        "ended": ended,
        "seconds": _lasted(requested, ended),
    }


def _ended(ends: Iterable[datetime | None]) -> datetime | None:
    """Return the last of the ends; None while one of them is missing, or there is none."""
    found = list(ends)
    closed = [end for end in found if end is not None]
    return max(closed) if closed and len(closed) == len(found) else None


def _lasted(since: datetime, until: datetime | None) -> float | None:
    return None if until is None else seconds(until - since)
