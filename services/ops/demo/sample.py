"""A look into the figures and the feeds, for the end of the demonstration."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta

from services.measurement.figures import Span
from services.notifications import feed
from services.notifications.feed import Cursor, Whose
from services.ops.demo.world import INITIATIVE
from services.ops.figures import figures, shown
from services.ops.gathering import gathered, states
from services.ops.reading import Line, serving
from services.runtime.settings import Settings

#: Lines shown of each.
LINES = 5


async def busiest(settings: Settings) -> list[Line]:
    """Return the last whole month's figures of the partners that sent most."""
    last = (datetime.now(UTC).date().replace(day=1) - timedelta(days=1)).replace(day=1)
    found = await figures(settings, INITIATIVE, Span(last, last))
    known = [figure for figure in found.figures if figure.sums is not None]
    most = sorted(known, key=lambda figure: figure.sums.sent if figure.sums else 0, reverse=True)
    return [shown(figure) for figure in most[:LINES]]


async def newest(settings: Settings) -> tuple[str, list[Line]]:
    """Return the partner with the longest feed, and the newest entries of it."""
    store = await gathered(settings)
    partners = [key.id for key, _ in states(store, "partner", INITIATIVE)]
    async with serving(settings, "communication") as pool:
        lengths = {
            each: sum((await feed.counts(pool, Whose(INITIATIVE, each), Cursor())).values()) for each in partners
        }
        longest = max(partners, key=lambda each: lengths[each])
        page = await feed.newest(pool, Whose(INITIATIVE, longest), LINES)
    return longest, [asdict(entry) for entry in page.entries]
