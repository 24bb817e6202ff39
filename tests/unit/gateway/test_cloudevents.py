"""The modes of CloudEvents over HTTP, by the standard's own library."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from cloudevents.core.bindings.http import to_binary_event, to_structured_event
from cloudevents.core.v1.event import CloudEvent
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers

from services.admission.parse import Parsed, parse
from services.gateway.cloudevents import Mode, mode_of, row_of
from services.gateway.problems import ProblemError

ATTRIBUTES: dict[str, Any] = {
    "specversion": "1.0",
    "id": "c",
    "source": "urn:manyhands:partner:clinic",
    "type": "client.registered",
    "client": "own:1",
}
BINARY = {"content-type": "application/json", "ce-specversion": "1.0"}


def headers(**more: str) -> Headers:
    return Headers({**BINARY, **{f"ce-{name}": value for name, value in more.items()}})


@pytest.mark.parametrize(
    ("sent", "mode"),
    [
        ({"content-type": "application/cloudevents+json"}, Mode.STRUCTURED),
        ({"content-type": "Application/CloudEvents+JSON; charset=UTF-8"}, Mode.STRUCTURED),
        ({"content-type": "application/cloudevents-batch+json"}, Mode.BATCH),
        ({"content-type": "application/x-ndjson"}, Mode.STREAM),
        (BINARY, Mode.BINARY),
        ({"content-type": "application/json"}, Mode.STRUCTURED),
        ({"ce-specversion": "1.0"}, Mode.BINARY),
        ({"content-type": "application/cloudevents+json", "ce-specversion": "1.0"}, Mode.STRUCTURED),
    ],
)
def test_mode_follows_the_body_s_type(sent: dict[str, str], mode: Mode) -> None:
    assert mode_of(Headers(sent)) is mode


@pytest.mark.parametrize("media", ["", "text/plain", "application/json; charset=latin-1", "application/avro"])
def test_other_types_are_not_taken(media: str) -> None:
    with pytest.raises(ProblemError) as raised:
        mode_of(Headers({"content-type": media}))
    assert (raised.value.status, raised.value.code) == (415, "unsupported-media-type")


def test_encoding_is_taken_off_once() -> None:
    row = orjson.loads(row_of(headers(id="a%2520b", subject='"q\\"%41"'), b"{}"))
    assert (row["id"], row["subject"]) == ("a%20b", 'q"A')


@pytest.mark.parametrize(
    ("raw", "body", "code"),
    [
        ([(b"ce-id", b"1"), (b"ce-id", b"2")], b"{}", "bad-header"),
        ([(b"ce-id", b"%ff")], b"{}", "bad-header"),
        ([(b"ce-data", b"1")], b"{}", "bad-header"),
        ([(b"ce-a_b", b"1")], b"{}", "bad-header"),
        ([(b"ce-id", b"1")], b"{", "not-json"),
        ([(b"ce-id", b"1")], b'{},"actor":"somebody"', "not-json"),
    ],
)
def test_what_cannot_be_read_is_refused(raw: list[tuple[bytes, bytes]], body: bytes, code: str) -> None:
    with pytest.raises(ProblemError) as raised:
        row_of(Headers(raw=raw), body)
    assert raised.value.code == code


def test_no_data_is_no_field() -> None:
    assert "data" not in orjson.loads(row_of(headers(id="1"), b""))


def event(**more: Any) -> CloudEvent:
    return CloudEvent({**ATTRIBUTES, "time": datetime(2026, 3, 2, 9, 30, tzinfo=UTC), **more}, {"details": "Zé"})


@given(st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1, max_size=40))
def test_binary_mode_of_the_library_is_read_as_it_was_written(name: str) -> None:
    message = to_binary_event(event(id=name))
    raw = [(key.encode(), value.encode("latin-1")) for key, value in message.headers.items()]
    received = Headers(raw=[(key.lower(), value) for key, value in raw])
    assert mode_of(received) is Mode.BINARY
    row = orjson.loads(row_of(received, message.body))
    assert (row["id"], row["client"], row["data"]) == (name, "own:1", {"details": "Zé"})
    assert datetime.fromisoformat(row["time"]) == event().get_time()


def test_structured_mode_of_the_library_is_admitted() -> None:
    message = to_structured_event(event(id="c", datacontenttype="application/json"))
    assert mode_of(Headers({key.lower(): value for key, value in message.headers.items()})) is Mode.STRUCTURED
    parsed = parse(message.body)
    assert isinstance(parsed, Parsed), parsed
    assert (parsed.said.id, parsed.type) == ("c", "org.manyhands.client.registered.v1")


def test_binary_mode_of_the_library_is_admitted() -> None:
    message = to_binary_event(event(id="c"))
    row = row_of(Headers({key.lower(): value for key, value in message.headers.items()}), message.body)
    assert isinstance(parse(row), Parsed), parse(row)
