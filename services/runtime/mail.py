"""Mails as they go out: over SMTP, or into a folder where there is no mail server."""

import os
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import localtime
from functools import partial
from pathlib import Path
from uuid import uuid4

import aiosmtplib

from services.runtime.errors import SettingInvalid
from services.runtime.security import secret_in
from services.runtime.settings import Settings

#: Seconds in which the mail server must take a mail.
PATIENCE = 15.0
LOOPBACK = ("127.0.0.1", "::1", "localhost")
Send = Callable[[EmailMessage], Awaitable[object]]
#: What a mail that was not taken is known by: the error's type alone, as what a mail server says repeats the address.
NOT_TAKEN = (aiosmtplib.SMTPException, OSError)


@dataclass(frozen=True, slots=True)
class Mail:
    """What is sent; `to` is spelled as people are found by, so that it holds nothing but an address."""

    to: str = field(repr=False)
    subject: str
    text: str = field(repr=False)
    html: str = field(repr=False)


def written(sender: str, mail: Mail, name: str | None = None) -> EmailMessage:
    """Return the mail as it goes out; of one name it is the same mail, however often it goes.

    Raises ValueError for an address that would be more than one.
    """
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = sender, mail.to, mail.subject
    message["Date"], message["Message-ID"] = localtime(), f"<{name or uuid4()}@{sender.rpartition('@')[2]}>"
    # No out-of-office note needs to answer it.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    return message


def way(settings: Settings) -> Send | None:
    """Return what sends a mail, None where mails go nowhere.  Raises SettingInvalid."""
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
