"""What the demonstration shows at its end."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table

from events.codes import CODES
from services.ops.demo.play import Told
from services.ops.demo.sample import busiest
from services.ops.demo.scenes.block import Block, show
from services.ops.demo.world import ZONE
from services.ops.reading import Line, reading
from services.ops.refusals import meant, print_codes
from services.ops.shown import in_zone, print_table
from services.ops.timeline import print_timeline
from services.runtime.settings import Settings

NEXT = (
    ("make up", "the same set-up, staying in the foreground; then, in another window:"),
    (".venv/bin/manyhands board summary", "how the referrals stand"),
    (".venv/bin/manyhands publish FILE --as PARTNER --dry-run", "what would become of a partner's events"),
    (".venv/bin/manyhands figures referrals", "what each partner sent, received and served, by month"),
    (".venv/bin/manyhands loops figures --by sender", "how loops close: four rates, never one"),
    (".venv/bin/manyhands feed PARTNER", "what a partner is told, and what it can do next"),
    (".venv/bin/manyhands lag", "how far each projection is behind the log"),
    (".venv/bin/manyhands rebuild referral", "fold the whole log anew and compare it with the live tables"),
    ("docs/tutorial", "the first referral by hand, step by step"),
)
MONTH = ("month", "partner", "sent", "received", "served", "backfilled")
FEED = ("recorded", "kind", "next", "counterpart", "code")


#: Entries of a feed that are shown.
LINES = 5


class Systems(NamedTuple):
    """What came of the events of partners' own systems, a line each, and what one of them read in its feed."""

    told: list[str]
    reader: str
    feed: list[Line]


@dataclass(frozen=True)
class Figures:
    """What was said and what it amounts to.  `seconds` are those of the history, and until the board had it all."""

    history: Told
    live: Told
    seconds: tuple[float, float]
    summary: list[Line]
    counts: Line
    refusals: list[Line]
    referral: Line | None
    timeline: list[Line]
    month: list[Line]
    systems: Systems

    @classmethod
    async def read(
        cls, settings: Settings, history: Told, live: Told, seconds: tuple[float, float], systems: Systems
    ) -> "Figures":
        """Read the board while everything still runs."""
        month = await busiest(settings)
        async with reading(settings) as tables:
            longest = await tables.longest()
            row = await tables.referral(longest) if longest else None
            return cls(
                history,
                live,
                seconds,
                await tables.summary(),
                await tables.counts(),
                await tables.refusals_by_code(),
                row,
                await tables.timeline(row) if row else [],
                month,
                systems,
            )


def report(console: Console, figures: Figures, blocks: Sequence[Block]) -> None:
    """Print the board's summary, one timeline, what was refused, the scenes, how fast it went, and what is next."""
    console.print()
    columns = ("status", "detail", "loop", "referrals", "backfilled")
    print_table("Referrals by status", figures.summary, columns, "There are no referrals.")
    zone = ZoneInfo(ZONE)
    if figures.referral:
        console.print()
        print_timeline(figures.referral, [in_zone(line, zone) for line in figures.timeline])
    console.print()
    print_table("Referrals in the last whole month", figures.month, MONTH, "There are no figures.")
    console.print("Systems of partners' own, live")
    for line in figures.systems.told:
        console.print(f"  {line}")
    console.print()
    entries = [in_zone(line, zone) for line in figures.systems.feed]
    print_table(f"Newest in the feed of {figures.systems.reader}, asked for over HTTP", entries, FEED, "It is empty.")
    console.print()
    print_codes(meant(figures.refusals))
    console.print()
    print_table("Turned away at the door", _turned_away(figures), ("code", "rows", "meaning"), "Nothing.")
    for block in blocks:
        show(console, block)
    _pace(console, figures)
    _next(console)


def _turned_away(figures: Figures) -> list[Line]:
    codes: Counter[str] = figures.history.turned_away + figures.live.turned_away
    return [{"code": code, "rows": rows, "meaning": CODES[code].text} for code, rows in codes.most_common()]


def _pace(console: Console, figures: Figures) -> None:
    history, live = figures.history, figures.live
    admitted, folded = figures.seconds
    console.print(
        f"\n{history.rows:,} rows of history, {history.published:,} of them on the log in {admitted:.1f} s "
        f"({history.rows / admitted:,.0f} a second); then {live.rows:,} as in life, {live.published:,} on the log, "
        f"partners waiting for each other; all on the board after {folded:.1f} s.\n"
        f"{figures.counts['clients']:,} clients, {figures.counts['referrals']:,} referrals, "
        f"{figures.counts['copies']:,} events came twice and count once."
    )


def _next(console: Console) -> None:
    table = Table("Where to look next", "", box=None, title_justify="left", pad_edge=False)
    for command, what in NEXT:
        table.add_row(command, what)
    console.print()
    console.print(table)
