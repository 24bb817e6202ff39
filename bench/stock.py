"""Stock Faust and asyncpg as the manuals show them: one agent, a statement an event."""

import tempfile
from pathlib import Path
from typing import Any

import asyncpg
import faust

from bench.engine import Job, serve
from bench.meter import Meter
from bench.yardstick import SQL
from projections.sql import statement


async def run(job: Job, meter: Meter) -> None:
    """Fold events one by one until the meter has seen enough."""
    pool = await asyncpg.create_pool(job.postgres)
    await pool.execute(statement(SQL, "create"))
    with tempfile.TemporaryDirectory() as folder:
        app = _app(job, folder)
        write = statement(SQL, "write_one")

        @app.agent(app.topic(job.topic, value_serializer="json"))
        async def project(stream: Any) -> None:
            async for event in stream:
                if meter.done.is_set():
                    return
                meter.begin()
                await pool.execute(write, event["subject"], event["type"])
                meter.committed(1)

        await app.start()
        await meter.done.wait()
        await app.stop()
    await pool.close()


def _app(job: Job, folder: str) -> faust.App:
    return faust.App(
        "bench-stock",
        broker=f"kafka://{job.kafka}",
        datadir=Path(folder),
        store="memory://",
        consumer_auto_offset_reset="earliest",
        web_enabled=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
    )


if __name__ == "__main__":
    serve(run)
