"""Writes jars.sha256 anew: `python -m services.ops.local.pin 4.4.0`, for whoever moves to another Kafka."""

import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from jgo.maven import Artifact, MavenContext

from services.ops.local.jars import CONNECTIONS, TIMEOUT_S, digest

TARGET = Path(__file__).with_name("jars.sha256")


def graph(maven: MavenContext, version: str) -> list[Artifact]:
    """Return every artifact a broker of this version needs, and what writes its log.

    The log writer is added afterwards: resolved together with Kafka, its own list of versions
    would replace Kafka's.
    """
    broker = maven.create_dependency(f"org.apache.kafka:kafka_2.13:{version}")
    broker.scope = "compile"
    roots, others = maven.resolver.resolve([broker])
    artifacts = [dependency.artifact for dependency in (*roots, *others)]
    log4j = next(artifact.version for artifact in artifacts if artifact.artifactId == "log4j-core")
    writer = maven.project("org.apache.logging.log4j", "log4j-slf4j-impl").at_version(log4j).artifact()
    return [*artifacts, writer]


def main(version: str) -> None:
    """Resolve, download and write the sums, sorted by path."""
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(CONNECTIONS) as pool:
        maven = MavenContext(repo_cache=Path(folder), timeout=TIMEOUT_S)
        paths = list(pool.map(lambda artifact: artifact.resolve(), graph(maven, version)))
        lines = sorted((path.relative_to(folder).as_posix(), digest(path)) for path in paths)
    TARGET.write_text("".join(f"{sha256}  {path}\n" for path, sha256 in lines))
    sys.stdout.write(f"{len(lines)} jars written to {TARGET.name}\n")


if __name__ == "__main__":
    main(sys.argv[1])
