"""The weekly mail going out: begun by whoever comes first when it is due, sent one after the other."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from services.admission.admission import utc_now
from services.admission.directory import Directory
from services.notifications.posting import Post, next_attempt
from services.notifications.telemetry import Mailing
from services.notifications.weekly.book import Book, Ready, Waiting
from services.notifications.weekly.letter import Line, Link, letter
from services.notifications.weekly.listing import Listed, asked, services_of, unit_of
from services.notifications.weekly.room import NOBODY_SAID, room
from services.notifications.weekly.schedule import Schedule
from services.notifications.working import Working
from services.runtime import logging
from services.runtime.mail import NOT_TAKEN, written
from services.runtime.processor import patiently
from services.runtime.roles import Role
from services.runtime.settings import Settings
from services.runtime.store import connect, upgrade

#: Seconds between two looks at whether a mail is due.
LOOK_S = 5.0
#: Before the secret, in the path of a link.
PLACE = "/w/"

log = logging.get(__name__)


class Parts(NamedTuple):
    """What the weekly mail stands on."""

    book: Book
    directory: Directory
    post: Post
    mailing: Mailing


class Weekly(Working):
    """Begins weeks as they come, and sends their mails."""

    look_s = LOOK_S

    def __init__(self, parts: Parts, schedule: Schedule, clock: Callable[[], datetime] = utc_now) -> None:
        super().__init__()
        self._book, self._directory, self._post, self._mailing = parts
        self._schedule = schedule
        self._clock = clock
        #: The last week of each initiative that is known to have been begun, by whomever.
        self._begun: dict[str, date] = {}

    async def once(self) -> bool:
        """Begin what is due and send one mail; say whether there was one.  Raises Away or LogAway."""
        await self._directory.fresh()
        now = self._clock()
        for initiative in self._directory.initiatives():
            await self._begin(initiative, now)
        waiting = await self._book.claim()
        if waiting is None:
            return False
        await self._one(waiting, now)
        return True

    async def _begin(self, initiative: str, now: datetime) -> None:
        last = self._schedule.last(now, self._zone(initiative))
        if self._begun.get(initiative) == last.week:
            return
        whom = {} if last.is_missed(now) else self._asked(initiative)
        services = {partner: [each.id for each in of] for partner, of in whom.items()}
        mails = await self._book.begin(initiative, last.week, services, now)
        self._begun[initiative] = last.week
        if mails is not None:
            log.info("weekly-mails-begun", week=str(last.week), mails=mails)

    async def _one(self, waiting: Waiting, now: datetime) -> None:
        """Send a mail, unless what it asks about is gone meanwhile."""
        found = [
            each for each in self._asked(waiting.initiative).get(waiting.partner, ()) if each.id in waiting.services
        ]
        ready = await self._book.prepare(waiting, now) if found else None
        if ready is None:
            await self._book.overtaken(waiting)
            self._count("overtaken")
            return
        await self._send(waiting, ready, found, now)

    async def _send(self, waiting: Waiting, ready: Ready, found: list[Listed], now: datetime) -> None:
        link = Link(f"{self._post.origin}{PLACE}{ready.secret}", ready.ends)
        lines = [self._line(waiting.initiative, each) for each in found]
        mail = letter(ready.email, link, lines, now, self._zone(waiting.initiative))
        try:
            # The same name at every attempt: a mail that went twice is known to be one.
            await self._post.send(written(self._post.sender, mail, waiting.mail))
        except NOT_TAKEN as error:
            await self._failed(waiting, type(error).__name__)
        else:
            await self._book.sent(waiting)
            self._count("sent")

    async def _failed(self, waiting: Waiting, outcome: str) -> None:
        again = next_attempt(waiting.attempts)
        await self._book.failed(waiting, outcome, again)
        log.warning("weekly-mail-failed", reason=outcome, attempt=waiting.attempts, gave_up=again is None)
        self._count("gave-up" if again is None else "failed")

    def _asked(self, initiative: str) -> dict[str, tuple[Listed, ...]]:
        services = services_of(self._directory.store, initiative)
        return dict(asked(services, self._directory.standing(initiative)))

    def _line(self, initiative: str, each: Listed) -> Line:
        said = each.capacity
        if said is None:
            return Line(each.name, NOBODY_SAID, None)
        unit = unit_of(self._directory.store, initiative, said.unit)
        return Line(each.name, room(said.status, said.available, said.maximum, unit), said.reported)

    def _zone(self, initiative: str) -> ZoneInfo:
        return self._directory.standing(initiative).zone or ZoneInfo("UTC")

    def _count(self, outcome: str) -> None:
        self._mailing.weekly.labels(outcome).inc()


@asynccontextmanager
async def opened(settings: Settings, directory: Directory, post: Post, mailing: Mailing) -> AsyncIterator[Parts]:
    """Give what the weekly mail stands on; the directory is read at the first step, and no sooner."""
    await patiently(lambda: upgrade(settings.postgres))
    pool = await patiently(
        lambda: connect(settings.postgres, application="manyhands-weekly", role=Role.NOTIFICATIONS, size=2)
    )
    try:
        yield Parts(Book(pool), directory, post, mailing)
    finally:
        pool.terminate()
