from hashlib import sha256
from pathlib import Path

import pytest

from services.ops.errors import JarMissing, JarTampered
from services.ops.local import broker, jars
from services.ops.local.jars import Jar

BODY = b"classes"
JAR = Jar("org/example/thing/1.0/thing-1.0.jar", sha256(BODY).hexdigest())


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    # The discard port of this machine, where nothing listens.
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)


def keep(cache: Path, body: bytes) -> None:
    (cache / JAR.path).parent.mkdir(parents=True)
    (cache / JAR.path).write_bytes(body)


def test_jar_in_the_cache_needs_no_network(tmp_path: Path, offline: None) -> None:
    keep(tmp_path, BODY)
    assert jars.ready(tmp_path, (JAR,)) == [tmp_path / JAR.path]


def test_changed_jar_is_refused_by_name_and_left_as_evidence(tmp_path: Path, offline: None) -> None:
    keep(tmp_path, BODY + b"!")
    with pytest.raises(JarTampered, match=r"thing-1\.0\.jar") as caught:
        jars.ready(tmp_path, (JAR,))
    assert caught.value.code == "jar-tampered"
    assert (tmp_path / JAR.path).exists()


def test_jar_that_cannot_be_fetched_is_named_and_leaves_nothing(tmp_path: Path, offline: None) -> None:
    with pytest.raises(JarMissing, match=r"thing-1\.0\.jar"):
        jars.ready(tmp_path, (JAR,))
    assert list(tmp_path.iterdir()) == []


def test_every_committed_jar_has_a_sum_and_coordinates() -> None:
    committed = jars.committed()
    assert len(committed) > 40
    assert all(len(jar.sha256) == 64 and jar.path.endswith(".jar") for jar in committed)
    assert ("org.apache.kafka", "kafka_2.13", broker.version()) in {jar.coordinates for jar in committed}


def test_kafkas_own_jars_are_of_one_version() -> None:
    kafka = {version for group, _, version in (jar.coordinates for jar in jars.committed()) if group.endswith(".kafka")}
    assert kafka == {broker.version()}


def test_cache_is_where_the_environment_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MANYHANDS_CACHE", str(tmp_path))
    assert jars.cache_folder() == tmp_path / "jars"
    monkeypatch.delenv("MANYHANDS_CACHE")
    assert jars.cache_folder() == Path.home() / ".cache" / "manyhands" / "jars"
