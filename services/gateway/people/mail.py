"""Mails to people: handed over apart from the request that asks for one, so that its time tells nothing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.gateway.telemetry import Telemetry
from services.runtime import logging
from services.runtime.mail import LOOPBACK, NOT_TAKEN, Mail, Send, way, written
from services.runtime.settings import Settings

__all__ = ["LOOPBACK", "Mail", "Post", "opened", "written"]

#: Mails that may wait.
WAITING = 1000

log = logging.get(__name__)


class Post:
    """Takes mails and hands them over one after the other; what cannot be handed over is counted and forgotten."""

    def __init__(self, sender: str, send: Send | None, telemetry: Telemetry) -> None:
        self._sender = sender
        self._send = send
        self._telemetry = telemetry
        self._waiting: asyncio.Queue[Mail] = asyncio.Queue(WAITING)
        self._closed = False

    @property
    def open(self) -> bool:
        """Whether mails go anywhere."""
        return self._send is not None

    def put(self, mail: Mail) -> None:
        """Have the mail sent as soon as may be; of too many, further ones are dropped."""
        try:
            self._waiting.put_nowait(mail)
        except asyncio.QueueFull:
            self._count("dropped")

    async def deliver(self, send: Send) -> None:
        """Hand mails over until `close` was called and the task is cancelled."""
        while not self._closed:
            mail = await self._waiting.get()
            try:
                await send(written(self._sender, mail))
            except NOT_TAKEN as error:
                log.warning("mail-failed", reason=type(error).__name__)
                self._count("failed")
            else:
                self._count("sent")

    def close(self) -> None:
        """Take up no further mail: a cancellation that comes as a mail was just handed over may be lost on the way."""
        self._closed = True

    def _count(self, outcome: str) -> None:
        self._telemetry.mails.labels(outcome).inc()


@asynccontextmanager
async def opened(settings: Settings, telemetry: Telemetry) -> AsyncIterator[Post]:
    """Give a post that delivers while the block runs.  Raises SettingInvalid."""
    send = way(settings)
    post = Post(settings.mail_from, send, telemetry)
    if send is None:
        yield post
        return
    delivering = asyncio.create_task(post.deliver(send))
    try:
        yield post
    finally:
        post.close()
        delivering.cancel()
        await asyncio.wait([delivering])
