"""How loops close: four rates and never one, now and as they were, with the events behind them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from services.measurement.asking import Figure
from services.measurement.loops import RATES, Loops
from services.ops.demo.scenes.block import Block, Line, Sheet, sure
from services.ops.demo.scenes.house import House
from services.ops.demo.wait import caught_up
from services.ops.loops import figures, listed
from services.ops.loops_shown import share

TITLE = "How loops close: four rates, never one"
#: Events behind a figure that are read at most.
MOST = 100_000
YEAR = timedelta(days=365)
MEANS = {
    "disposition": "ended in any known way, of all sent",
    "served": "the recipient served, of all sent",
    "acknowledged": "the sender saw it, of all outcomes it was told",
    "client_confirmed": "the client said so by their own link, of all asked",
}
BEHIND: tuple[Figure, ...] = ("disposed", "served", "acknowledged", "confirmed")
COLUMNS = ("which", "sent", "disposed", "served", "acknowledged", "confirmed")


class Seen(NamedTuple):
    """What was asked for: all, by area, when the history was loaded, and a year ago; and the events behind."""

    now: Loops
    areas: Loops
    loaded: Loops
    year: Loops
    behind: Mapping[Figure, Sequence[Mapping[str, Any]]]


async def play(house: House) -> Block:
    """Show them for all, by area, and as of two instants before.  Raises DemoFailed."""
    await caught_up(house.settings, lambda *_: None)
    year = datetime.now(UTC) - YEAR
    behind = {name: (await listed(house.settings, None, {}, name, (None, MOST))).events for name in BEHIND}
    return told(
        Seen(
            await _asked(house),
            await _asked(house, cuts=frozenset(("area",))),
            await _asked(house, as_of=house.loaded),
            await _asked(house, as_of=year),
            behind,
        )
    )


def told(seen: Seen) -> Block:
    """Return what the figures amount to.  Raises DemoFailed when they do not fit each other."""
    now, before, areas = _only(seen.now), _only(seen.loaded), seen.areas.figures
    sure(sum(each["sent"] for each in areas) == now["sent"], TITLE, "the areas do not make up the whole")
    sure(now["confirmed"] >= 1, TITLE, "no client confirmed anything")
    sure(0 < before["sent"] < now["sent"], TITLE, "what was loaded and what came after cannot be told apart")
    sure(not any(each["sent"] for each in seen.year.figures), TITLE, "something was on record before it was told")
    lines: list[Line] = [(name.replace("_", " "), f"{_rate(now, name)}: {MEANS[name]}") for name in RATES]
    lines += [
        ("events behind", _behind(seen.behind)),
        ("a year ago", "nothing: what was loaded today was not known then, and is in no figure as of then"),
        ("ask yourself", "manyhands loops figures --by area --as-of 2026-01-31T00:00Z"),
    ]
    rows = [_row("all, now", now), *(_row(f"  {each['area'] or 'no area'}", each) for each in areas)]
    rows += [_row("when loaded", before), {"which": "a year ago", "sent": 0}]
    return Block(TITLE, tuple(lines), sheet=Sheet("Counted, of all that could be", COLUMNS, rows))


async def _asked(house: House, **asked: Any) -> Loops:
    return await figures(house.settings, None, {"cuts": frozenset(), **asked})


def _behind(behind: Mapping[Figure, Sequence[Mapping[str, Any]]]) -> str:
    """Return how many events stand behind each rate, and where the first one served stands."""
    for name, events in behind.items():
        sure(events, TITLE, f"no event stands behind {name}")
    counted = ", ".join(f"{len(events):,} {name}" for name, events in behind.items())
    first = behind["served"][0]
    return f"{counted}; the first served is at {first['partition']}:{first['record_offset']} of the log"


def _only(found: Loops) -> Mapping[str, Any]:
    sure(len(found.figures) == 1, TITLE, f"there are {len(found.figures)} lines for all")
    return found.figures[0]


def _rate(line: Mapping[str, Any], name: str) -> str:
    return share(line["rates"][name]["of"], line["rates"][name]["among"])


def _row(which: str, line: Mapping[str, Any]) -> dict[str, Any]:
    """Return the rates' counts, each beside what it is of."""
    counts = (f"{rate['of']:,}/{rate['among']:,}" for rate in (line["rates"][name] for name in RATES))
    return dict(zip(COLUMNS, (which, line["sent"], *counts), strict=True))
