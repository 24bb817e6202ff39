"""What the figures must be: counted from how every referral stands in the end, and never as a sum of changes."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from tests.oracle.expected import Expected, Row

MEASURES = ("sent", "received", "served")
#: Initiative, partner, month and partition.
Place = tuple[str, str, str, int]


def figures(expected: Expected) -> dict[Place, tuple[int, ...]]:
    """Return every figure that is not zero: sent, received and served, then the same of what was backfilled."""
    homes = {(row["initiative"], row["record"]): row["partition"] for row in expected.timeline.values()}
    found: Counter[tuple[Place, int]] = Counter()
    for (initiative, record), case in expected.cases.items():
        for referral in case.referrals.values():
            for partner, when, measure in _counts(referral):
                place = (initiative, partner, f"{when:%Y-%m}-01", homes[initiative, record])
                found[place, MEASURES.index(measure)] += 1
                found[place, MEASURES.index(measure) + 3] += referral["backfilled"]
    return {place: tuple(found[place, index] for index in range(6)) for place, _ in found}


def _counts(referral: dict[str, Any]) -> Iterator[tuple[str, datetime, str]]:
    # What was entered in error never happened.
    meant = (offer for offer in referral["offers"].values() if offer["status"] != "entered-in-error")
    offers = sorted(meant, key=lambda offer: offer["sent"])
    for offer in offers[:1]:
        yield referral["sender"], offer["sent"], "sent"
    asked: set[str] = set()
    # Nobody received what nobody claimed.
    offers = [offer for offer in offers if offer["recipient"]]
    for offer in offers:
        if offer["recipient"] not in asked:
            yield offer["recipient"], offer["sent"], "received"
        asked.add(offer["recipient"])
    served: set[str] = set()
    for offer in sorted((each for each in offers if each["status"] == "completed"), key=lambda each: each["closed"]):
        if offer["recipient"] not in served:
            yield offer["recipient"], offer["closed"], "served"
        served.add(offer["recipient"])


def kept(rows: Iterable[Row]) -> dict[Place, tuple[int, ...]]:
    """Return the table's figures in the same shape; a row of zeros says no more than none."""
    found = {
        (row["initiative"], row["partner"], str(row["month"]), row["partition"]): tuple(
            row[name] for name in (*MEASURES, *(f"{measure}_backfilled" for measure in MEASURES))
        )
        for row in rows
    }
    return {place: counts for place, counts in found.items() if any(counts)}


def differences(expected: Expected, rows: Iterable[Row]) -> list[str]:
    """Return where the table's figures are not those that the log amounts to."""
    wanted, found = figures(expected), kept(rows)
    return [
        f"figure {place}: {found.get(place)}, not {wanted.get(place)}"
        for place in sorted(wanted.keys() | found.keys())
        if wanted.get(place) != found.get(place)
    ]
