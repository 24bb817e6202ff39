"""The dashboard asks for nothing that no process measures."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.metrics import MetricWrapperBase

from services.admission.telemetry import Telemetry as OfIntake
from services.gateway.telemetry import Telemetry as OfGateway
from services.referral.timekeeper.telemetry import Telemetry as OfTimekeeper
from services.runtime.telemetry import Telemetry as OfProcessor

DASHBOARD: dict[str, Any] = json.loads((Path(__file__).parents[3] / "deploy" / "grafana.json").read_text())
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
TELEMETRIES = (OfProcessor(), OfGateway(), OfIntake(), OfTimekeeper())
#: What Prometheus itself says of whatever it reads from.
ITS_OWN = {"job", "instance", "le"}
_METRIC = re.compile(r"manyhands_\w+")
_BY = re.compile(r"by \(([^)]+)\)")


def measured() -> Iterator[tuple[str, set[str]]]:
    """Yield each series that processes answer with, and its labels."""
    for telemetry in TELEMETRIES:
        for metric in vars(telemetry).values():
            if isinstance(metric, MetricWrapperBase):
                (described,) = metric.describe()
                for end in {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}.get(
                    described.type, ("",)
                ):
                    yield f"{described.name}{end}", set(metric._labelnames)


MEASURED = dict(measured())
QUERIES = [(panel["title"], target["expr"]) for panel in PANELS for target in panel["targets"]]


@pytest.mark.parametrize(("title", "query"), QUERIES)
def test_every_query_is_of_what_is_measured(title: str, query: str) -> None:
    names = _METRIC.findall(query)
    assert names, title
    assert [name for name in names if name not in MEASURED] == []
    labels = {label.strip() for group in _BY.findall(query) for label in group.split(",")}
    assert labels - ITS_OWN <= set.union(*(MEASURED[name] for name in names))


def test_what_a_process_answers_has_the_names_that_are_asked_for() -> None:
    text = b"".join(telemetry.text() for telemetry in TELEMETRIES).decode()
    families = {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE ")}
    asked = {re.sub(r"_bucket$", "", name) for _, query in QUERIES for name in _METRIC.findall(query)}
    assert asked - families == set()


def test_everything_that_can_stop_is_shown() -> None:
    asked = {name for _, query in QUERIES for name in _METRIC.findall(query)}
    assert {
        "manyhands_partition_stopped",
        "manyhands_inbox_stopped",
        "manyhands_parked_total",
        "manyhands_lag",
        "manyhands_deadlines_lag_seconds",
    } <= asked


def test_no_two_panels_lie_on_one_another() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert place["x"] + place["w"] <= 24
        assert not cells & taken, panel["title"]
        taken |= cells
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
