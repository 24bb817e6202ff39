"""Mails over SMTP: through TLS, in one piece, and with nobody's address in what is logged."""

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from structlog.testing import capture_logs

from services.gateway.people import mail
from services.gateway.people.mail import Mail, Post, written
from services.gateway.telemetry import Telemetry
from services.ops.local import ports
from services.runtime.errors import SettingInvalid
from services.runtime.settings import Settings
from tests.support.certificates import Authority
from tests.support.people import EMAIL, parsed
from tests.support.wait import until

MAIL = Mail(EMAIL, "Your link", "Here: https://door.example/x\n", "<p>Here</p>")


class Inbox:
    """Keeps what it is handed, or refuses it with the address in its answer."""

    def __init__(self) -> None:
        self.kept: list[bytes] = []
        self.refuses = False

    async def handle_RCPT(self, _: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if self.refuses:
            return f"550 {address} is nobody"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.kept.append(envelope.original_content)
        return "250 OK"


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def server(inbox: Inbox, tmp_path: Path) -> Iterator[Settings]:
    """A mail server that takes nothing in the open, and the settings to reach it."""
    authority = Authority(tmp_path)
    own = authority.issue("mail")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(own.certificate, own.key)
    [port] = ports.choose(1)
    controller = Controller(inbox, "127.0.0.1", port, tls_context=context, require_starttls=True)
    controller.start()
    try:
        yield Settings(tmp_path, "k", "p", smtp=f"127.0.0.1:{port}", smtp_ca_file=authority.file)
    finally:
        controller.stop()


@pytest.fixture
def telemetry() -> Telemetry:
    return Telemetry()


async def test_mail_goes_through_tls(server: Settings, inbox: Inbox, telemetry: Telemetry) -> None:
    async with mail.opened(server, telemetry) as post:
        post.put(MAIL)
        await until(lambda: bool(inbox.kept))
    [got] = map(parsed, inbox.kept)
    assert (got["To"], got["Subject"]) == (EMAIL, "Your link")


async def test_server_of_an_unknown_authority_gets_no_mail(
    server: Settings, inbox: Inbox, telemetry: Telemetry
) -> None:
    async with mail.opened(replace(server, smtp_ca_file=None), telemetry) as post:
        post.put(MAIL)
        await until(lambda: b'outcome="failed"} 1.0' in telemetry.text())
    assert inbox.kept == []


async def test_mail_server_that_names_the_address_is_not_quoted(
    server: Settings, inbox: Inbox, telemetry: Telemetry
) -> None:
    inbox.refuses = True
    with capture_logs() as lines:
        async with mail.opened(server, telemetry) as post:
            post.put(MAIL)
            await until(lambda: b'outcome="failed"} 1.0' in telemetry.text())
            inbox.refuses = False
            post.put(MAIL)
            await until(lambda: bool(inbox.kept))
    assert [line["event"] for line in lines] == ["mail-failed"]
    assert EMAIL not in str(lines) + telemetry.text().decode() + repr(MAIL)


async def test_too_many_mails_are_dropped_and_counted(telemetry: Telemetry) -> None:
    post = mail.Post("a@b.example", None, telemetry)
    for _ in range(mail.WAITING + 3):
        post.put(MAIL)
    assert b'outcome="dropped"} 3.0' in telemetry.text()


@pytest.mark.parametrize("to", ["a@b.example\r\nBcc: c@d.example", "a@b.example\nX: y"])
def test_mail_has_no_header_that_its_address_brought(to: str) -> None:
    with pytest.raises(ValueError, match=r"linefeed"):
        written("a@b.example", replace(MAIL, to=to))


@pytest.mark.parametrize(
    "changed", [{"smtp": "mail.example.org:25", "smtp_security": "none"}, {"smtp": "mail"}, {"smtp": ":x"}]
)
async def test_settings_that_would_send_links_in_the_open_are_refused(
    telemetry: Telemetry, changed: dict[str, str]
) -> None:
    with pytest.raises(SettingInvalid):
        async with mail.opened(replace(Settings(Path(), "k", "p"), **changed), telemetry):  # type: ignore[arg-type]
            await asyncio.sleep(0)


@pytest.mark.parametrize("closing", [True, False])
async def test_end_is_heard_where_a_cancellation_was_lost(
    closing: bool, telemetry: Telemetry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without its own mark the post would wait for the next mail for ever."""
    begun = asyncio.Event()

    async def deaf(message: EmailMessage) -> None:
        begun.set()
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()

    post = Post("us@door.example", deaf, telemetry)
    task = asyncio.create_task(post.deliver(deaf))
    post.put(MAIL)
    await begun.wait()
    if closing:
        post.close()
    task.cancel()
    await until(lambda: 'outcome="sent"} 1.0' in telemetry.text().decode())
    await asyncio.sleep(0)
    assert task.done() is closing
    task.cancel()
    await asyncio.wait([task])
