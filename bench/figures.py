"""What is measured, under which plain key, and what it should reach."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Aim:
    """A figure worth reaching: at least `value`, or at most where less is better."""

    key: str
    title: str
    value: float
    unit: str = "of yardstick"
    at_most: bool = False

    def met(self, figure: float) -> bool:
        """Whether the figure reaches the aim."""
        return figure <= self.value if self.at_most else figure >= self.value

    @property
    def wanted(self) -> str:
        """The aim in a few signs, such as `≥ 0.25`."""
        return f"{'≤' if self.at_most else '≥'} {self.value:,g}"


AIMS = (
    Aim("neighbours.same_job_over_yardstick", "same job, neighbours", 0.8),
    Aim("mixed.full_over_yardstick", "full work, mixed", 0.25),
    Aim("mixed.rebuild_over_yardstick", "rebuild, mixed", 0.5),
    Aim("history.speed_at_1m_over_10k", "full work after 1,000,000 referrals", 0.9, "of that after 10,000"),
    Aim("admission.events_per_s", "admission of an NDJSON file", 10_000, "events/s"),
    Aim("gateway_ndjson_events_per_s", "the same file over HTTP", 10_000, "events/s"),
    Aim("worker_rss_mib", "memory at 32 partitions", 300, "MiB", at_most=True),
    Aim("start_to_first_row_s", "process start to first row", 2.0, "s", at_most=True),
    Aim("send_to_row_ms.p50", "send to row, idle, median", 15.0, "ms", at_most=True),
    Aim("post_wait_ms.p50", "POST to ruling at 50 a second, median", 25.0, "ms", at_most=True),
    Aim("post_wait_ms.p99", "POST to ruling at 50 a second, 99th percentile", 100.0, "ms", at_most=True),
)


@dataclass(frozen=True)
class Stage:
    """A step of the full work, and its microseconds an event."""

    name: str
    us: float


@dataclass(frozen=True)
class Findings:
    """Everything one run found: figures by plain key, tables by workload, stages, and where it was measured."""

    figures: dict[str, float]
    #: Workload → engine → what stands in its row of the table.
    tables: dict[str, dict[str, dict[str, float]]]
    stages: list[Stage]
    setting: dict[str, Any]
    #: Workload → where the same job spends its time, when a peer was ahead of it there.
    gaps: dict[str, list[Stage]] = field(default_factory=dict)
