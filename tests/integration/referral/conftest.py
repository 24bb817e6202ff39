"""An initiative whose cases are folded, and a clock that tests set."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import orjson
import pytest

from events.authority import TIMEKEEPER
from events.topics import CASES
from services.admission.admission import Admission
from services.admission.caller import Partner
from services.admission.wiring import opened
from services.ops.lag import lags
from services.referral.timekeeper.app import parts
from services.referral.timekeeper.keeper import Parts, Timekeeper
from services.referral.timekeeper.telemetry import Telemetry
from services.runtime.lease import Lease
from services.runtime.log import create_topics
from services.runtime.settings import Settings
from tests.support import doors
from tests.support.admitting import (
    clinic,
    codes,
    consent,
    offer,
    records,
    registered,
    requested,
    riverbend,
    said,
    shelter,
)
from tests.support.events import ident
from tests.support.wait import until

#: A service that no protection is needed for.
MEALS = ident("meals")
DAY = timedelta(days=1)
TIMELINE = """
    select split_part(type, '.', 2) as kind, outcome, refusal, copies, happened
    from api_referral.timeline where source = $1 order by happened, type
"""


@dataclass
class World:
    """A deployment with an initiative of a clinic that asks and a shelter that is asked."""

    settings: Settings
    admission: Admission
    #: What every clock of the deployment's own processes shows, once a test has set it.
    now: datetime

    async def tell(self, caller: Partner, *rows: bytes, **options: Any) -> list[str]:
        """Publish rows that all get in, and return what each is about."""
        found = await self.admission.admit(caller, rows, **options)
        assert set(codes(found)) == {None}, codes(found)
        return [each.subject or "" for each in found]

    async def offered(
        self,
        own: str,
        respond_by: datetime,
        *,
        sent: datetime | None = None,
        until: datetime | None = None,
        **options: Any,
    ) -> str:
        """Have the clinic ask the shelter to serve a person, who agrees `until` then, and return the referral."""
        end = {} if until is None else {"expires_at": until.isoformat()}
        at: dict[str, Any] = {} if sent is None else {"time": sent.isoformat()}
        names = {"respond_by": respond_by.isoformat(), "service_id": MEALS, "consent_id": f"own:{own}"}
        rows = [
            registered(f"c {own}", f"own:{own}"),
            consent(f"g {own}", f"own:{own}", consent_id=f"own:{own}", valid_from="2020-01-01", **end),
            requested(f"r {own}", f"own:{own}", f"own:{own}"),
            offer(f"o {own}", f"own:{own}", **names),
        ]
        return (await self.tell(clinic, *[_at(row, at) for row in rows], **options))[-1]

    async def ending(self, own: str) -> str:
        """Do as `offered`, with no time for an answer: nothing comes before it expires."""
        return await self.offered(own, self.now, sent=self.now)

    async def answered(self, name: str, referral: str, own: str, by: Partner = shelter, **data: Any) -> None:
        """Have somebody say something of the offer."""
        offer_id = self.admission.naming.own(clinic.initiative, clinic.partner, "offer", f"o {own}")
        row = said(f"referral.{name}", f"{name} {own}", {"offer_id": offer_id, **data}, subject=referral)
        await self.tell(by, row)

    @asynccontextmanager
    async def standing(self, **options: Any) -> AsyncIterator[Parts]:
        """Give what a timekeeper stands on, with the clock as it is set."""
        async with parts(self.settings, Telemetry(), clock=lambda: self.now, **options) as found:
            yield found

    async def look(self, keeper: Timekeeper, now: datetime) -> float:
        """Set the clock and have a look, with all folded before and after."""
        self.now = now
        await self.folded()
        rest = await keeper.look(now)
        await self.folded()
        return rest

    async def folded(self) -> None:
        """Wait until everything on the log of cases is folded."""

        async def there() -> bool:
            found = await lags(self.settings, ("referral",))
            return bool(found) and all(each.behind == 0 for each in found)

        await until(there)

    async def said(self) -> list[dict[str, Any]]:
        """Return the timekeeper's records on the log."""
        found = [orjson.loads(each.value or b"null") for each in await records(self.settings, CASES)]
        return [each for each in found if each["source"] == TIMEKEEPER]

    async def kinds(self) -> list[str]:
        """Return what the timekeeper said, sorted."""
        return sorted(each["type"].split(".")[-2] for each in await self.said())

    async def timeline(self) -> list[Any]:
        """Return what became of what the timekeeper said."""
        return await self.rows(TIMELINE, TIMEKEEPER)

    async def detail(self, referral: str) -> str:
        """Return the fine state of the offer that leads."""
        [row] = await self.rows("select detail from api_referral.referral where id = $1::uuid", referral)
        return str(row["detail"])

    async def rows(self, query: str, *arguments: Any) -> list[Any]:
        connection = await asyncpg.connect(self.settings.postgres)
        try:
            return list(await connection.fetch(query, *arguments))
        finally:
            await connection.close()


def _at(row: bytes, attributes: dict[str, Any]) -> bytes:
    return orjson.dumps(orjson.loads(row) | attributes)


@asynccontextmanager
async def inhabited(settings: Settings) -> AsyncIterator[World]:
    """Found the initiative, and give it with a service that anybody may be sent to."""
    await create_topics(settings)
    async with riverbend(settings) as admission:
        yield await _serving(settings, admission)


@pytest.fixture
async def world(begun: Settings) -> AsyncIterator[World]:
    """The same on shared servers, its cases being folded in this process."""
    async with opened(begun) as admission:
        made = await _serving(begun, admission)
        async with doors.folding(begun):
            yield made


async def _serving(settings: Settings, admission: Admission) -> World:
    meals = {"service_id": MEALS, "name": "Meals", "needs": ["shelter"], "accepts_referrals": True}
    made = World(settings, admission, datetime.now(UTC))
    await made.tell(shelter, said("partner.service_published", "meals", meals | {"programme_class": "general"}))
    return made


class Unheeded(Lease):
    """A lease that everybody believes to hold."""

    async def take(self) -> bool:
        await super().take()
        return True


def unheeded(parts: Parts) -> Parts:
    """Return the parts of one that speaks whoever holds the lease."""
    lease = parts.lease
    return parts._replace(lease=Unheeded(lease._pool, lease._work, lease._lasts))


def effects(rows: list[Any]) -> list[tuple[Any, ...]]:
    """Return what was said, what became of it, and how often it was said again."""
    return [(row["kind"], row["outcome"], row["copies"]) for row in rows]
