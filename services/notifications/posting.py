"""Mails at once: read from the feeds as they grow, sent one after the other, tried again after a while."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from events.topics import CASES
from projections.batch import Away
from projections.communication import COMMUNICATION
from services.admission.directory import Directory
from services.notifications.letter import letter
from services.notifications.outbox import NotFolded, Outbox, Ready, Waiting
from services.notifications.telemetry import Mailing
from services.notifications.working import Working, running
from services.runtime import logging
from services.runtime.builds import api_of
from services.runtime.mail import LOOPBACK, NOT_TAKEN, Send, way, written
from services.runtime.processor import patiently
from services.runtime.roles import Role
from services.runtime.settings import Settings
from services.runtime.store import DatabaseAway, connect, upgrade

#: Attempts at most, and how long after the first the second is made; each further pause is three times as long.
MOST, PAUSE, LONGER = 8, timedelta(minutes=1), 3
#: Seconds between two looks at the feeds.
LOOK_S = 0.5

log = logging.get(__name__)


@dataclass(frozen=True)
class Post:
    """How mails go out."""

    send: Send
    sender: str
    #: Where people reach the gateway.
    origin: str


def post_of(settings: Settings) -> Post | None:
    """Return how mails go out; None where they go nowhere or could lead nowhere.  Raises SettingInvalid."""
    send, origin = way(settings), _origin(settings)
    return None if send is None or origin is None else Post(send, settings.mail_from, origin)


def _origin(settings: Settings) -> str | None:
    if settings.public_url:
        return settings.public_url.rstrip("/")
    if settings.gateway_host in LOOPBACK and settings.gateway_port:
        return f"http://{settings.gateway_host}:{settings.gateway_port}"
    return None


def next_attempt(made: int) -> timedelta | None:
    """Return how long after so many attempts the next one is made, None when there is none any more."""
    return None if made >= MOST else PAUSE * LONGER ** (made - 1)


class Posting(Working):
    """Reads and sends until it is told to stop."""

    look_s = LOOK_S

    def __init__(self, outbox: Outbox, directory: Directory, post: Post, mailing: Mailing) -> None:
        super().__init__()
        self._outbox = outbox
        self._directory = directory
        self._post = post
        self._mailing = mailing

    async def once(self) -> bool:
        """Read on and send one mail; say whether there was something to do.  Raises Away or LogAway."""
        await self._directory.fresh()
        read = await self._outbox.read_on()
        waiting = await self._outbox.claim()
        if read or waiting is not None:
            self._mailing.waiting.set(await self._outbox.waiting())
        if waiting is None:
            return read
        try:
            ready = await self._outbox.prepare(waiting) if self._takes_part(waiting) else None
        except NotFolded as behind:
            await self._failed(waiting, type(behind).__name__)
            return True
        if ready is None:
            await self._outbox.overtaken(waiting)
            self._count("overtaken")
        else:
            await self._send(ready)
        return True

    def _takes_part(self, waiting: Waiting) -> bool:
        """Say whether the partner takes part at this moment: one that left or is suspended is told nothing more."""
        member = self._directory.standing(waiting.initiative).members.get(waiting.partner)
        return member is not None and member.active

    async def _send(self, ready: Ready) -> None:
        waiting, post = ready.waiting, self._post
        mail = letter(waiting.kind, ready.email, post.origin, ready.secret, withdrawn=ready.withdrawn)
        try:
            # The same name at every attempt: a mail that went twice is known to be one.
            await post.send(written(post.sender, mail, waiting.mail))
        except NOT_TAKEN as error:
            await self._failed(waiting, type(error).__name__)
        else:
            await self._outbox.sent(waiting)
            self._count("sent")

    async def _failed(self, waiting: Waiting, outcome: str) -> None:
        again = next_attempt(waiting.attempts)
        await self._outbox.failed(waiting, outcome, again)
        log.warning("mail-failed", reason=outcome, attempt=waiting.attempts, gave_up=again is None)
        self._count("gave-up" if again is None else "failed")

    def _count(self, outcome: str) -> None:
        self._mailing.notices.labels(outcome).inc()


@asynccontextmanager
async def posting(
    settings: Settings, directory: Directory, post: Post, mailing: Mailing
) -> AsyncIterator["asyncio.Task[None]"]:
    """Give the task that reads and sends while the block runs; it has noted before where it begins."""
    await patiently(lambda: upgrade(settings.postgres))
    pool = await patiently(
        lambda: connect(
            settings.postgres,
            application="manyhands-mails",
            role=Role.NOTIFICATIONS,
            size=2,
            search_path=api_of(COMMUNICATION.name),
        )
    )
    try:
        outbox = Outbox(pool, settings.topic(CASES))
        await patiently(lambda: _begun(outbox, settings.count(CASES)))
        async with running(Posting(outbox, directory, post, mailing)) as task:
            yield task
    finally:
        pool.terminate()


async def _begun(outbox: Outbox, partitions: int) -> None:
    try:
        await outbox.begin(partitions)
    except Away as away:
        raise DatabaseAway(str(away)) from None
