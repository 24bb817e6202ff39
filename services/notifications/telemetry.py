"""The metrics of mails about what reached partners, with their meaning."""

from prometheus_client import CollectorRegistry, Counter, Gauge


class Mailing:
    """Counts mails, in the registry of the processor that sends them."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        kept = registry or CollectorRegistry()
        self.notices = Counter(
            "manyhands_notices",
            "Mails to partners, by what became of an attempt: `sent`, `failed`, `gave-up`, `overtaken`.",
            ("outcome",),
            registry=kept,
        )
        self.waiting = Gauge("manyhands_notices_waiting", "Mails that are not out yet.", registry=kept)
        self.weekly = Counter(
            "manyhands_weekly_mails",
            "Weekly mails about room, by what became of an attempt: `sent`, `failed`, `gave-up`, `overtaken`.",
            ("outcome",),
            registry=kept,
        )
