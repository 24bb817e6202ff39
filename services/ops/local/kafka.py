"""Apache Kafka, one node of it, on loopback."""

import json
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from signal import SIGKILL, SIGTERM

from services.ops.errors import KafkaFailed, WrongVersion
from services.ops.local import broker, jars, ports, probe
from services.ops.local.broker import Ports
from services.ops.local.daemon import Daemon
from services.ops.local.folder import ensure, open_log
from services.ops.local.polling import holds
from services.ops.local.state import replace_text
from services.ops.local.tail import last_lines

START_S = 60.0
STOP_S = 30.0
MARKER = "meta.properties"


class Kafka:
    """The embedded broker of one data folder; it keeps its port over restarts."""

    name = "kafka"

    def __init__(self, home: Path, cache: Path | None = None) -> None:
        self.home = home.absolute()
        self.folder = self.home / "kafka"
        self.data = self.folder / "data"
        self.daemon = Daemon(self.folder / "pid")
        self.cache = cache or jars.cache_folder()

    @property
    def address(self) -> str | None:
        """`host:port` of the broker, or None before its first start."""
        known = self._known_ports()
        return f"{ports.HOST}:{known.broker}" if known else None

    def running(self) -> bool:
        """Whether its process lives."""
        return self.daemon.running()

    def answers(self) -> bool:
        """Whether this very node (not another on its port) is ready to serve."""
        address, cluster = self.address, self._cluster()
        return self.running() and address is not None and cluster is not None and self.probed(address, cluster)

    # What a node that asks its clients who they are does in another way.

    def properties(self, data: Path, listen: Ports) -> str:
        """Return the node's settings."""
        return broker.properties(data, listen)

    def formatting(self) -> Sequence[str]:
        """Return what a new data folder is told beside its name."""
        return ()

    def probed(self, address: str, cluster: str) -> bool:
        """Whether the node of this cluster answers there."""
        return probe.kafka(address, cluster)

    def start(self, report: Callable[[str], None] = lambda _: None) -> str:
        """Start the node unless it runs; return its address once it answers.

        Raises JarMissing, JarTampered, HomeDamaged, WrongVersion or KafkaFailed.
        """
        if self.running() and self._came_up():
            return self._found()
        classpath = jars.ready(self.cache, jars.committed(), report)
        report("starting Kafka")
        self._prepare(classpath)
        log = open_log(self.home, "kafka")
        main = ("kafka.Kafka", str(self.folder / "server.properties"))
        self.daemon.start(broker.java(self.folder / "tmp", classpath, *main), log, broker.ENVIRONMENT)
        if not self._came_up():
            self.daemon.stop(SIGTERM, STOP_S)
            raise KafkaFailed(f"no answer; {last_lines(log)}")
        replace_text(self.folder / "version", broker.version())
        return self._found()

    def stop(self, kill: bool = False) -> None:
        """Stop the node in order, or kill it at once; nothing happens when it does not run.

        Raises KafkaFailed when it cannot be stopped.
        """
        if not self.daemon.stop(SIGKILL if kill else SIGTERM, STOP_S):
            raise KafkaFailed("it cannot be stopped")

    def restart(self, kill: bool = False) -> str:
        """Stop and start; return the address, the same as before."""
        self.stop(kill)
        return self.start()

    def _came_up(self) -> bool:
        """Wait until the node answers, or until its process has ended."""
        holds(lambda: self.answers() or not self.running(), START_S)
        return self.answers()

    def _prepare(self, classpath: Sequence[Path]) -> None:
        for folder in (self.home, self.folder, self.folder / "tmp"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._check_version()
        listen = self._free_ports()
        settings = self.folder / "server.properties"
        ensure(self.data, MARKER, lambda fresh: self._format(fresh, listen, classpath))
        replace_text(settings, self.properties(self.data, listen))

    def _format(self, fresh: Path, listen: Ports, classpath: Sequence[Path]) -> None:
        settings = self.folder / "format.properties"
        replace_text(settings, self.properties(fresh, listen))
        named = ("--config", str(settings), "--cluster-id", broker.new_cluster_id())
        arguments = ("format", *named, *self.formatting())
        done = subprocess.run(
            broker.java(self.folder / "tmp", classpath, "kafka.tools.StorageTool", *arguments),
            env=broker.ENVIRONMENT,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise KafkaFailed(f"formatting: {' '.join((done.stdout + done.stderr).split()[-40:])}")

    def _known_ports(self) -> Ports | None:
        try:
            return Ports(**json.loads((self.folder / "ports.json").read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def _free_ports(self) -> Ports:
        """Return the ports of last time, or new ones where another program took them."""
        known = self._known_ports()
        if known and ports.is_free(known.broker) and ports.is_free(known.controller):
            return known
        chosen = Ports(*ports.choose(2))
        replace_text(self.folder / "ports.json", json.dumps(asdict(chosen)))
        return chosen

    def _found(self) -> str:
        if self.address is None:
            raise KafkaFailed("its ports are not known")
        return self.address

    def _cluster(self) -> str | None:
        try:
            lines = (self.data / MARKER).read_text().splitlines()
        except FileNotFoundError:
            return None
        return next((line.removeprefix("cluster.id=") for line in lines if line.startswith("cluster.id=")), None)

    def _check_version(self) -> None:
        try:
            written = (self.folder / "version").read_text()
        except FileNotFoundError:
            return
        if _numbers(written) > _numbers(broker.version()):
            raise WrongVersion(f"Kafka {written}, this is {broker.version()}")


def _numbers(release: str) -> tuple[int, ...]:
    return tuple(int(part) for part in release.split("."))
