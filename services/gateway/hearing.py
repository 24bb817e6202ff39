"""What was said with events about referrals that a caller sees, looked up for it."""

from collections.abc import Sequence
from typing import Any

from events.authority import partner_of
from services.admission.caller import Partner
from services.gateway.parts import Parts
from services.gateway.principal import Principal
from services.gateway.seeing import READS, Place
from services.gateway.sight import Sight
from services.gateway.spoken import hears_others, words_of
from services.gateway.store import Row, Transaction


def speaker_of(source: str) -> str:
    """Return the partner that a source is, else what kind of thing it is."""
    return partner_of(source) or source.split(":")[2]


async def heard_of(
    parts: Parts, transaction: Transaction, who: Principal, seen: Sequence[tuple[Place, Sight]]
) -> dict[str, list[dict[str, Any]]]:
    """Return by referral the rows of what was said there, as far as the caller may know it, the oldest first."""
    standing = parts.admission.standing(who.initiative)
    sights = {place.referral: sight for place, sight in seen}
    records = sorted({place.record for place, _ in seen})
    rows = await transaction.fetch(READS, "said", who.initiative, sorted(sights), records)
    found: dict[str, list[dict[str, Any]]] = {referral: [] for referral in sights}
    for row in rows:
        sight = sights[row["referral"]]
        if _is_heard(who, sight, row):
            found[row["referral"]].append(dict(row) | {"words": words_of(row["words"], sight, standing)})
    return found


def _is_heard(who: Principal, sight: Sight, row: Row) -> bool:
    """Say whether the caller said it itself, or may hear others and knows of the offer that it is about."""
    if row["source"] == Partner(who.initiative, who.partner or "").source:
        return True
    about = sight.role == "sender" or any(offer.id == row["offer"] for offer in sight.offers)
    return about and hears_others(sight)
