from pathlib import Path

import orjson

from bench.figures import AIMS, Aim, Findings, Stage
from bench.machine import machine
from bench.report import write


def _findings(figures: dict[str, float]) -> Findings:
    setting = {
        "machine": machine(),
        "events": 1000,
        "event_bytes": 675,
        "event_bytes_mean": 822,
        "partitions": 4,
        "rounds": 3,
    }
    row = {"events_per_s": 50_000.0, "over_yardstick": 1.0, "cpu_us": 5.0, "postgres_us": 4.0, "rss_mib": 80.0}
    return Findings(figures, {"mixed": {"yardstick": row}}, [Stage("fetch", 10.0)], setting)


def test_an_aim_is_met_from_the_right_side() -> None:
    assert Aim("a", "a", 0.25).met(0.25)
    assert not Aim("a", "a", 0.25).met(0.24)
    assert Aim("a", "a", 300, at_most=True).met(300)
    assert not Aim("a", "a", 300, at_most=True).met(301)


def test_figures_stand_under_plain_keys_and_missed_aims_are_said(tmp_path: Path) -> None:
    figures = {aim.key: aim.value for aim in AIMS} | {"mixed.full_over_yardstick": 0.1}
    write(_findings(figures), tmp_path / "RESULTS.md", tmp_path / "results.json")
    plain = orjson.loads((tmp_path / "results.json").read_bytes())
    text = (tmp_path / "RESULTS.md").read_text()
    assert figures.items() <= plain.items()
    assert plain["stages_us"] == {"fetch": 10.0}
    assert text.count("**not met**") == 1
    assert "675 bytes" in text
    assert "4 partitions" in text
