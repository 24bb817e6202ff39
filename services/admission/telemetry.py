"""Every metric of an intake, once, with its meaning.  None names a partner, as some must not be named."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Telemetry:
    """The metrics of one intake, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.decided = Counter(
            "manyhands_inbox_decided",
            "Records of inboxes decided: `in`, or the code by which they were turned away.",
            ("code",),
            registry=self.registry,
        )
        self.published = self._count("published", "Decisions whose event stands on the log.")
        self.fences = self._count("fences", "Batches dropped because another intake had moved the inbox.")
        self.retries = self._count("retries", "Attempts begun again because PostgreSQL or Kafka was away.")
        self.held = self._gauge("held", "Inboxes that this process reads.")
        self.lag = self._gauge("lag", "Records of the inboxes held that are not decided yet.")
        self.stopped = Gauge(
            "manyhands_inbox_stopped",
            "Inboxes held that are read no further, by the code that says why.",
            ("code",),
            registry=self.registry,
        )
        self.batch_seconds = Histogram(
            "manyhands_inbox_batch_seconds",
            "Time from reading a batch of an inbox to its standing on the log.",
            buckets=_SECONDS,
            registry=self.registry,
        )

    def text(self) -> bytes:
        """Return all of it in Prometheus' text format."""
        return generate_latest(self.registry)

    def _count(self, name: str, meaning: str) -> Counter:
        return Counter(f"manyhands_inbox_{name}", meaning, registry=self.registry)

    def _gauge(self, name: str, meaning: str) -> Gauge:
        return Gauge(f"manyhands_inbox_{name}", meaning, registry=self.registry)
