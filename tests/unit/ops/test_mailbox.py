"""The demonstration's mails: a scene takes the one it waits for, whatever else came to the address before."""

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from services.ops.demo import mailbox
from services.ops.demo.mailbox import Mailbox
from services.ops.errors import DemoFailed

DESK = "desk@cedar-shelter.example"


async def kept(*texts: str) -> Mailbox:
    box = Mailbox()
    for text in texts:
        envelope = Envelope()
        envelope.original_content = f"To: {DESK}\r\nSubject: x\r\n\r\n{text}\r\n".encode()
        await box.handle_DATA(SMTP(box), Session(None), envelope)  # type: ignore[arg-type]
    return box


async def test_a_mail_that_holds_something_else_is_passed_over() -> None:
    box = await kept("Something has ended: /work", "Something is waiting: /l/abc", "Your code is 1234 5678")
    assert "/l/abc" in await box.take(DESK, holding="/l/")
    assert "1234 5678" in await box.take(DESK)


async def test_a_mail_that_never_comes_fails_the_demonstration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailbox, "PATIENCE_S", 0.01)
    box = await kept("Something has ended: /work")
    with pytest.raises(DemoFailed, match="no mail came to desk"):
        await box.take(DESK, holding="/l/")
