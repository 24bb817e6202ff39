"""An NDJSON file posted to the gateway: the whole admission over HTTP, until the last line is answered as kept."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp

from bench.child import EngineFailed
from bench.engine import Job, serve
from bench.front import Front, front
from bench.meter import Meter
from bench.rows import write
from services.gateway.cloudevents import Mode

#: Bytes sent at once.
PIECE = 64 << 10
GOOD = b'"ok":true'


async def run(job: Job, meter: Meter) -> None:
    """Post a file of the job's size; raises EngineFailed when a row is not kept."""
    async with front(job, folding=False) as door:
        file = door.folder / "rows.ndjson"
        write(file, job.events, door.service)
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None)) as session:
            meter.begin()
            async with session.post(f"{door.address}/v1/events", data=_pieces(file), headers=_headers(door)) as answer:
                async for lines in _lines(answer):
                    meter.committed(_kept(lines))


async def _pieces(file: Path) -> AsyncIterator[bytes]:
    with file.open("rb") as stream:
        while piece := stream.read(PIECE):
            yield piece


def _headers(door: Front) -> dict[str, str]:
    return {"Authorization": f"Bearer {door.bearer}", "Content-Type": Mode.STREAM}


async def _lines(answer: aiohttp.ClientResponse) -> AsyncIterator[list[bytes]]:
    """Yield whole lines as they come."""
    rest = b""
    async for piece in answer.content.iter_any():
        *lines, rest = (rest + piece).split(b"\n")
        yield lines


def _kept(lines: list[bytes]) -> int:
    for line in lines:
        if GOOD not in line:
            raise EngineFailed(f"a row was answered {line[:300].decode(errors='replace')}")
    return len(lines)


if __name__ == "__main__":
    serve(run, tuned=True)
