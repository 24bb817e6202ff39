"""Every metric of a timekeeper, once, with its meaning."""

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest


class Telemetry:
    """The metrics of one timekeeper, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.said = Counter(
            "manyhands_deadlines_said",
            "Events that the timekeeper put on the log, by what they say.",
            ("kind",),
            registry=self.registry,
        )
        self.turned_away = Counter(
            "manyhands_deadlines_turned_away",
            "Events of the timekeeper that admission turned away, by code; each is said again after a restart.",
            ("code",),
            registry=self.registry,
        )
        self.retries = Counter(
            "manyhands_deadlines_retries",
            "Attempts begun again because PostgreSQL or Kafka was away.",
            registry=self.registry,
        )
        self.holding = self._gauge("holding", "1 while this process holds the lease, 0 while it stands by.")
        self.due = self._gauge("due", "Deadlines that had come at the last look, but for those turned away.")
        self.lag = self._gauge("lag_seconds", "How long ago the oldest of them came; 0 when there was none.")

    def text(self) -> bytes:
        """Return all of it in Prometheus' text format."""
        return generate_latest(self.registry)

    def _gauge(self, name: str, meaning: str) -> Gauge:
        return Gauge(f"manyhands_deadlines_{name}", meaning, registry=self.registry)
