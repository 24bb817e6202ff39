"""A look into the figures, for the end of the demonstration."""

from datetime import UTC, datetime, timedelta

from services.measurement.figures import Span
from services.ops.demo.world import INITIATIVE
from services.ops.figures import figures, shown
from services.ops.reading import Line
from services.runtime.settings import Settings

#: Lines shown.
LINES = 5


async def busiest(settings: Settings) -> list[Line]:
    """Return the last whole month's figures of the partners that sent most."""
    last = (datetime.now(UTC).date().replace(day=1) - timedelta(days=1)).replace(day=1)
    found = await figures(settings, INITIATIVE, Span(last, last))
    known = [figure for figure in found.figures if figure.sums is not None]
    most = sorted(known, key=lambda figure: figure.sums.sent if figure.sums else 0, reverse=True)
    return [shown(figure) for figure in most[:LINES]]
