"""What a link leads to, as it stands at this moment."""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from projections.referral.state import Client, Offer, Referral, decode_client, decode_referral
from services.gateway.links.force import is_own, leads_to
from services.gateway.links.given import Given
from services.gateway.links.page import Closed
from services.gateway.parts import Parts
from services.gateway.progress import PROJECTION, now
from services.gateway.seeing import Place, seen
from services.gateway.sight import Sight

READS = Path(__file__).with_name("reads.sql")


class Scene(NamedTuple):
    """The one offer that a link leads to."""

    place: Place
    sight: Sight
    offer: Offer


class Own(NamedTuple):
    """A client and the needs that were stated for them, by id."""

    client: Client
    referrals: dict[str, Referral]


async def opens(parts: Parts, given: Given) -> bool:
    """Say whether the link leads anywhere at this moment."""
    try:
        await (scene_of if given.kind == "offer" else own_of)(parts, given)
    except Closed:
        return False
    return True


async def scene_of(parts: Parts, given: Given) -> Scene:
    """Return what the link to an offer shows.  Raises Closed when it leads nowhere any more."""
    await parts.admission.catch_up()
    standing = parts.admission.standing(given.initiative)
    place, at = Place(given.referral or "", given.record), now()
    async with parts.keep.snapshot(PROJECTION, given.initiative) as transaction:
        sight = await seen(transaction, given.principal, place, at)
    member = standing.members.get(given.partner or "")
    if sight is None or member is None or not member.active or member.aggregate_only or not member.agreed:
        raise Closed
    offer = leads_to(given, standing, sight.referral, sight.client, at)
    if offer is None:
        raise Closed
    return Scene(place, sight, offer)


async def each_own_of(parts: Parts, given: Given) -> list[tuple[Given, Own]]:
    """Return what a client's own link shows, then the same of every other id that is said to be the same person's.

    Each comes with the link as it would be for that id.  Raises Closed when the link leads nowhere any more.
    """
    own = await own_of(parts, given)
    found, waiting = {given.record: (given, own)}, list(own.client.linked)
    while waiting:
        other = replace(given, record=waiting.pop())
        if other.record in found:
            continue
        with suppress(Closed):
            there = await own_of(parts, other)
            found[other.record] = (other, there)
            waiting += there.client.linked
    return list(found.values())


async def own_of(parts: Parts, given: Given) -> Own:
    """Return what a client's own link shows.  Raises Closed when it leads nowhere any more."""
    await parts.admission.catch_up()
    async with parts.keep.snapshot(PROJECTION, given.initiative) as transaction:
        row = await transaction.one(READS, "client", given.initiative, given.record)
        rows = await transaction.fetch(READS, "referrals", given.initiative, given.record)
    client = None if row is None else decode_client(row["state"])
    if client is None or not is_own(given, client, now()):
        raise Closed
    return Own(client, {each["id"]: decode_referral(each["state"]) for each in rows})
