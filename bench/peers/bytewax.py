"""Bytewax with its recovery on: each batch folded and added to the rows, or a state a subject kept by Bytewax itself.

`batch` folds what the source hands over in one call and lets the table add: what is replayed after a crash is counted
again.  `map` keeps last status and count in Bytewax's own state and overwrites the rows, so a replay mends itself.
"""

import tempfile
from collections.abc import Callable, Iterable
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
from bytewax.testing import cluster_main

from bench.meter import Meter
from bench.peers.task import BATCH, Task, serve, sql
from projections.sql import statement

SQL = Path(__file__).with_name("peers.sql")
#: Bytewax's own default.
EPOCH = timedelta(seconds=10)
Row = tuple[str, tuple[str, int]]
Steps = Callable[[Any, Meter], Any]


class Rows(DynamicSink):  # type: ignore[misc]
    """Writes each batch of rows in one transaction; `write` takes the rows and gives the events they stand for."""

    def __init__(self, task: Task, prepare: str, write: Callable[[Any, list[Row]], int], meter: Meter) -> None:
        self._connection = psycopg2.connect(task.postgres)
        with self._connection, self._connection.cursor() as cursor:
            cursor.execute(sql("create"))
            cursor.execute(prepare)
        self._write, self._meter = write, meter

    def build(self, _step: str, _worker: int, _workers: int) -> StatelessSinkPartition:
        rows = self

        class Part(StatelessSinkPartition):  # type: ignore[misc]
            def write_batch(self, items: list[Row]) -> None:
                rows.commit(items)

        return Part()

    def commit(self, items: list[Row]) -> None:
        """Write and commit, then tell the meter."""
        with self._connection, self._connection.cursor() as cursor:
            events = self._write(cursor, items)
        self._meter.committed(events)


def batch(task: Task, meter: Meter) -> None:
    """Fold a batch in one call."""

    def fold(messages: list[KafkaSourceMessage]) -> Iterable[Row]:
        meter.begin()
        rows: dict[str, tuple[str, int]] = {}
        for message in messages:
            event = orjson.loads(message.value)
            subject = event["subject"]
            rows[subject] = (event["type"], rows[subject][1] + 1 if subject in rows else 1)
        return rows.items()

    def write(cursor: Any, items: list[Row]) -> int:
        subjects, values = zip(*items, strict=True)
        statuses, counts = zip(*values, strict=True)
        cursor.execute(statement(SQL, "write"), (list(subjects), list(statuses), list(counts)))
        return sum(counts)

    sink = Rows(task, statement(SQL, "prepare").format(write=sql("write").rstrip(";")), write, meter)
    _run(task, lambda up: op.flat_map_batch("fold", up, fold), sink)


def stateful(task: Task, meter: Meter) -> None:
    """Keep a state a subject."""

    def read(message: KafkaSourceMessage) -> tuple[str, str]:
        meter.begin()
        event = orjson.loads(message.value)
        return event["subject"], event["type"]

    def count(state: tuple[str, int] | None, status: str) -> tuple[tuple[str, int], tuple[str, int]]:
        after = (status, state[1] + 1 if state else 1)
        return after, after

    def write(cursor: Any, items: list[Row]) -> int:
        rows = dict(items)
        statuses, counts = zip(*rows.values(), strict=True)
        cursor.execute(statement(SQL, "write_states"), (list(rows), list(statuses), list(counts)))
        return len(items)

    def steps(up: Any) -> Any:
        return op.stateful_map("count", op.map("read", up, read), count)

    _run(task, steps, Rows(task, statement(SQL, "prepare_states"), write, meter))


def _run(task: Task, steps: Callable[[Any], Any], sink: Rows) -> None:
    """Run one worker to the end of the log."""
    flow = Dataflow("last_status")
    source = KafkaSource([task.kafka], [task.topic], tail=False, batch_size=BATCH)
    op.output("rows", steps(op.input("log", flow, source)), sink)
    with tempfile.TemporaryDirectory() as folder:
        init_db_dir(Path(folder), 1)
        cluster_main(flow, [], 0, epoch_interval=EPOCH, recovery_config=RecoveryConfig(folder))


if __name__ == "__main__":
    serve({"batch": batch, "map": stateful})
