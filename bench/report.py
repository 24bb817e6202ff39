"""Says what was found: a table on the screen, RESULTS.md for people, results.json for programs."""

from collections.abc import Iterable
from pathlib import Path

import orjson
from rich import box
from rich.console import Console
from rich.table import Table

from bench.figures import AIMS, Findings
from bench.ratios import sections

RESULTS = Path(__file__).with_name("RESULTS.md")
JSON = Path(__file__).with_name("results.json")
NOTES = Path(__file__).with_name("notes.md")


def write(findings: Findings, results: Path = RESULTS, json: Path = JSON) -> None:
    """Write both files anew."""
    results.write_text("\n".join(_markdown(findings)) + "\n", encoding="utf-8")
    plain = {**findings.figures, "engines": findings.tables, **findings.setting}
    plain["stages_us"] = {stage.name: stage.us for stage in findings.stages}
    plain["gaps_us"] = {name: {stage.name: stage.us for stage in stages} for name, stages in findings.gaps.items()}
    json.write_bytes(orjson.dumps(plain, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n")


def show(findings: Findings, console: Console) -> None:
    """Print the aims and the engines."""
    console.print(_screen("Aims", ["figure", "aim", "found", ""], _aims(findings)))
    for workload, engines in findings.tables.items():
        console.print(_screen(workload, ["engine", *ENGINE_COLUMNS], _engines(engines)))
    for section in sections(findings):
        if section.rows:
            console.print(_screen(section.title, section.heads, section.rows))
        if section.line:
            console.print(section.line)
    if findings.stages:
        rows = [[stage.name, f"{stage.us:.1f}"] for stage in findings.stages]
        console.print(_screen("Where full work spends its time", ["step", "µs an event"], rows))


#: What stands in an engine's row, with its digits after the point.
ENGINE_FIGURES = (("events_per_s", 0), ("over_yardstick", 3), ("cpu_us", 1), ("postgres_us", 1), ("rss_mib", 0))
ENGINE_COLUMNS = ("events/s", "share", "CPU", "PostgreSQL", "MiB")


def _markdown(findings: Findings) -> Iterable[str]:
    yield "# How fast it is\n"
    yield "Written by `make bench`. " + _setting(findings) + "\n"
    yield "## Aims\n"
    yield from _table(["figure", "aim", "found", ""], _aims(findings))
    yield "\n`share` is of the yardstick's rate; `CPU` is the engine's own processor time and `PostgreSQL` the"
    yield "server's, in microseconds an event; `MiB` is the most memory that the engine's process had."
    for workload, engines in findings.tables.items():
        yield f"\n## {workload.capitalize()}\n"
        yield from _table(["engine", *ENGINE_COLUMNS], _engines(engines))
    for section in sections(findings):
        yield f"\n## {section.title}\n"
        if section.rows:
            yield from _table(section.heads, section.rows)
        if section.line:
            yield f"\n{section.line}" if section.rows else section.line
    if findings.stages:
        yield "\n## Where full work spends its time\n"
        yield from _table(["step", "µs an event"], [[stage.name, f"{stage.us:.1f}"] for stage in findings.stages])
    yield "\n" + NOTES.read_text(encoding="utf-8").rstrip()


def _setting(findings: Findings) -> str:
    at = findings.setting
    machine = at["machine"]
    packages = ", ".join(f"{name} {version}" for name, version in machine["packages"].items())
    return (
        f"{at['events']:,} events of {at['event_bytes']} bytes (median; {at['event_bytes_mean']} on average), "
        f"{at['partitions']} partitions, medians of {at['rounds']} rounds taken turn by turn. "
        f"{machine['cores']} cores ({machine['processor']}), {machine['memory_gib']} GiB; {machine['servers']}. "
        f"Load before it began: {machine['load_before']}. "
        f"Python {machine['python']}, Kafka {machine['kafka']}, PostgreSQL {machine['postgresql']}, {packages}."
    )


def _aims(findings: Findings) -> Iterable[list[str]]:
    for aim in AIMS:
        figure = findings.figures.get(aim.key)
        if figure is not None:
            met = "met" if aim.met(figure) else "**not met**"
            yield [f"{aim.title} (`{aim.key}`)", f"{aim.wanted} {aim.unit}", f"{figure:,.4g}", met]


def _engines(engines: dict[str, dict[str, float]]) -> Iterable[list[str]]:
    for name, row in engines.items():
        found = [f"{row[key]:,.{digits}f}" if key in row else "-" for key, digits in ENGINE_FIGURES]
        yield [name, *found]


def _table(heads: list[str], rows: Iterable[list[str]]) -> Iterable[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _screen(title: str, heads: list[str], rows: Iterable[list[str]]) -> Table:
    table = Table(title=title, title_justify="left", box=box.SIMPLE)
    for head in heads:
        table.add_column(head, no_wrap=head != "promise")
    for row in rows:
        table.add_row(*(cell.partition(" (`")[0].strip("*") for cell in row))
    return table
