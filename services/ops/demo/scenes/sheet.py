"""A file for a spreadsheet: a partner's own referrals, each on record before its line leaves."""

import csv
from collections.abc import Sequence
from io import StringIO

from services.ops.demo.scenes.block import Block, sure
from services.ops.demo.scenes.case import Case
from services.ops.demo.scenes.desk import Desk
from services.ops.demo.scenes.patience import patiently

TITLE = "The same as a file"
PLACE = "/v1/referrals/export"


async def play(case: Case) -> Block:
    """Take her referrals out as CSV.  Raises DemoFailed."""
    before = await _account(case.sender, case.own)
    asked = {"client": case.own, "format": "csv"}
    answer = await patiently(lambda: case.sender.door.get(PLACE, params=asked))
    sure(answer.is_success, TITLE, f"it was answered {answer.status_code}")
    return told(answer.text, (before, await _account(case.sender, case.own)), case.own)


def told(text: str, accounted: tuple[int, int], own: str) -> Block:
    """Return what is in the file.  Raises DemoFailed when it holds others, or went out without being on record."""
    rows = list(csv.DictReader(StringIO(text, newline="")))
    needs = [row["need_code"] for row in rows]
    sure(needs == ["shelter", "food"], TITLE, f"the file of {own} holds {needs}")
    before, after = accounted
    sure(after >= before + len(rows), TITLE, f"it left with {after - before} lines on record")
    first = rows[0]
    return Block(
        TITLE,
        (
            ("asked for", f"GET {PLACE}?client={own}&format=csv"),
            ("in it", f"{len(rows)} referrals, {len(first)} columns: {_some(list(first))}"),
            (
                "a line",
                f"{first['need_code']}, {first['status']}, sent {first['sent_utc']}, there {first['sent_local']}",
            ),
            ("on record", f"{after - before} disclosures more about the person than before"),
        ),
    )


def _some(columns: Sequence[str]) -> str:
    return f"{', '.join(columns[:6])} …"


async def _account(sender: Desk, own: str) -> int:
    """Return how many disclosures about the person are on record."""
    told = await sender.get(f"/v1/clients/{own}/disclosures", limit=200)
    return len(told["disclosures"])
