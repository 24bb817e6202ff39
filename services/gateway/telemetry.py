"""Every metric of the gateway, once, with its meaning; routes by their template, never by what was asked."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def known(method: str) -> str:
    """Return the method, or `other` for one that a caller made up."""
    return method if method in _METHODS else "other"


class Telemetry:
    """The metrics of one gateway, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "manyhands_requests", "Requests answered.", ("method", "route", "status"), registry=self.registry
        )
        self.request_seconds = Histogram(
            "manyhands_request_seconds",
            "Time from a request's headers to the end of its answer.",
            ("route",),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.in_flight = Gauge("manyhands_requests_in_flight", "Requests not answered yet.", registry=self.registry)
        self.rows = Counter(
            "manyhands_rows",
            "Rows that came, by what became of them.",
            ("code",),
            registry=self.registry,
        )
        self.mails = Counter(
            "manyhands_mails", "Mails to people, by what became of them.", ("outcome",), registry=self.registry
        )
        self.limited = Counter(
            "manyhands_requests_limited", "Requests that came too often.", ("limit",), registry=self.registry
        )
        self.epoch_since = Gauge(
            "manyhands_epoch_since_seconds",
            "When the key that wraps personal-data keys came into use, in seconds since 1970.",
            registry=self.registry,
        )
        self.streams = Gauge("manyhands_feed_streams", "Live feeds that are open.", registry=self.registry)
        self.streams_ended = Counter(
            "manyhands_feed_streams_ended",
            "Live feeds that ended, by why: `gone` where the reader left, `slow` where it did not read.",
            ("why",),
            registry=self.registry,
        )

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count an answer."""
        self.requests.labels(known(method), route, str(status)).inc()
        self.request_seconds.labels(route).observe(seconds)

    def text(self) -> bytes:
        """Return all of it in Prometheus' text format."""
        return generate_latest(self.registry)
