"""Bytewax with its recovery on: each batch folded and added to the rows, or a state a subject kept by Bytewax itself.

`batch` folds what the source hands over in one call and lets the table add: what is replayed after a crash is counted
again.  `map` keeps last status and count in Bytewax's own state and overwrites the rows, so a replay mends itself.
"""

import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import bytewax.operators as op
import orjson
import psycopg2
from bytewax.connectors.kafka import KafkaSource, KafkaSourceMessage
from bytewax.dataflow import Dataflow
from bytewax.outputs import DynamicSink, StatelessSinkPartition
from bytewax.recovery import RecoveryConfig, init_db_dir
from bytewax.run import cli_main

from bench.meter import Meter
from bench.peers.task import BATCH, Task, serve, sql
from projections.sql import statement

SQL = Path(__file__).with_name("peers.sql")
#: Bytewax's own default; where it stands in the log is kept this often, beside its states.
EPOCH = timedelta(seconds=10)
Value = tuple[str, int]
Row = tuple[str, Value]


@dataclass(frozen=True)
class Writing:
    """How items get into the table: what is prepared and executed, one row a subject, and the events they stand for."""

    prepare: str
    execute: str
    rows: Callable[[Sequence[Row]], Mapping[str, Value]]
    events: Callable[[Sequence[Row]], int]


class Rows(DynamicSink):  # type: ignore[misc]
    """A sink as the manual has one write it: a connection a worker, each batch of items in one transaction."""

    def __init__(self, task: Task, writing: Writing, meter: Meter) -> None:
        self._task, self._writing, self._meter = task, writing, meter

    def build(self, _step: str, _worker: int, _workers: int) -> StatelessSinkPartition:
        return Part(psycopg2.connect(self._task.postgres), self._writing, self._meter)


class Part(StatelessSinkPartition):  # type: ignore[misc]
    """The sink's part in the one worker."""

    def __init__(self, connection: Any, writing: Writing, meter: Meter) -> None:
        self._connection, self._writing, self._meter = connection, writing, meter
        with connection, connection.cursor() as cursor:
            cursor.execute(sql("create"))
            cursor.execute(writing.prepare)

    def write_batch(self, items: list[Row]) -> None:
        rows = self._writing.rows(items)
        statuses, counts = zip(*rows.values(), strict=True)
        with self._connection, self._connection.cursor() as cursor:
            cursor.execute(self._writing.execute, (list(rows), list(statuses), list(counts)))
        self._meter.committed(self._writing.events(items))

    def close(self) -> None:
        self._connection.close()


def batch(task: Task, meter: Meter) -> None:
    """Fold a batch in one call."""

    def fold(messages: list[KafkaSourceMessage]) -> Iterable[Row]:
        meter.begin()
        rows: dict[str, Value] = {}
        for message in messages:
            event = orjson.loads(message.value)
            subject = event["subject"]
            rows[subject] = (event["type"], rows[subject][1] + 1 if subject in rows else 1)
        return rows.items()

    prepare = statement(SQL, "prepare_adding").format(write=sql("write").rstrip(";"))
    writing = Writing(prepare, statement(SQL, "add"), _added, lambda items: sum(count for _, (_, count) in items))
    _run(task, lambda log: op.flat_map_batch("fold", log, fold), Rows(task, writing, meter))


def _added(items: Sequence[Row]) -> Mapping[str, Value]:
    """Add up the counts of a subject that stands in several batches, as Bytewax may hand over more than one."""
    rows: dict[str, Value] = {}
    for subject, (status, count) in items:
        rows[subject] = (status, rows[subject][1] + count if subject in rows else count)
    return rows


def stateful(task: Task, meter: Meter) -> None:
    """Keep a state a subject."""

    def read(message: KafkaSourceMessage) -> tuple[str, str]:
        meter.begin()
        event = orjson.loads(message.value)
        return event["subject"], event["type"]

    def count(state: Value | None, status: str) -> tuple[Value, Value]:
        after = (status, state[1] + 1 if state else 1)
        return after, after

    writing = Writing(statement(SQL, "prepare_overwriting"), statement(SQL, "overwrite"), dict, len)
    _run(task, lambda log: op.stateful_map("count", op.map("read", log, read), count), Rows(task, writing, meter))


def _run(task: Task, steps: Callable[[Any], Any], sink: Rows) -> None:
    """Run one worker to the end of the log, as Bytewax's own command does."""
    flow = Dataflow("last_status")
    source = KafkaSource([task.kafka], [task.topic], tail=False, batch_size=BATCH)
    op.output("rows", steps(op.input("log", flow, source)), sink)
    with tempfile.TemporaryDirectory() as folder:
        init_db_dir(Path(folder), 1)
        cli_main(flow, epoch_interval=EPOCH, recovery_config=RecoveryConfig(folder))


if __name__ == "__main__":
    serve({"batch": batch, "map": stateful})
