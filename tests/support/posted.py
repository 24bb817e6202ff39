"""Mails to partners, for tests: the process that sends them, its outbox alone, and what came of both."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from events.topics import CASES
from services.admission.directory import Directory
from services.notifications.app import Notifications
from services.notifications.outbox import Outbox
from services.notifications.posting import Posting, post_of
from services.notifications.telemetry import Mailing
from services.runtime.builds import api_of
from services.runtime.roles import Role
from services.runtime.settings import Settings
from services.runtime.store import connect
from tests.support import people
from tests.support.mailbox import Mailbox
from tests.support.wait import until


@asynccontextmanager
async def notifying(settings: Settings) -> AsyncIterator[Notifications]:
    """Run the notifications processor while the block runs."""
    process = Notifications(settings)
    task = asyncio.create_task(process.run())
    try:
        await until(lambda: task.done() or process.health().ready)
        assert not task.done(), task.result()
        yield process
    finally:
        process.stop()
        await task


@asynccontextmanager
async def outboxed(settings: Settings) -> AsyncIterator[Outbox]:
    """Give the outbox alone, as the role of notifications reaches it."""
    path = api_of("communication")
    async with await connect(settings.postgres, application="t", role=Role.NOTIFICATIONS, search_path=path) as pool:
        yield Outbox(pool, settings.topic(CASES))


@asynccontextmanager
async def posting(outbox: Outbox, settings: Settings) -> AsyncIterator[Posting]:
    """Give what reads and sends, step by step."""
    post = post_of(settings)
    assert post is not None
    async with Directory(settings) as directory:
        yield Posting(outbox, directory, post, Mailing())


async def drained(outbox: Outbox, settings: Settings) -> None:
    """Read on and send until there is nothing to do."""
    async with posting(outbox, settings) as work:
        while await work.once():
            pass


def plain(box: Mailbox, number: int = -1) -> str:
    """Return the text of a mail that came."""
    body = box.mails[number].get_body(("plain",))
    assert body is not None
    return str(body.get_content())


async def kept(settings: Settings, query: str) -> list[dict[str, Any]]:
    """Return the rows of a query."""
    return [dict(row) for row in await people.rows(settings, query)]
