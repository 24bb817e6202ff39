"""Whether a process is alive and ready, and its metrics, over HTTP on loopback."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson
from aiohttp import web

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Health:
    """What a probe is told.  `stopped` names the partitions that are folded no further."""

    alive: bool
    ready: bool
    group: str
    partitions: int
    stopped: tuple[dict[str, object], ...]


@asynccontextmanager
async def serve(port: int, health: Callable[[], Health], metrics: Callable[[], bytes]) -> AsyncIterator[int]:
    """Answer /healthz, /readyz and /metrics while the block runs; yield the port, a free one for 0.

    /healthz stays 200 while partitions are stopped, as a restart would not mend what stopped them.
    """
    app = web.Application()
    app.router.add_get("/healthz", _answer(health, lambda found: found.alive))
    app.router.add_get("/readyz", _answer(health, lambda found: found.alive and found.ready))
    app.router.add_get("/metrics", _metrics(metrics))
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, HOST, port)
        await site.start()
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()


@asynccontextmanager
async def announced(home: Path, name: str, port: int, **more: int) -> AsyncIterator[Path]:
    """Say in a run file where this process answers, while the block runs; `more` are its other ports by name."""
    folder = home / "run"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}-{os.getpid()}.json"
    file.write_bytes(orjson.dumps({"name": name, "pid": os.getpid(), "port": port, **more}))
    try:
        yield file
    finally:
        file.unlink(missing_ok=True)


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def _answer(health: Callable[[], Health], good: Callable[[Health], bool]) -> Handler:
    async def handle(_: web.Request) -> web.Response:
        found = health()
        return web.Response(
            body=orjson.dumps(asdict(found)), status=200 if good(found) else 503, content_type="application/json"
        )

    return handle


def _metrics(metrics: Callable[[], bytes]) -> Handler:
    async def handle(_: web.Request) -> web.Response:
        return web.Response(body=metrics(), headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})

    return handle
