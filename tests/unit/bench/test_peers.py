import sys
from pathlib import Path
from types import FrameType

import orjson
import pytest

from bench import beside
from bench.figures import Findings, Stage
from bench.gap import REST, whose
from bench.machine import machine
from bench.meter import Measured, Meter
from bench.peers import environment
from bench.peers.field import PEERS
from bench.race import Result, Turn
from bench.report import write
from bench.workload import NAMES

KEYS = {
    "same_job_over_faststream_models",
    "same_job_over_faststream_raw",
    "same_job_over_bytewax",
    "same_job_over_bytewax_map",
    "same_job_over_quix",
    "same_job_over_quix_sink",
}


def _result(*rates: float) -> Result:
    return Result([Turn(Measured(1000, 1000 / rate, 0.1, 80.0), 0.1) for rate in rates], [1.0 for _ in rates])


def _written(folder: Path, findings: Findings) -> tuple[str, dict[str, object]]:
    write(findings, folder / "RESULTS.md", folder / "results.json")
    return (folder / "RESULTS.md").read_text(), orjson.loads((folder / "results.json").read_bytes())


def _findings(peers: dict[str, object], figures: dict[str, float], gaps: dict[str, list[Stage]]) -> Findings:
    row = {"events_per_s": 50_000.0}
    setting = {
        "machine": machine(),
        "events": 1000,
        "event_bytes": 675,
        "event_bytes_mean": 822,
        "partitions": 4,
        "rounds": 3,
        "peers": peers,
    }
    return Findings(figures, {"mixed": {"yardstick": row}}, [], setting, gaps)


def test_each_peer_has_a_plain_key_below_each_workload() -> None:
    found = {"same_job": _result(100.0)} | {peer.name: _result(50.0) for peer in PEERS}
    for name in NAMES:
        assert beside.figures(name, found).keys() == {f"{name}.{key}" for key in KEYS}


def test_a_peer_is_compared_with_its_own_round() -> None:
    found = {"same_job": _result(100.0, 10.0, 100.0), "quix": _result(50.0, 5.0, 400.0)}
    assert beside.figures("mixed", found) == {"mixed.same_job_over_quix": 2.0}


def test_the_peers_are_there_only_with_what_is_pinned_now(tmp_path: Path) -> None:
    assert not environment.ready(tmp_path)
    interpreter = Path(environment.python(tmp_path))
    interpreter.parent.mkdir()
    interpreter.touch()
    stamp = tmp_path / ".ready"
    stamp.write_text("what was pinned before")
    assert not environment.ready(tmp_path)
    stamp.write_text(environment.digest())
    assert environment.ready(tmp_path)


def test_missing_peers_are_not_installed_unless_that_is_allowed(tmp_path: Path) -> None:
    said: list[str] = []
    assert "make bench-peers" in beside.missing(said.append, tmp_path / "peers", install=False)
    assert said == []
    assert not (tmp_path / "peers").exists()


def test_peers_that_cannot_be_installed_are_said_to_be_missing(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "could not be installed" in beside.missing(print, tmp_path / "file" / "peers", install=True)


def test_every_peer_that_is_measured_is_pinned() -> None:
    assert environment.versions().keys() == set(environment.NAMES)
    assert all(environment.versions().values())


def test_the_report_says_in_a_line_that_there_are_no_peers(tmp_path: Path) -> None:
    text, plain = _written(tmp_path, _findings({"missing": "no network"}, {}, {}))
    assert "\nNo peers were measured: no network.\n" in text
    assert plain["peers"] == {"missing": "no network"}


def test_the_report_says_what_each_peer_promises_and_where_time_goes_when_one_is_ahead(tmp_path: Path) -> None:
    figures = {f"mixed.{key}": 1.5 for key in KEYS} | {"mixed.same_job_over_bytewax": 0.9}
    gaps = {"mixed": [Stage("fingerprint", 0.1)]}
    text, plain = _written(tmp_path, _findings({"versions": environment.versions()}, figures, gaps))
    assert figures.items() <= plain.items()
    assert all(f"| {peer.name} | " in text and peer.promise in text for peer in PEERS)
    assert "| bytewax | 0.900 |" in text
    assert "| fingerprint | 0.10 |" in text
    assert plain["gaps_us"] == {"mixed": {"fingerprint": 0.1}}


def test_the_clock_runs_from_the_first_batch_to_the_last_event() -> None:
    meter = Meter(10)
    meter.begin(1.0)
    meter.begin(2.0)
    meter.committed(9)
    assert not meter.done.is_set()
    meter.committed(1)
    ended = meter.measured().seconds
    meter.committed(1)
    assert meter.done.is_set()
    assert meter.measured().seconds == pytest.approx(ended)


def _frame(file: str) -> FrameType:
    found: dict[str, FrameType] = {}
    code = compile("found['frame'] = sys._getframe()", file, "exec")
    exec(code, {"found": found, "sys": sys})  # noqa: S102 - a frame in a file of any name
    return found["frame"]


def test_a_sample_falls_to_the_innermost_package_that_is_named() -> None:
    assert whose(None) == REST
    assert whose(_frame("/somewhere/aiokafka/fetcher.py")) == "CPU: Kafka client"
    assert whose(_frame("/somewhere/else.py")) == REST
