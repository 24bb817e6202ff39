"""What a caller says about a person is in no line, no metric, no answer and no address."""

import logging
from collections.abc import Iterator
from io import StringIO
from urllib.parse import quote

import pytest

from services.gateway.app import make
from services.gateway.cloudevents import Mode
from services.gateway.parts import Parts
from services.runtime.logging import configure
from tests.support import doors
from tests.support.admitting import CLINIC, registered, said
from tests.support.canary import NAMES, Search, ascii_name


@pytest.fixture
def written() -> Iterator[StringIO]:
    """What the process writes to its log while the test runs."""
    stream, root = StringIO(), logging.getLogger()
    before = root.handlers[:], root.level
    configure("json", "info", stream)
    yield stream
    root.handlers[:], root.level = before


@pytest.mark.parametrize("name", NAMES)
async def test_name_is_written_nowhere(parts: Parts, written: StringIO, name: str) -> None:
    answers: list[bytes] = []
    plain, path = ascii_name(name), quote(name, safe="")
    rows = [
        registered("c", f"own:{plain}", details=name),
        said("client.registered", "d", {name: name}, client="own:2"),
        said("client.registered", plain, {}, client=name, subject=name),
        said(name, "e", {"details": [name]}, actor=name, source=name),
        name.encode(),
        f'{{"{plain}": "\\ud800{plain}'.encode(),
    ]
    async with doors.client(make(parts), await doors.token(parts, CLINIC)) as door:
        for row in rows:
            for media in (Mode.STRUCTURED, Mode.BATCH, Mode.STREAM, "text/" + plain.replace(" ", "")):
                body = b"[" + row + b"]" if media is Mode.BATCH else row
                for query in ("", "?dry_run=true", f"?backfill={path}", f"?dry_run={path}", f"?{path}={path}"):
                    answer = await door.post(f"/v1/events{query}", content=body, headers={"Content-Type": media})
                    assert answer.status_code < 500
                    answers.append(answer.content + str(answer.headers).encode())
        for address in (f"/v1/codes/{path[:40]}", f"/v1/{path}", f"/v1/codes?x={path}"):
            answers += [(await door.get(address)).content]
        answers.append((await door.get("/v1/codes", headers={"Authorization": f"Bearer {plain}"})).content)
        binary = {"ce-specversion": "1.0", "ce-id": path, "ce-subject": path, "ce-type": path}
        answers.append((await door.post("/v1/events", content=name.encode(), headers=binary)).content)
    search = Search([name, plain])
    told = [each for each in answers if search.text("answer", _without_own_id(each, plain))]
    assert told == []
    assert search.text("log", written.getvalue().encode()) == set()
    assert search.text("metrics", parts.telemetry.text()) == set()
    assert b"/v1/events" in parts.telemetry.text()


def _without_own_id(answer: bytes, own: str) -> bytes:
    """Leave out the sender's own id of its event, which is echoed to it alone."""
    return answer.replace(b'"id":"' + own.encode() + b'"', b"")
