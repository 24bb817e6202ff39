"""The jars that make up Kafka: fetched once, checked at every start.

The resolver only warns when a download does not match, so the sums committed beside this file
decide.  A jar reaches the cache only after it was checked; one that differs later was changed on
this machine, and then nothing is started.
"""

import hashlib
import os
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from jgo.maven import MavenContext
from requests import RequestException

from services.ops.errors import JarMissing, JarTampered

ATTEMPTS = 3
CONNECTIONS = 8
TIMEOUT_S = 60


@dataclass(frozen=True)
class Jar:
    """A jar by its place in a Maven repository, `group/artifact/version/file`, and its SHA-256."""

    path: str
    sha256: str

    @property
    def coordinates(self) -> tuple[str, str, str]:
        """Group, artifact and version."""
        *group, artifact, version, _ = self.path.split("/")
        return ".".join(group), artifact, version


def committed() -> tuple[Jar, ...]:
    """Return the jars of the committed list."""
    lines = resources.files(__package__).joinpath("jars.sha256").read_text().splitlines()
    return tuple(Jar(path, sha256) for sha256, path in (line.split() for line in lines))


def cache_folder() -> Path:
    """Return where jars are kept between starts: MANYHANDS_CACHE, else ~/.cache/manyhands."""
    chosen = os.environ.get("MANYHANDS_CACHE")
    return (Path(chosen) if chosen else Path.home() / ".cache" / "manyhands").absolute() / "jars"


def ready(cache: Path, jars: tuple[Jar, ...], report: Callable[[str], None] = lambda _: None) -> list[Path]:
    """Return the checked jars, fetching those that are not in the cache.

    Raises JarTampered naming the file that differs, JarMissing when one cannot be fetched.
    """
    missing = [jar for jar in jars if not (cache / jar.path).exists()]
    if missing:
        report(f"fetching {len(missing)} jars")
        _fetch(cache, missing)
    present = [jar for jar in jars if jar not in missing]
    for jar in present:
        _check(cache / jar.path, jar.sha256)
    return [cache / jar.path for jar in jars]


def digest(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check(path: Path, sha256: str) -> None:
    if digest(path) != sha256:
        raise JarTampered(str(path))


def _fetch(cache: Path, jars: list[Jar]) -> None:
    cache.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache, prefix=".fetch-") as folder, ThreadPoolExecutor(CONNECTIONS) as pool:
        maven = MavenContext(repo_cache=Path(folder), timeout=TIMEOUT_S)
        for jar, path in zip(jars, pool.map(lambda jar: _download(maven, jar), jars), strict=True):
            _check(path, jar.sha256)
            target = cache / jar.path
            target.parent.mkdir(parents=True, exist_ok=True)
            path.replace(target)


def _download(maven: MavenContext, jar: Jar) -> Path:
    group, name, version = jar.coordinates
    artifact = maven.project(group, name).at_version(version).artifact()
    failures: list[str] = []
    for _ in range(ATTEMPTS):
        try:
            return artifact.resolve()
        except (OSError, RequestException, RuntimeError) as error:
            failures.append(type(error).__name__)
            # What an interrupted download left would be taken for the whole file.
            (maven.repo_cache / jar.path).unlink(missing_ok=True)
    raise JarMissing(f"{jar.path} ({', '.join(failures)})")
