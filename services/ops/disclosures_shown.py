"""Lines of the account of disclosures as a table and as comma-separated lines."""

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from services.gateway.sheets import headed, times, written

#: Of the table that people read.
COLUMNS = ("disclosed", "recipient", "description", "sent_by_name", "referral", "consent")
#: Of the file, in which each time stands twice.
FILE = (
    "disclosed_utc",
    "disclosed_local",
    "recipient",
    "description",
    "purpose",
    "fields",
    "consent",
    "kind",
    "reader",
    "person",
    "sent_by",
    "sent_by_name",
    "to_class",
    "link_by",
    "in_error",
    "referral",
    "offer",
    "event",
    "happened_utc",
    "recorded_utc",
)


def as_csv(lines: Sequence[Mapping[str, Any]], zone: ZoneInfo) -> str:
    """Return all of the lines with their columns' names before them; no spreadsheet runs any of it."""
    return (headed(FILE, "csv", bom=False) + written([_row(line, zone) for line in lines], FILE, "csv")).decode()


def _row(line: Mapping[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    row = {**line, "fields": " ".join(line["fields"])}
    for name in ("disclosed", "happened", "recorded"):
        row |= times(name, line[name], zone)
    return row
