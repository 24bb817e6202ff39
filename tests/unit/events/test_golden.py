"""What was once published is read, and written again, for ever."""

import json

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_structured_event
from jsonschema import Draft202012Validator

from events.catalogue import TOPIC_OF, TYPES
from events.codec import Unreadable, read, write
from events.schema import export
from tests.support.golden import FOLDER, every, records


def key(record: bytes) -> bytes:
    name: str = json.loads(record)["partitionkey"]
    return name.encode()


def test_every_published_type_has_golden_records_and_none_is_lost() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == set(TYPES)


@pytest.mark.parametrize("full", TYPES)
def test_golden_records_are_read_and_written_byte_for_byte(full: str) -> None:
    for record in records(full):
        event = read(TOPIC_OF[full], key(record), record)
        assert not isinstance(event, Unreadable)
        assert type(event) is TYPES[full]
        assert write(event) == record


@pytest.mark.parametrize("full", TYPES)
def test_golden_records_fit_the_exported_schema(full: str) -> None:
    validator = Draft202012Validator(export(full))
    for record in records(full):
        assert [error.json_path for error in validator.iter_errors(json.loads(record))] == []


@pytest.mark.parametrize("full", TYPES)
def test_golden_records_use_every_field_that_can_be_said(full: str) -> None:
    schema = export(full)
    name = schema["properties"]["data"]["$ref"].rpartition("/")[2]
    used = {field for record in records(full) for field in json.loads(record)["data"]}
    assert used == set(schema["$defs"][name]["properties"])


@pytest.mark.parametrize("full", TYPES)
def test_readers_ignore_what_a_newer_writer_adds(full: str) -> None:
    for record in records(full):
        document = json.loads(record)
        document["newextension"] = "later"
        document["data"]["admitted"]["later"] = {"deep": [1]}
        event = read(TOPIC_OF[full], key(record), json.dumps(document).encode())
        assert not isinstance(event, Unreadable)
        assert write(event) == record


def test_golden_records_are_valid_structured_cloudevents() -> None:
    headers = {"content-type": b"application/cloudevents+json"}
    for _, record in every():
        document = json.loads(record)
        event = from_structured_event(KafkaMessage(headers=headers, key=key(record), value=record))
        attributes = event.get_attributes()
        assert event.get_data() == document.pop("data")
        assert {**attributes, "time": None} == {**document, "time": None}
        assert attributes["time"].tzinfo is not None
