"""Every metric of a processor, once, with its meaning."""

from faust.types import TP
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from projections.projector import Outcome

_PLACE = ("topic", "partition")
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Telemetry:
    """The metrics of one processor, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.events = self._count("events", "Events folded, applied or refused.")
        self.refused = self._count("refused", "Records that a fold refused.")
        self.duplicates = self._count("duplicates", "Events that stood on the log before.")
        self.parked = self._count("parked", "Entries that a view could not take, or that wait behind one.")
        self.fences = self._count("fences", "Batches dropped because another owner had moved the position.")
        self.retries = self._count("retries", "Attempts repeated because PostgreSQL or Kafka was away.")
        self.batch_seconds = Histogram(
            "manyhands_batch_seconds",
            "Time from taking a batch to its commit.",
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.position = self._gauge("position", "The offset to fold next.")
        self.lag = self._gauge("lag", "Records on the log that are not folded yet.")
        self.partition_stopped = self._gauge(
            "partition_stopped", "1 where a partition is folded no further, by the code that says why.", "code"
        )
        self.queued_bytes = self._single("queued_bytes", "Bytes of records read and not folded yet.")
        self.cached_states = self._single("cached_states", "Aggregate states kept at hand.")

    def folded(self, tp: TP, outcome: Outcome, seconds: float) -> None:
        """Count what became of a batch."""
        self.events.labels(*tp).inc(outcome.events)
        self.refused.labels(*tp).inc(outcome.refused)
        self.duplicates.labels(*tp).inc(outcome.duplicates)
        self.parked.labels(*tp).inc(outcome.parked)
        self.position.labels(*tp).set(outcome.position.next_offset)
        self.batch_seconds.observe(seconds)

    def text(self) -> bytes:
        """Return all of it in Prometheus' text format."""
        return generate_latest(self.registry)

    def _count(self, name: str, meaning: str) -> Counter:
        return Counter(f"manyhands_{name}", meaning, _PLACE, registry=self.registry)

    def _gauge(self, name: str, meaning: str, *more: str) -> Gauge:
        return Gauge(f"manyhands_{name}", meaning, (*_PLACE, *more), registry=self.registry)

    def _single(self, name: str, meaning: str) -> Gauge:
        return Gauge(f"manyhands_{name}", meaning, registry=self.registry)
