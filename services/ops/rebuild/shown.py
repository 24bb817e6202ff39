"""What a rebuild found, for people and for machines.  What an erasure takes from a row is never shown."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from projections.comparison import Comparison, Difference
from projections.dump import Dump
from projections.projection import Row, Table
from services.ops.reading import Line
from services.ops.rebuild.rebuilding import Verdict

#: Stands in the place of sealed text, which belongs in no terminal and no file.
WITHHELD = "(withheld)"


def document(verdict: Verdict) -> Line:
    """Return the verdict as one JSON document."""
    found = verdict.comparison
    return {
        "equal": not found.differences,
        "served": verdict.served,
        "rebuilt": verdict.schema,
        "kept": verdict.kept,
        "events": verdict.events,
        "seconds": round(verdict.seconds, 3),
        "vector": vector(found.other),
        "tables": [_table(found, name) for name in found.other.tables],
        "parked": parked(found.other),
        "differences": [_difference(each) for each in found.rows],
        "more": {name: count - _shown(found, name) for name, count in found.counts.items()},
    }


def vector(of: Dump) -> Line:
    """Return where each partition stands, by its name."""
    return {f"{topic}-{number}": position.next_offset for (topic, number), position in sorted(of.vector.items())}


def parked(of: Dump) -> list[Line]:
    """Return what a dump leaves out, as an entry of it is parked."""
    return [each._asdict() for each in sorted(of.left)]


def sentences(verdict: Verdict) -> Iterator[str]:
    """Say what was found, the most important first."""
    found = verdict.comparison
    rows = sum(content.rows for content in found.other.tables.values())
    if found.differences:
        yield f"DIFFERENT: {verdict.served} is not what its log amounts to: {', '.join(found.differences)}"
    else:
        yield f"Equal: {rows:,} rows in {len(found.other.tables)} tables, byte for byte, at {_at(found.other)}"
    for difference in found.rows:
        yield from _told(difference)
    for name, count in found.counts.items():
        if count > _shown(found, name):
            yield f"{name}: {count - _shown(found, name):,} more rows differ"
    for left in sorted(found.other.left):
        yield f"Not compared, as an entry is parked: {left.view} of {left.initiative} {left.record}"
    if verdict.seconds:
        yield f"Folded {verdict.events:,} records in {verdict.seconds:.1f} s, {_rate(verdict):,.0f} a second"
    yield f"Kept as {verdict.schema}" if verdict.kept else f"Dropped {verdict.schema}; --keep keeps it"


def _rate(verdict: Verdict) -> float:
    return verdict.events / verdict.seconds


def _at(of: Dump) -> str:
    return ", ".join(f"{name}:{offset}" for name, offset in vector(of).items()) or "the beginning"


def _table(found: Comparison, name: str) -> Line:
    one, other = found.one.tables[name], found.other.tables[name]
    return {
        "table": name,
        "rows": {"served": one.rows, "rebuilt": other.rows},
        "sha256": {"served": one.sha256, "rebuilt": other.sha256},
        "differing": found.counts.get(name, 0),
    }


def _shown(found: Comparison, name: str) -> int:
    return sum(each.table.name == name for each in found.rows)


def _difference(of: Difference) -> Line:
    names = list(of.table.columns)[: len(of.key)]
    return {
        "table": of.table.name,
        "key": dict(zip(names, map(_plain, of.key), strict=True)),
        "columns": _columns(of),
        "served": _row(of.table, of.one),
        "rebuilt": _row(of.table, of.other),
    }


def _told(of: Difference) -> Iterator[str]:
    key = " ".join(str(_plain(part)) for part in of.key)
    one, other = _row(of.table, of.one), _row(of.table, of.other)
    if one is None or other is None:
        yield f"{of.table.name} {key}: only the {'served' if other is None else 'rebuilt'} build has it"
        for name, value in (one or other or {}).items():
            yield f"    {name}: {value}"
        return
    yield f"{of.table.name} {key}:"
    for name in _columns(of):
        yield f"    {name}: served {one[name]}, rebuilt {other[name]}"


def _columns(of: Difference) -> list[str]:
    """Name the columns that differ, where both sides have a row."""
    if of.one is None or of.other is None:
        return []
    pairs = zip(of.table.columns, of.one, of.other, strict=True)
    return [name for name, one, other in pairs if _plain(one) != _plain(other)]


def _row(table: Table, row: Row | None) -> Line | None:
    if row is None:
        return None
    return {name: _shared(table, name, value) for name, value in zip(table.columns, row, strict=True)}


def _shared(table: Table, name: str, value: Any) -> Any:
    withheld = name in (table.erasable or ()) and value is not None
    return WITHHELD if withheld else _plain(value)


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, bytes):
        return value.hex()
    return value.isoformat() if isinstance(value, datetime) else str(value)
