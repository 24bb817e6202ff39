"""The gateway as a process: its socket, its probes on a port of their own, and its end."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager

import uvicorn

from services.admission.directory import LogAway
from services.gateway.app import make
from services.gateway.feeds.live import Live
from services.gateway.parts import Parts, opened
from services.gateway.protocol import Protocol
from services.gateway.telemetry import Telemetry
from services.runtime import exposure
from services.runtime.errors import Fault
from services.runtime.health import Health, announced, serve
from services.runtime.logging import get
from services.runtime.running import paused, run_until_stopped
from services.runtime.settings import Settings
from services.runtime.store import DatabaseAway

NAME = "gateway"
#: Seconds that requests under way have to end, and between attempts to reach the servers.
LEAVE_S, AGAIN_S = 10, 1.0
#: Seconds that an idle connection is kept: longer than clients keep theirs, so that none is cut as it is used again.
KEEP_S = 90
#: Connections that may wait to be taken.
BACKLOG = 512

log = get(__name__)


class AddressTaken(Fault):
    """The gateway cannot listen at its address."""

    code = "address-taken"
    hint = "Choose another with MANYHANDS_GATEWAY_PORT and MANYHANDS_GATEWAY_HOST, or end what listens there."


class Server(uvicorn.Server):
    """Leaves signals to whoever runs it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Gateway:
    """Serves the API until it is told to stop; ready once Kafka and PostgreSQL answered."""

    def __init__(self, settings: Settings, *, insecure_demo: bool = False) -> None:
        self.settings = settings
        self._insecure_demo = insecure_demo
        self.telemetry = Telemetry()
        self._stopping = asyncio.Event()
        self._server: Server | None = None
        self._live: Live | None = None

    def stop(self) -> None:
        """Have `run` end in order: requests under way are answered."""
        self._stopping.set()
        if self._live is not None:
            self._live.stop()
        if self._server is not None:
            self._server.should_exit = True

    def health(self) -> Health:
        """Say how the gateway is."""
        return Health(True, self._server is not None and self._server.started, NAME, 0, ())

    async def run(self) -> None:
        """Serve until stopped.

        Raises Fault when the address is taken, open to others while what lies behind is not closed, or the secrets
        are not this database's.
        """
        exposure.check(self.settings, self.settings.gateway_host, insecure_demo=self._insecure_demo)
        listening = _listening(self.settings.gateway_host, self.settings.gateway_port)
        api = int(listening.getsockname()[1])
        with listening:
            async with (
                serve(self.settings.port, self.health, self.telemetry.text) as port,
                announced(self.settings.home, NAME, port, api=api),
                self._opened() as parts,
            ):
                if parts is not None:
                    log.info("gateway-started", host=self.settings.gateway_host, api=api, port=port)
                    await self._served(parts, listening)
        log.info("gateway-stopped")

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator[Parts | None]:
        """Give the parts once the servers answer; None when told to stop before."""
        async with AsyncExitStack() as stack:
            parts: Parts | None = None
            while parts is None and not self._stopping.is_set():
                try:
                    parts = await stack.enter_async_context(opened(self.settings, self.telemetry))
                except (LogAway, DatabaseAway) as away:
                    log.warning("away", code=away.code, reason=str(away))
                    await paused(self._stopping, AGAIN_S)
            yield parts

    async def _served(self, parts: Parts, listening: socket.socket) -> None:
        self._live = parts.live
        config = uvicorn.Config(
            make(parts),
            http=Protocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=KEEP_S,
            timeout_graceful_shutdown=LEAVE_S,
        )
        self._server = Server(config)
        if not self._stopping.is_set():
            await self._server.serve([listening])


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise AddressTaken(f"{host}:{port} ({error.strerror})") from None


def main(*, insecure_demo: bool = False) -> int:
    """Serve until SIGTERM or SIGINT and return the exit code; faults are logged, not raised."""
    return run_until_stopped(Gateway(Settings.from_env(), insecure_demo=insecure_demo), "gateway-refused")
