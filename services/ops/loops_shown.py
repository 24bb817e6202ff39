"""Loop figures for people, as JSON and as comma-separated lines."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from io import StringIO
from typing import Any

import typer

from services.measurement.loops import COUNTS, RATES, Behind, Line, Loops
from services.ops.shown import lasted, print_table

SPANS = ("response", "acceptance", "start", "closure", "open")
BEHIND = ("recorded", "happened", "mark", "value", "by", "referral", "offer", "log")


def as_json(found: Loops) -> dict[str, Any]:
    """Return all of it for machines: times in whole seconds, rates as two counts."""
    moment = found.moment
    return {
        "at": moment and moment.at,
        "vector": moment and {str(number): offset for number, offset in moment.vector.items()},
        "figures": list(found.figures),
        "declines": list(found.declines),
        "outside": list(found.outside),
    }


def as_csv(found: Loops) -> str:
    """Return the figures alone, a line each."""
    lines = [dict(_flat(each)) for each in found.figures]
    text = StringIO()
    if lines:
        writer = csv.DictWriter(text, list(lines[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)
    return text.getvalue()


def _flat(line: Line) -> Iterator[tuple[str, Any]]:
    for name, value in line.items():
        if name in ("seconds", "hops"):
            for inner, spread in value.items():
                yield from _spread(name, inner, spread)
        elif name != "rates":
            yield name, value


def _spread(name: str, inner: str, spread: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(spread, dict):
        yield from ((f"{inner}_{part}", value) for part, value in spread.items())
    else:
        yield f"{name}_{inner}", spread


def as_tables(found: Loops, cuts: Sequence[str]) -> None:
    """Print the rates, the times, the reasons for declining and what went outside."""
    rates = [_cut(line, cuts) | _rates(line) for line in found.figures]
    print_table("Loops", rates, [*cuts, "sent", "immature", *RATES, "unknown", "backfilled"], "No loops yet.")
    if found.moment is None:
        return
    times = [_cut(line, cuts) | _times(line) for line in found.figures]
    if times:
        print_table("Median and 90th percentile, from sending", times, [*cuts, *SPANS, "hops"], "")
    about = ("recipient", "service", "area", "reason", "declined", "sent")
    _beside("Why offers were declined", found.declines, [*_present(cuts, found.declines, about), *about])
    outside = ("handed_off", "heard", "delivered", "partly", "not_delivered")
    _beside("Arranged outside; in no rate", found.outside, [*_present(cuts, found.outside, outside), *outside])
    typer.echo(f"As of {found.moment.at:%Y-%m-%d %H:%M} UTC, months of UTC; what is immature may still close.")


def _beside(title: str, lines: Sequence[Line], columns: list[str]) -> None:
    if lines:
        print_table(title, [_cut(line, columns) for line in lines], columns, "")


def _present(cuts: Iterable[str], lines: Sequence[Line], others: Sequence[str]) -> list[str]:
    return [cut for cut in cuts if lines and cut in lines[0] and cut not in others]


def _cut(line: Line, columns: Iterable[str]) -> Line:
    return {name: _plain(line[name]) for name in columns if name in line}


def _plain(value: Any) -> Any:
    """A month as people say it; what has no value as none."""
    if isinstance(value, date):
        return f"{value:%Y-%m}"
    return "none" if value is None else value


def _rates(line: Line) -> Line:
    counts = {name: line[name] for name in COUNTS}
    return counts | {name: share(rate["of"], rate["among"]) for name, rate in line["rates"].items()}


def share(of: int, among: int) -> str:
    """Return a rate as both its counts and a whole percentage, which is left out where nothing was counted."""
    return f"{of}/{among} ({(200 * of + among) // (2 * among)} %)" if among else "0/0"


def _times(line: Line) -> Line:
    spans = {name: _pair(line["seconds"][name]) for name in SPANS}
    hops = line["hops"]
    return spans | {"hops": f"{hops['median']} / {hops['p90']}"}


def _pair(spread: Line) -> str:
    if spread["median"] is None:
        return ""
    return " / ".join(lasted(timedelta(seconds=spread[name])) for name in ("median", "p90"))


def events_shown(figure: str, found: Behind) -> None:
    """Print the events behind a figure, each with its place on the log."""
    lines = [
        {
            **{name: str(event[name] or "") for name in BEHIND[2:4] + BEHIND[5:7]},
            "recorded": f"{event['recorded']:%Y-%m-%d %H:%M:%S}",
            "happened": f"{event['happened']:%Y-%m-%d %H:%M}",
            "by": event["source"].rsplit(":", 1)[-1],
            "log": f"{event['partition']}:{event['record_offset']}",
        }
        for event in found.events
    ]
    print_table(f"Events counted as {figure}", lines, BEHIND, "There are none.")
