"""Every generated page and picture by its path."""

from collections.abc import Mapping

from projections.referral.diagram import draw
from services.ops.reference import commands, faults, flow, http, running, states, tables, vocabulary
from services.ops.reference.page import page


def pages() -> Mapping[str, str]:
    """Return each generated file's text by its path in `docs/`."""
    return {
        "reference/events.md": page(vocabulary.events()),
        "reference/codes.md": page(vocabulary.codes()),
        "reference/codelists.md": page(vocabulary.codelists()),
        "reference/referral-states.md": page(states.states()),
        "reference/commands.md": page(commands.commands()),
        "reference/http.md": page(http.http()),
        "reference/faults.md": page(faults.faults()),
        "reference/settings.md": page(running.settings()),
        "reference/metrics.md": page(running.metrics()),
        "reference/tables.md": page(tables.tables()),
        "pictures/offer-states.svg": draw(),
        "pictures/data-flow.svg": flow.draw(),
    }
