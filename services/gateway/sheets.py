"""Rows as files: CSV that a spreadsheet opens without running any of it, and one JSON object a line."""

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from io import StringIO
from typing import Any, Literal, TypeVar
from zoneinfo import ZoneInfo

import orjson
from starlette.requests import Request

from services.gateway.problems import ProblemError

Format = Literal["csv", "ndjson"]
CSV, LINES = "text/csv", "application/x-ndjson"
MEDIA: Mapping[Format, str] = {"csv": f"{CSV}; charset=utf-8; header=present", "ndjson": LINES}
#: What older spreadsheets tell UTF-8 by.
BOM = b"\xef\xbb\xbf"
_UNSEEN = r"[\s\x00-\x20\x7f\u00ad\u200b-\u200f\u2060-\u2064\ufeff]"
#: Where a spreadsheet may take a cell for a formula, whatever stands before that nobody sees.
_FORMULA = re.compile(f"{_UNSEEN}*[=+\\-@\uff0b\uff0d\uff1d\uff20]|{_UNSEEN}*[\t\r\n]")
Row = Mapping[str, Any]
F = TypeVar("F")


def guarded(text: str) -> str:
    """Return the text, behind a quote where a spreadsheet could take it for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def cells(row: Iterable[Any]) -> bytes:
    """Return one line of CSV; numbers stay numbers, what is absent is empty."""
    line = StringIO()
    csv.writer(line, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow([_cell(value) for value in row])
    return line.getvalue().encode()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, list):
        return guarded("; ".join(_several(each) for each in value))
    return guarded(str(value))


def _several(value: Any) -> str:
    """Return one of several values that share a cell; the parts of one follow each other."""
    return " ".join(map(str, value.values())) if isinstance(value, Mapping) else str(value)


def times(name: str, moment: datetime | None, zone: ZoneInfo) -> dict[str, str | None]:
    """Return a time twice: in UTC, and as clocks of the zone show it."""
    if moment is None:
        return {f"{name}_utc": None, f"{name}_local": None}
    utc = moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return {f"{name}_utc": utc, f"{name}_local": moment.astimezone(zone).isoformat()}


def headed(columns: Sequence[str], form: Format, *, bom: bool) -> bytes:
    """Return what a file begins with."""
    if form == "ndjson":
        return b""
    return (BOM if bom else b"") + cells(columns)


def written(rows: Iterable[Row], columns: Sequence[str], form: Format) -> bytes:
    """Return the rows as they stand in a file of this form, each with every column in its place."""
    if form == "ndjson":
        lines = ({name: row[name] for name in columns} for row in rows)
        return b"".join(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE) for line in lines)
    return b"".join(cells(row[name] for name in columns) for row in rows)


def form_of(request: Request, forms: Mapping[str, F]) -> F:
    """Return the form that the caller accepts, of those there are by media type; the first is the usual one.

    Raises ProblemError where none is acceptable.
    """
    said = ",".join(request.headers.getlist("accept")).lower()
    wanted = [each.split(";")[0].strip() for each in said.split(",") if each.strip()] or ["*/*"]
    for each in wanted:
        for media, form in forms.items():
            if each in ("*/*", media, f"{media.split('/')[0]}/*"):
                return form
    raise ProblemError(406, "not-acceptable")
