"""A mail server of the demonstration's own, on loopback: it keeps what it is handed, and sends nothing on."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP as POLICY
from functools import partial

from aiosmtpd.smtp import SMTP, Envelope, Session

from services.ops.errors import DemoFailed
from services.ops.local.ports import HOST

#: Seconds until a mail that was promised must be there.
PATIENCE_S = 30.0


class Mailbox:
    """What came, by the address that it came for."""

    def __init__(self) -> None:
        self._kept: dict[str, asyncio.Queue[str]] = defaultdict(asyncio.Queue)
        #: How many mails came in all.
        self.came = 0

    async def handle_DATA(self, _: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep a mail."""
        mail = BytesParser(EmailMessage, policy=POLICY).parsebytes(envelope.original_content or b"")
        body = mail.get_body(("plain",))
        self._kept[mail["To"]].put_nowait(body.get_content() if body is not None else "")
        self.came += 1
        return "250 OK"

    async def take(self, address: str, holding: str = "") -> str:
        """Return the text of the next mail to this address that holds this, passing over others.

        Raises DemoFailed when none comes.
        """
        while True:
            try:
                mail = await asyncio.wait_for(self._kept[address].get(), PATIENCE_S)
            except TimeoutError:
                raise DemoFailed(f"no mail came to {address} in {PATIENCE_S:.0f} s") from None
            if holding in mail:
                return mail


@asynccontextmanager
async def listening() -> AsyncIterator[tuple[str, Mailbox]]:
    """Give the server's address as host:port, and what comes there, while the block runs."""
    box = Mailbox()
    server = await asyncio.get_running_loop().create_server(partial(SMTP, box), HOST, 0)
    try:
        yield f"{HOST}:{server.sockets[0].getsockname()[1]}", box
    finally:
        server.close()
        await server.wait_closed()
