"""One referral looked up for a caller: unknown and foreign cost the same and look alike."""

from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from events.spoken import OWN
from projections.referral.state import consent_of, decode_client, decode_referral
from services.admission.context import Held
from services.admission.publish import At
from services.gateway.accounting import PURPOSE, Shown, account_status
from services.gateway.parts import Parts
from services.gateway.principal import Kind, Principal
from services.gateway.problems import AGAIN_S, ProblemError
from services.gateway.progress import PROJECTION
from services.gateway.sight import NO_CLAIMER, Claimer, Sight, named, relied_on, sight
from services.gateway.store import Row, Transaction
from services.vault.names import Name

READS = Path(__file__).with_name("reads.sql")


class Place(NamedTuple):
    """A referral's id and the record key that it stands under, if there is such a referral."""

    referral: str
    record: str


class Look(NamedTuple):
    """A referral as a caller sees it, and how many records the reading is short of the caller's token."""

    place: Place
    sight: Sight
    lag: int


class Claimable(NamedTuple):
    """Offers to classes, each as `<referral>/<offer>`, and the record keys that they stand under."""

    records: list[str]
    offers: list[str]


async def placed(parts: Parts, who: Principal, name: str) -> Place:
    """Return where the referral of this name stands; of an unknown one, a place where nothing stands."""
    referral = name
    if name.startswith(OWN):
        referral = parts.admission.naming.own(who.initiative, who.partner or "", "referral", name.removeprefix(OWN))
    held = await _held(parts, who, referral)
    return Place(referral, held.record if held else referral)


async def taking_part(parts: Parts, who: Principal, name: str, pointer: str | None = None) -> Place:
    """Return where a referral stands that the caller's partner opened or was asked to meet, folded or not.

    Raises ProblemError `not-found` for any other.
    """
    place = await placed(parts, who, name)
    held = await _held(parts, who, place.referral)
    if held is None or who.partner not in (held.opener, *held.participants):
        extra: dict[str, Any] = {} if pointer is None else {"pointer": pointer}
        raise ProblemError(404, "not-found", **extra)
    return place


async def _held(parts: Parts, who: Principal, referral: str) -> Held | None:
    return (await parts.admission.register.find(who.initiative, [referral])).get(referral)


def claimer_of(parts: Parts, who: Principal) -> Claimer:
    """Return what the caller's partner could claim offers to its classes by: nothing where it may say nothing."""
    standing = parts.admission.standing(who.initiative)
    member = standing.members.get(who.partner or "") if who.kind in (Kind.PARTNER_SYSTEM, Kind.STAFF) else None
    if member is None or not (member.active and member.agreed and member.classes) or member.aggregate_only:
        return NO_CLAIMER
    own = (each for each in standing.services.values() if each.partner == who.partner and each.accepts_referrals)
    programmes = frozenset((each.programme_class, each.programme_class in standing.protected) for each in own)
    return Claimer(frozenset(member.classes), programmes, timedelta(days=standing.respond_at_most))


def shown_at(parts: Parts, who: Principal, token: str | None) -> At | None:
    """Return the place that a consistency token asks for.  Raises ProblemError when it is not this caller's."""
    return None if token is None else parts.consistency.at(who, token)


async def looked(parts: Parts, who: Principal, name: str, token: str | None, now: datetime) -> Look:
    """Return what the caller sees, once what its token asks for is folded, or the wait for it is over.

    Raises ProblemError `not-found` for what is unknown and what is others' alike.
    """
    async with looking(parts, who, name, token, now) as (look, _):
        return look


@asynccontextmanager
async def looking(
    parts: Parts, who: Principal, name: str, token: str | None, now: datetime
) -> AsyncIterator[tuple[Look, Transaction]]:
    """Do as `looked`, and give the snapshot that was looked into too."""
    at = shown_at(parts, who, token)
    place = await placed(parts, who, name)
    if at is not None:
        await parts.progress.reach(at)
    async with parts.keep.snapshot(PROJECTION, who.initiative) as transaction:
        lag = await parts.progress.behind(transaction, at)
        found = await seen(transaction, who, place, now, claimer_of(parts, who))
        if found is None:
            raise not_there(lag)
        yield Look(place, found, lag), transaction


async def seen(
    transaction: Transaction, who: Principal, place: Place, now: datetime, claimer: Claimer = NO_CLAIMER
) -> Sight | None:
    """Return what the caller sees at this place in the snapshot; what its class was asked, only as a `claimer`."""
    row = await transaction.one(READS, "one", who.initiative, place.record, place.referral)
    return None if row is None else of_row(who, row, now, claimer)


def of_row(who: Principal, row: Row, now: datetime, claimer: Claimer = NO_CLAIMER) -> Sight | None:
    """Return what the caller sees of a row that holds the referral's state and the client's."""
    return sight(who, decode_referral(row["state"]), decode_client(row["client"]), now, claimer)


async def claimable_by(transaction: Transaction, who: Principal, claimer: Claimer, now: datetime) -> Claimable:
    """Return the offers to classes that the caller could claim at this moment."""
    if not (claimer.classes and claimer.programmes):
        return Claimable([], [])
    since = now - claimer.late
    rows = await transaction.fetch(READS, "asked_of_classes", who.initiative, sorted(claimer.classes), since)
    found = [row for row in rows if _is_seen(of_row(who, row, now, claimer), row["offer"])]
    offers = [f"{row['referral']}/{row['offer']}" for row in found]
    return Claimable(sorted({row["record"] for row in found}), offers)


def _is_seen(sight: Sight | None, offer: str) -> bool:
    if sight is None or sight.role == "sender":
        return False
    return any(each.id == offer for each in sight.offers)


def not_there(lag: int) -> ProblemError:
    """Return the problem of something that is not there for the caller, or not yet."""
    if lag:
        return ProblemError(503, "too-stale", headers={"Retry-After": AGAIN_S}, lag=lag)
    return ProblemError(404, "not-found")


def disclosed(place: Place, sight: Sight, who: Principal, fields: Iterable[str], now: datetime) -> Shown:
    """Return what goes on record when the caller is shown this much of the referral."""
    lead = sight.standing.offer
    consent = None
    if lead is not None and not lead.recipient and sight.role != "sender":
        # It is in sight because this covers the caller.
        consent = consent_of(sight.client, lead.consent)
    elif lead is not None and sight.role == "recipient":
        consent = relied_on(sight.client, lead, now)
    elif lead is not None and sight.role == "coordinator":
        consent = named(sight.client, lead, who.partner or "", now)
    purpose = PURPOSE if lead is None else lead.purpose
    return Shown(place.record, place.referral, list(fields), purpose, None if consent is None else consent.id)


async def names_shown(
    parts: Parts, who: Principal, seen: Collection[tuple[Place, Sight]], now: datetime
) -> Mapping[str, Name]:
    """Return what the caller calls each client, once it is on record that how these referrals stand is shown."""
    names = await parts.vault.names(who.initiative, who.partner or "", {place.record for place, _ in seen})
    await account_status(parts, who, [disclosed(place, sight, who, ["status"], now) for place, sight in seen])
    return names
