"""Quix Streams with its PostgreSQL sink: last values alone, or counted in its own state, as it is meant to be used.

`count` keeps each subject's count in Quix's state, which a changelog topic backs, and upserts what comes of it;
`sink` hands each event's subject and status to the sink and counts nothing, as the sink can only overwrite.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2.extensions import parse_dsn
from quixstreams import Application, State
from quixstreams.sinks.base import SinkBatch
from quixstreams.sinks.community.postgresql import PostgreSQLSink

from bench.meter import Meter
from bench.peers.task import Task, serve, sql
from projections.sql import statement

SQL = Path(__file__).with_name("peers.sql")
#: Messages in one checkpoint.
CHECKPOINT = 20_000


class Counted(PostgreSQLSink):  # type: ignore[misc]
    """The sink as it comes, telling the meter what it has committed."""

    def __init__(self, meter: Meter, **options: Any) -> None:
        super().__init__(**options)
        self._meter = meter

    def write(self, batch: SinkBatch) -> None:
        super().write(batch)
        self._meter.committed(batch.size)


def count(task: Task, meter: Meter) -> None:
    """Count in Quix's state: records of a subject are of one key, and a state is a key's."""

    def fold(event: dict[str, Any], state: State) -> dict[str, Any]:
        meter.begin()
        subject = event["subject"]
        events = state.get(subject, 0) + 1
        state.set(subject, events)
        return {"subject": subject, "status": event["type"], "events": events}

    _run(task, meter, sql("create"), lambda frame: frame.apply(fold, stateful=True))


def sink(task: Task, meter: Meter) -> None:
    """Overwrite the last value."""

    def pick(event: dict[str, Any]) -> dict[str, Any]:
        meter.begin()
        return {"subject": event["subject"], "status": event["type"]}

    _run(task, meter, statement(SQL, "create_values"), lambda frame: frame.apply(pick))


def _run(task: Task, meter: Meter, create: str, steps: Callable[[Any], Any]) -> None:
    """Run until every event is processed; stopping commits the last checkpoint."""
    with psycopg2.connect(task.postgres) as connection, connection.cursor() as cursor:
        cursor.execute(create)
    with tempfile.TemporaryDirectory() as folder:
        app = Application(
            broker_address=task.kafka,
            consumer_group=task.group,
            auto_offset_reset="earliest",
            commit_every=CHECKPOINT,
            state_dir=folder,
            loglevel="WARNING",
        )
        frame = app.dataframe(app.topic(task.topic, key_deserializer="str", value_deserializer="json"))
        steps(frame).sink(Counted(meter, **_sink(task)))
        app.run(count=task.events, collect=False)


def _sink(task: Task) -> dict[str, Any]:
    at = parse_dsn(task.postgres)
    return {
        "host": at["host"],
        "port": int(at.get("port", 5432)),
        "dbname": at["dbname"],
        "user": at["user"],
        "password": at.get("password", ""),
        "table_name": "last_status",
        "schema_auto_update": False,
        "primary_key_columns": "subject",
        "upsert_on_primary_key": True,
        "include_metadata": False,
    }


if __name__ == "__main__":
    serve({"count": count, "sink": sink})
