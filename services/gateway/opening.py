"""Opening sealed text for a reader: everything folded, a consent in force, put on record, and only then opened."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from events.authority import partner_of
from events.fields import Sealed
from projections.referral.state import Consent, Offer, offer_of
from services.gateway.accounting import PURPOSE, Shown, account
from services.gateway.parts import Parts
from services.gateway.principal import Kind, Principal
from services.gateway.problems import AGAIN_S, ProblemError
from services.gateway.progress import PROJECTION
from services.gateway.seeing import READS, Place, claimer_of, placed, seen
from services.gateway.sight import Sight, named, relied_on
from services.gateway.store import Row, Transaction
from services.runtime.parked import is_parked
from services.vault.disclosure import Disclosure, Opened, Permit, Request, Sought
from services.vault.errors import KeyDestroyed, SealInvalid


@dataclass(frozen=True)
class Basis:
    """Why a text may be opened: it is the reader's own, or a consent that an offer stands on."""

    offer: Offer | None = None
    consent: Consent | None = None

    @property
    def purpose(self) -> str:
        return PURPOSE if self.offer is None else self.offer.purpose

    @property
    def consent_id(self) -> str | None:
        return None if self.consent is None else self.consent.id


class Sorted(NamedTuple):
    """The texts that open, each with why it does, and the code for those that do not."""

    texts: list[tuple[Row, Basis]]
    held_back: str | None


class Legible(NamedTuple):
    """A text in clear."""

    row: Row
    basis: Basis
    text: str


async def opened(parts: Parts, who: Principal, name: str, now: datetime) -> tuple[list[Legible], str | None]:
    """Return what the caller may read about the referral's client and why the rest stays closed, if there is some.

    Raises ProblemError when nothing opens, and LogAway when the log does not say where it ends.
    """
    place = await placed(parts, who, name)
    sight, rows = await _found(parts, who, place, now)
    if sight.client.erased:
        raise _erased()
    texts, held_back = _sorted(who, sight, rows, now)
    if held_back is not None and not texts:
        raise ProblemError(403, held_back)
    groups: dict[tuple[str, str | None], list[tuple[Row, Basis]]] = defaultdict(list)
    for row, basis in texts:
        groups[basis.purpose, basis.consent_id].append((row, basis))
    legible = [each for group in groups.values() for each in await _disclosed(parts, who, place, group)]
    return legible, held_back


async def _found(parts: Parts, who: Principal, place: Place, now: datetime) -> tuple[Sight, list[Row]]:
    """Return what the caller sees, and the sealed rows, once everything said until now about the client is folded."""
    end = await parts.progress.last(place.record)
    if end is not None:
        await parts.progress.reach(end)
    async with parts.keep.snapshot(PROJECTION, who.initiative) as transaction:
        if await parts.progress.behind(transaction, end):
            raise _too_stale()
        sight = await seen(transaction, who, place, now)
        if sight is None:
            raise await _closed(parts, transaction, (who, place, now))
        if await is_parked(transaction.connection, who.initiative, place.record):
            raise _too_stale()
        return sight, await transaction.fetch(READS, "sealed", who.initiative, *place[::-1])


async def _closed(parts: Parts, transaction: Transaction, asked: tuple[Principal, Place, datetime]) -> ProblemError:
    """Return why nothing opens for somebody who takes no part: whoever could claim it is told that it is too early.

    That holds for its own words about the person, too: they would say whom the class is asked to help.
    """
    who, place, now = asked
    asked_of = await seen(transaction, who, place, now, claimer_of(parts, who))
    return ProblemError(404, "not-found") if asked_of is None else ProblemError(403, "not-yet-claimed")


def _sorted(who: Principal, sight: Sight, rows: Iterable[Row], now: datetime) -> Sorted:
    texts: list[tuple[Row, Basis]] = []
    held_back: str | None = None
    for row in rows:
        if not _concerns(who, sight, row):
            continue
        basis = _basis(who, sight, row, now)
        if isinstance(basis, Basis):
            texts.append((row, basis))
        else:
            held_back = basis
    return Sorted(texts, held_back)


def _concerns(who: Principal, sight: Sight, row: Row) -> bool:
    """Say whether the text is part of what was shared with the caller, or written by it."""
    by = partner_of(row["source"])
    if _is_own(who, row):
        return True
    if row["offer"] is not None:
        return offer_of_sight(sight, row["offer"]) is not None
    return by == sight.referral.sender


def _is_own(who: Principal, row: Row) -> bool:
    """Say whether the caller's partner wrote the text; whoever holds a link to an offer is shown that offer alone."""
    return who.kind is not Kind.LINK and partner_of(row["source"]) == who.partner


def _basis(who: Principal, sight: Sight, row: Row, now: datetime) -> Basis | str:
    """Return why the text opens, or the code for why it does not."""
    if _is_own(who, row) and sight.role != "coordinator":
        return Basis()
    offer = sight.standing.offer if row["offer"] is None else offer_of_sight(sight, row["offer"])
    if offer is None:
        return "not-in-force"
    if offer.accepted is None and sight.role != "sender":
        return "not-yet-claimed"
    if sight.role == "coordinator":
        consent = named(sight.client, offer, who.partner or "", now)
    else:
        consent = relied_on(sight.client, offer, now)
    return "not-in-force" if consent is None else Basis(offer, consent)


def offer_of_sight(sight: Sight, offer: str) -> Offer | None:
    """Return the offer of this id, where the caller may know of it."""
    found = offer_of(sight.referral, offer)
    return found if found in sight.offers else None


async def _disclosed(parts: Parts, who: Principal, place: Place, group: Sequence[tuple[Row, Basis]]) -> list[Legible]:
    """Put on record that these texts are read for one purpose under one consent, and open them."""
    basis = group[0][1]
    permit = Permit(basis.consent_id)
    request = Request(
        who.initiative,
        place.record,
        place.referral,
        who.partner or "",
        who.actor,
        basis.purpose,
        tuple(sought(row) for row, _ in group),
    )

    async def permitted(_: Request) -> Permit:
        return permit

    async def publish(opened: Opened) -> None:
        fields = list(dict.fromkeys(each.field for each in opened.request.sought))
        shown = Shown(place.record, place.referral, fields, basis.purpose, permit.consent_id)
        await account(parts, who, [shown])

    try:
        texts = await Disclosure(parts.vault, permitted, publish).open(request)
    except KeyDestroyed:
        raise _erased() from None
    except SealInvalid:
        raise ProblemError(409, SealInvalid.code) from None
    return [Legible(row, each, text) for (row, each), text in zip(group, texts, strict=True)]


def sought(row: Row) -> Sought:
    """Return the sealed value of a row, and the place that it was sealed for."""
    field = row["field"].rsplit("/", 1)[-1]
    sealed = Sealed.model_validate_json(row["sealed"])
    return Sought(field, row["source"], row["event"], row["type"], row["field"], sealed)


def _too_stale() -> ProblemError:
    return ProblemError(503, "too-stale-to-disclose", headers={"Retry-After": AGAIN_S})


def _erased() -> ProblemError:
    return ProblemError(410, "erased")
