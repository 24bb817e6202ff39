"""The embedded Kafka node, alone."""

import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.ops.errors import JarTampered, WrongVersion
from services.ops.local import Kafka, jars, ports


@pytest.fixture
def kafka(tmp_path: Path) -> Iterator[Kafka]:
    home = tmp_path / "home"
    home.mkdir()
    kafka = Kafka(home)
    yield kafka
    kafka.stop(kill=True)


@pytest.fixture
def copied_cache(tmp_path: Path) -> Path:
    """The jars again, so that one can be changed without harm to the real ones."""
    cache = tmp_path / "jars"
    paths = jars.ready(jars.cache_folder(), jars.committed())
    for jar, path in zip(jars.committed(), paths, strict=True):
        (cache / jar.path).parent.mkdir(parents=True)
        os.link(path, cache / jar.path)
    return cache


def half_written(kafka: Kafka) -> None:
    fresh = kafka.folder / "data.new"
    fresh.mkdir(parents=True)
    (fresh / "bootstrap.checkpoint").write_bytes(b"\0")


def test_node_started_over_half_written_data_and_a_taken_port_answers(kafka: Kafka) -> None:
    half_written(kafka)
    first = kafka.start()
    assert kafka.answers()
    assert kafka.start() == first
    kafka.stop()
    assert not kafka.running()

    host, port = first.split(":")
    with socket.create_server((host, int(port))):
        moved = kafka.start()
    assert moved != first
    assert kafka.answers()


def test_changed_jar_is_refused_before_anything_starts(kafka: Kafka, copied_cache: Path) -> None:
    victim = copied_cache / next(jar.path for jar in jars.committed() if "kafka-clients" in jar.path)
    body = victim.read_bytes()
    victim.unlink()
    victim.write_bytes(body + b"\0")
    with pytest.raises(JarTampered, match="kafka-clients"):
        Kafka(kafka.home, copied_cache).start()
    assert not kafka.running()
    assert not kafka.data.exists()


def test_data_of_a_newer_kafka_is_left_alone(kafka: Kafka) -> None:
    kafka.folder.mkdir(parents=True)
    (kafka.folder / "version").write_text("99.0.0")
    with pytest.raises(WrongVersion, match=r"99\.0\.0"):
        kafka.start()
    assert not kafka.data.exists()


def test_stranger_on_the_port_is_not_taken_for_the_node(kafka: Kafka) -> None:
    kafka.folder.mkdir(parents=True)
    with socket.create_server((ports.HOST, 0)) as stranger:
        (kafka.folder / "ports.json").write_text(f'{{"broker": {stranger.getsockname()[1]}, "controller": 1}}')
        assert not kafka.answers()
    shutil.rmtree(kafka.folder)
