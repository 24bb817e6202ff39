"""The account of disclosures read for somebody: a page of what was opened and of the offers, once all is counted."""

from typing import NamedTuple

from services.disclosure.account import About, Line, Part, opened_of
from services.disclosure.offers import offers_of
from services.disclosure.whole import After, Page, paged
from services.gateway.parts import Parts
from services.gateway.progress import ACCOUNTS, PROJECTION
from services.gateway.seeing import READS
from services.gateway.store import Transaction


class Behind(Exception):
    """What was put on record is not all folded yet; what is left out would say that nothing was disclosed."""

    def __init__(self, lag: int) -> None:
        super().__init__(f"{lag} records")
        self.lag = lag


class Asked(NamedTuple):
    """Which page is wanted."""

    after: After
    limit: int


async def whole(parts: Parts, about: About, partner: str | None, asked: Asked) -> tuple[Page, Part | None]:
    """Return a page of the whole account, or of what is the partner's to see, and what that is.

    Raises Behind, Away when PostgreSQL does not answer, and LogAway when the log does not say where it ends.
    """
    # What a partner may see of readings is known by its referrals: so these are read first.
    offers, part = await _offers(parts, about, partner, asked)
    opened = await _opened(parts, about, part, asked)
    return paged(opened, offers, asked.after, asked.limit), part


async def _offers(parts: Parts, about: About, partner: str | None, asked: Asked) -> tuple[list[Line], Part | None]:
    end = await parts.progress.last(about.client)
    if end is not None:
        await parts.progress.reach(end)
    async with parts.keep.snapshot(PROJECTION, about.initiative) as transaction:
        _counted(await parts.progress.behind(transaction, end))
        found = await offers_of(transaction.run, about, partner, asked.after.offers, asked.limit + 1)
        return found, None if partner is None else await _part(transaction, about, partner)


async def _part(transaction: Transaction, about: About, partner: str) -> Part:
    """Return what of the account is the partner's to see: of what it told itself."""
    row = await transaction.one(READS, "told_by", about.initiative, about.client, partner)
    return Part(partner, [], False) if row is None else Part(partner, row["sent"], row["registered"])


async def _opened(parts: Parts, about: About, part: Part | None, asked: Asked) -> list[Line]:
    end = await parts.accounted.last(about.client)
    if end is not None:
        await parts.accounted.reach(end)
    async with parts.keep.snapshot(ACCOUNTS.projection, about.initiative) as transaction:
        _counted(await parts.accounted.behind(transaction, end))
        return await opened_of(transaction.run, about, part, asked.after.opened, asked.limit + 1)


def _counted(lag: int) -> None:
    if lag:
        raise Behind(lag)
