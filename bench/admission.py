"""An NDJSON file through admission: parsed, judged, named, sealed, registered and acknowledged by Kafka."""

import tempfile
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import orjson

from bench.child import EngineFailed
from bench.engine import Job, serve
from bench.meter import Meter
from bench.rows import INITIATIVE, RECIPIENT, SENDER, joining, write
from bench.stories import uuid
from services.admission.admission import Admission
from services.admission.caller import Partner, System
from services.admission.founding import Founding, rows
from services.admission.judging import Terms
from services.admission.result import Result
from services.admission.wiring import opened
from services.ops.rows import Rows
from services.runtime.log import create_topics

BACKBONE = "together"


async def run(job: Job, meter: Meter) -> None:
    """Admit a file of the job's size; raises EngineFailed when a row is turned away."""
    with tempfile.TemporaryDirectory() as folder:
        settings = replace(job.settings, home=Path(folder))
        await create_topics(settings)
        async with opened(settings) as admission:
            service = await begin(admission)
            file = Path(folder) / "rows.ndjson"
            write(file, job.events, service)
            await _admit(admission, file, meter)


async def _admit(admission: Admission, file: Path, meter: Meter) -> None:
    with file.open("rb") as stream:
        meter.begin()
        async for result in admission.stream(Terms(Partner(INITIATIVE, SENDER)), Rows(stream).batches()):
            _check([result])
            meter.committed(1)


async def begin(admission: Admission) -> str:
    """Open the initiative, let the partners join, and return the id of the recipient's service."""
    random = Random(1)
    registrar, service = uuid(random), uuid(random)
    founding = Founding(INITIATIVE, "Harbour County", "America/Chicago", BACKBONE, "Together", registrar)
    begun = rows(founding, admission.standing(INITIATIVE), datetime.now(UTC))
    _check(await admission.admit(System(INITIATIVE, "init"), begun))
    told, offered = joining(service)
    _check(
        await admission.admit(Partner(INITIATIVE, BACKBONE, registrar, as_registrar=True), [*map(orjson.dumps, told)])
    )
    _check(await admission.admit(Partner(INITIATIVE, RECIPIENT), [orjson.dumps(offered)]))
    return service


def _check(results: Iterable[Result]) -> None:
    for result in results:
        if result.problem is not None:
            raise EngineFailed(f"row {result.row}: {result.problem.code} at {result.problem.pointer}")


if __name__ == "__main__":
    serve(run, tuned=True)
