"""The pages of what an operator sets and what a process measures."""

import inspect
import re
from collections.abc import Iterator
from dataclasses import MISSING, Field, fields

from prometheus_client.metrics import MetricWrapperBase

from services.admission.telemetry import Telemetry as OfIntake
from services.gateway.telemetry import Telemetry as OfGateway
from services.notifications.telemetry import Mailing
from services.ops.reference.page import MADE, table
from services.referral.timekeeper.telemetry import Telemetry as OfTimekeeper
from services.runtime.settings import Settings
from services.runtime.telemetry import Telemetry as OfProcessor

#: A field of Settings with the comment above it.
_NOTED = re.compile(r"((?:    #: .*\n)+)    (\w+):")
#: What holds when neither the setting nor a default is given.
_ELSE = {"home": "`.manyhands`", "kafka": "the embedded broker", "postgres": "the embedded server"}
#: Whose metrics there are.
_MEASURING = {
    "A processor": OfProcessor,
    "The notifications processor, besides": Mailing,
    "The gateway": OfGateway,
    "The intake": OfIntake,
    "The timekeeper": OfTimekeeper,
}


def settings() -> Iterator[str]:
    """Yield the page of every setting."""
    yield from ("# Settings", "", MADE, "")
    yield "Every setting is an environment variable. One that is empty counts as not set."
    yield ""
    notes = {name: _said(text) for text, name in _NOTED.findall(inspect.getsource(Settings))}
    yield from table(
        ("variable", "meaning", "default"),
        [(f"`MANYHANDS_{field.name.upper()}`", notes[field.name], _default(field)) for field in fields(Settings)],
    )


def _said(comment: str) -> str:
    return " ".join(line.strip().removeprefix("#:").strip() for line in comment.splitlines())


def _default(field: "Field[object]") -> str:
    if field.default is MISSING:
        return _ELSE[field.name]
    return "none" if field.default in (None, "") else f"`{field.default}`"


def metrics() -> Iterator[str]:
    """Yield the page of every metric."""
    yield from ("# Metrics", "", MADE, "")
    yield "Each process answers at `/metrics` in Prometheus' text format, on loopback."
    for name, telemetry in _MEASURING.items():
        yield from ("", f"## {name}", "")
        found = [metric for metric in vars(telemetry()).values() if isinstance(metric, MetricWrapperBase)]
        yield from table(("metric", "kind", "labels", "meaning"), map(_metric, found))


def _metric(metric: MetricWrapperBase) -> tuple[str, ...]:
    (described,) = metric.describe()
    total = "_total" if described.type == "counter" else ""
    labels = ", ".join(f"`{name}`" for name in metric._labelnames)
    return (f"`{described.name}{total}`", described.type, labels, described.documentation)
