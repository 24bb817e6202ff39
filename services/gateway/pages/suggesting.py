"""Whom those who declined a referral suggest instead."""

from collections.abc import Mapping

from services.gateway.hearing import heard_of
from services.gateway.parts import Parts
from services.gateway.principal import Principal
from services.gateway.progress import PROJECTION, now
from services.gateway.seeing import placed, seen


async def suggested(parts: Parts, who: Principal, referral: str) -> Mapping[str, list[str]]:
    """Return by suggested partner who suggested it, the earliest first; to others than the sender nothing."""
    place = await placed(parts, who, referral)
    async with parts.keep.snapshot(PROJECTION, who.initiative) as transaction:
        sight = await seen(transaction, who, place, now())
        if sight is None or sight.role != "sender":
            return {}
        heard = await heard_of(parts, transaction, who, [(place, sight)])
    recipients = {offer.id: offer.recipient for offer in sight.offers}
    found: dict[str, list[str]] = {}
    for row in heard[place.referral]:
        for partner in row["words"].get("suggested_partners", ()):
            found.setdefault(partner, []).append(recipients[row["offer"]])
    return {partner: list(dict.fromkeys(by)) for partner, by in found.items()}
