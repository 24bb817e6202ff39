import logging
from collections.abc import Iterator
from io import StringIO

import orjson
import pytest

from services.runtime.errors import LogCut
from services.runtime.logging import configure, configure_command, get

CANARY = "Ada Lovelace"


@pytest.fixture
def stream() -> Iterator[StringIO]:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    written = StringIO()
    configure("json", "info", written)
    yield written
    root.handlers[:], root.level = before


def only(stream: StringIO) -> dict[str, object]:
    (line,) = stream.getvalue().splitlines()
    return dict(orjson.loads(line))


def fail(name: str) -> None:
    raise ValueError(f"{name} cannot be stored")


def test_line_is_an_event_with_facts(stream: StringIO) -> None:
    get("here").info("partition-placed", offset=3)
    line = only(stream)
    assert (line["event"], line["offset"], line["level"], line["logger"]) == ("partition-placed", 3, "info", "here")


def test_failure_shows_its_type_and_places_and_no_data(stream: StringIO) -> None:
    try:
        fail(CANARY)
    except ValueError:
        get("here").exception("rule-failed")
    line = only(stream)
    assert line["error"] == "ValueError"
    assert any("test_logging.py" in str(place) for place in line["traceback"])  # type: ignore[attr-defined]
    assert CANARY not in stream.getvalue()


def test_failure_of_a_library_shows_no_data_either(stream: StringIO) -> None:
    try:
        fail(CANARY)
    except ValueError as error:
        logging.getLogger("faust").warning("Agent raised: %r", error, exc_info=error)
    assert only(stream)["event"] == "Agent raised: 'ValueError'"
    assert CANARY not in stream.getvalue()


def test_fault_of_a_machine_keeps_its_words(stream: StringIO) -> None:
    get("here").warning("away", exc_info=ConnectionRefusedError("127.0.0.1:9092"))
    get("here").warning("cut", exc_info=LogCut("cases-3 ends at 7"))
    assert "127.0.0.1:9092" in stream.getvalue()
    assert "LogCut: cases-3 ends at 7" in stream.getvalue()


def test_console_shows_no_locals(stream: StringIO) -> None:
    configure("console", "info", stream)
    try:
        fail(CANARY)
    except ValueError:
        get("here").exception("rule-failed")
    assert "rule-failed" in stream.getvalue()
    assert CANARY not in stream.getvalue()


def test_debug_never_reaches_libraries_that_would_print_records(stream: StringIO) -> None:
    configure("json", "debug", stream)
    logging.getLogger("aiokafka.conn").debug("sending %s", CANARY)
    assert stream.getvalue() == ""


def test_command_leaves_it_to_itself_to_say_what_a_library_complains_of(
    stream: StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        configure_command()
        logging.getLogger("aiokafka.conn").error("Unable to connect")
        get("here").warning("register-behind")
    finally:
        configure("json", "info", stream)
    assert "Unable to connect" not in capsys.readouterr().err
