"""Mails to people: handed over apart from the request that asks for one, so that its time tells nothing."""

import asyncio
import os
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import localtime
from functools import partial
from pathlib import Path
from uuid import uuid4

import aiosmtplib

from services.gateway.telemetry import Telemetry
from services.runtime import logging
from services.runtime.errors import SettingInvalid
from services.runtime.security import secret_in
from services.runtime.settings import Settings

#: Mails that may wait; seconds in which the mail server must take one.
WAITING, PATIENCE = 1000, 15.0
LOOPBACK = ("127.0.0.1", "::1", "localhost")
Send = Callable[[EmailMessage], Awaitable[object]]

log = logging.get(__name__)


@dataclass(frozen=True, slots=True)
class Mail:
    """What is sent; `to` is spelled as people are found by, so that it holds nothing but an address."""

    to: str = field(repr=False)
    subject: str
    text: str = field(repr=False)
    html: str = field(repr=False)


class Post:
    """Takes mails and hands them over one after the other; what cannot be handed over is counted and forgotten."""

    def __init__(self, sender: str, send: Send | None, telemetry: Telemetry) -> None:
        self._sender = sender
        self._send = send
        self._telemetry = telemetry
        self._waiting: asyncio.Queue[Mail] = asyncio.Queue(WAITING)

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
        """Hand mails over for ever."""
        while True:
            mail = await self._waiting.get()
            try:
                await send(written(self._sender, mail))
            except (aiosmtplib.SMTPException, OSError) as error:
                # By its type alone: what a mail server says repeats the address.
                log.warning("mail-failed", reason=type(error).__name__)
                self._count("failed")
            else:
                self._count("sent")

    def _count(self, outcome: str) -> None:
        self._telemetry.mails.labels(outcome).inc()


@asynccontextmanager
async def opened(settings: Settings, telemetry: Telemetry) -> AsyncIterator[Post]:
    """Give a post that delivers while the block runs.  Raises SettingInvalid."""
    send = _way(settings)
    post = Post(settings.mail_from, send, telemetry)
    if send is None:
        yield post
        return
    delivering = asyncio.create_task(post.deliver(send))
    try:
        yield post
    finally:
        delivering.cancel()
        await asyncio.wait([delivering])


def written(sender: str, mail: Mail) -> EmailMessage:
    """Return the mail as it goes out.  Raises ValueError for an address that would be more than one."""
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = sender, mail.to, mail.subject
    message["Date"], message["Message-ID"] = localtime(), f"<{uuid4()}@{sender.rpartition('@')[2]}>"
    # No out-of-office note needs to answer it.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    return message


def _way(settings: Settings) -> Send | None:
    if settings.smtp is None:
        return None
    if settings.smtp == "folder":
        return partial(_into, settings.home / "mail")
    host, _, port = settings.smtp.rpartition(":")
    if not host or not port.isdecimal():
        raise SettingInvalid("MANYHANDS_SMTP is neither host:port nor `folder`")
    if settings.smtp_security == "none" and host.strip("[]") not in LOOPBACK:
        raise SettingInvalid("MANYHANDS_SMTP_SECURITY is none, and sign-in links would cross the network in the open")
    return partial(_over, _terms(settings, host.strip("[]"), int(port)))


def _terms(settings: Settings, host: str, port: int) -> dict[str, object]:
    file, security = settings.smtp_password_file, settings.smtp_security
    context = None
    if security != "none":
        context = ssl.create_default_context(cafile=settings.smtp_ca_file)
    return {
        "hostname": host,
        "port": port,
        "timeout": PATIENCE,
        "use_tls": security == "tls",
        "start_tls": security == "starttls",
        "tls_context": context,
        "username": settings.smtp_user,
        "password": secret_in("MANYHANDS_SMTP_PASSWORD_FILE", file) if file else None,
        "local_hostname": "localhost",
    }


async def _over(terms: dict[str, object], message: EmailMessage) -> None:
    await aiosmtplib.send(message, **terms)  # type: ignore[arg-type]


async def _into(folder: Path, message: EmailMessage) -> None:
    """Put the mail into a file of its own, which only its owner may read."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = f"{localtime():%Y%m%dT%H%M%S}-{uuid4().hex[:8]}.eml"
    handle = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(message.as_bytes())
