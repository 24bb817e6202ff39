"""A mail server of a test's own, which keeps what it is handed, refuses it, or hangs up half way."""

from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller

from services.ops.local import ports
from tests.support.people import parsed


class Mailbox:
    """What came."""

    def __init__(self) -> None:
        self.kept: list[bytes] = []
        #: Answers everything with this instead.
        self.refusal: str | None = None

    @property
    def mails(self) -> list[EmailMessage]:
        return [parsed(each) for each in self.kept]

    async def handle_DATA(self, _: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - the library's name for it
        if self.refusal is not None:
            return self.refusal
        self.kept.append(envelope.original_content)
        return "250 OK"


@contextmanager
def listening() -> Iterator[tuple[str, Mailbox]]:
    """Give the server's address, and what came."""
    box = Mailbox()
    [port] = ports.choose(1)
    controller = Controller(box, "127.0.0.1", port)
    controller.start()
    try:
        yield f"127.0.0.1:{port}", box
    finally:
        controller.stop()
