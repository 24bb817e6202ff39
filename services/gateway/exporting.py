"""A caller's referrals on their way into a file: a few at a time, each put on record before it leaves."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from services.gateway.access import Action
from services.gateway.accounting import account, account_export
from services.gateway.feeds.rights import lost
from services.gateway.hearing import heard_of
from services.gateway.lines import COLUMNS, LINES, Rows, timed
from services.gateway.listing import After, Found, Search, page
from services.gateway.parts import Parts
from services.gateway.problems import ProblemError
from services.gateway.progress import PROJECTION, now
from services.gateway.seeing import claimer_of, disclosed
from services.gateway.sheets import Format, headed, written

#: Referrals that are held at once, however many there are.
BATCH = 500


class Form(NamedTuple):
    """How the file is written."""

    format: Format
    bom: bool = False
    rows: Rows = "referrals"


class Export:
    """One export: batch after batch in the order in which the referrals were asked for, which never changes.

    Each batch is as it stood when it was fetched.  No snapshot is kept over all of them: a caller that reads
    slowly would keep PostgreSQL from clearing up.  So none comes twice, and none is left out that was there.
    """

    def __init__(self, parts: Parts, wanted: Search, filters: Sequence[str], form: Form, batch: int = BATCH) -> None:
        self._parts = parts
        self._wanted = wanted
        self._who = wanted.who
        self._filters = filters
        self._form = form
        self._columns, self._lines = COLUMNS[form.rows], LINES[form.rows]
        self._batch = batch
        self._zone = parts.admission.standing(wanted.who.initiative).zone or ZoneInfo("UTC")
        #: What was said of the referrals of the batch, by referral.
        self._heard: Mapping[str, list[dict[str, Any]]] = {}
        #: How many were fetched: one when the first piece is taken, and one more for each piece after it.
        self.batches = 0

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """Yield the file piece by piece; a batch is fetched when the piece before it was taken.

        Raises ProblemError when the log does not acknowledge in time or the caller may read no longer, and Away
        when PostgreSQL does not answer.
        """
        form = self._form.format
        before = headed(self._columns, form, bom=self._form.bom)
        async for batch in self._fetched():
            rows = await self._rows(batch)
            yield before + written(rows, self._columns, form)
            before = b""

    async def _fetched(self) -> AsyncIterator[list[Found]]:
        """Yield batches, each put on record first; at least one, which may be empty."""
        batch, more = await self._next(After())
        await account_export(self._parts, self._who, self._columns, self._filters)
        while True:
            await self._account(batch)
            yield batch
            if not more:
                return
            await self._entitled()
            batch, more = await self._next(batch[-1].after)

    async def _next(self, after: After) -> tuple[list[Found], bool]:
        """Return the next batch, and whether there is one after it."""
        self.batches += 1
        # What a consent or a class lets be seen is judged anew for each batch.
        terms, claimer = self._wanted.terms._replace(now=now()), claimer_of(self._parts, self._who)
        self._wanted = self._wanted._replace(terms=terms, claimer=claimer)
        async with self._parts.keep.snapshot(PROJECTION, self._who.initiative) as transaction:
            found = await page(transaction, self._wanted, after, self._batch)
            seen = [(each.place, each.sight) for each in found[: self._batch]]
            self._heard = await heard_of(self._parts, transaction, self._who, seen)
        return found[: self._batch], len(found) > self._batch

    async def _entitled(self) -> None:
        """Raise ProblemError where the caller may do this no longer: the file is cut off, and shows that it is."""
        codes = await lost(self._parts.keep, self._parts.admission, [self._who], Action.REFERRAL_EXPORT)
        if codes:
            raise ProblemError(403, codes[self._who])

    async def _account(self, batch: Sequence[Found]) -> None:
        """Put on record, under each client, that what is about them leaves."""
        moment = self._wanted.terms.now
        shown = [disclosed(each.place, each.sight, self._who, ["export"], moment) for each in batch]
        await account(self._parts, self._who, shown)

    async def _rows(self, batch: Sequence[Found]) -> list[dict[str, Any]]:
        records = {each.place.record for each in batch}
        clients = await self._parts.vault.names(self._who.initiative, self._who.partner or "", records)
        lines = (self._lines(each, clients.get(each.place.record), self._heard[each.place.referral]) for each in batch)
        return [timed(line, self._zone) for several in lines for line in several]
