"""Records of one log → every row that the read model must hold."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.oracle import episodes
from tests.oracle.board import asked, board, person
from tests.oracle.case import Case, Refused
from tests.oracle.judging import apply
from tests.oracle.reading import Raw, moment, print_of, read
from tests.oracle.shapes import instant
from tests.oracle.speaking import spoken

Row = dict[str, Any]
#: Initiative and record key.
Owner = tuple[str, str]
_UNSAID = ("initiative", "record", "source", "id", "type", "subject")


@dataclass
class Expected:
    """The tables as the log makes them; `fold` takes the records of each partition in their order."""

    topic: str
    #: How many partitions the topic has.
    partitions: int
    cases: dict[Owner, Case] = field(default_factory=dict)
    timeline: dict[tuple[str, str, str, str], Row] = field(default_factory=dict)
    refusals: list[Row] = field(default_factory=list)
    sealed: list[Row] = field(default_factory=list)
    words: list[Row] = field(default_factory=list)
    clocks: dict[int, datetime] = field(default_factory=dict)
    #: Next offset by partition.
    ends: dict[int, int] = field(default_factory=dict)

    def fold(self, records: Iterable[Raw]) -> None:
        """Take these records in."""
        for record in records:
            self._one(record)

    def _one(self, record: Raw) -> None:
        stamped = moment(record.timestamp)
        clock = self.clocks[record.partition] = max(self.clocks.get(record.partition, stamped), stamped)
        event = read(record, self.partitions)
        self.ends[record.partition] = record.offset + 1
        if isinstance(event, str):
            self._refuse(record, clock, "unreadable", {"detail": event, "hash": print_of(record)})
            return
        said = dict(zip(_UNSAID, _identity(event), strict=True))
        first = self.timeline.get(_identity(event)[:4])
        if first is None:
            self._judge(record, clock, event, said)
        elif first["digest"] == bytes.fromhex(event["data"]["admitted"]["digest"]):
            first["copies"] += 1
        else:
            self._refuse(record, clock, "id-reused", said)

    def _judge(self, record: Raw, clock: datetime, event: Row, said: Row) -> None:
        admitted, when = event["data"]["admitted"], instant(event["time"])
        backfilled, refusal = admitted.get("backfill") is not None, None
        case = self.cases.setdefault((event["initiative"], event["partitionkey"]), Case())
        try:
            apply(case, event, when if backfilled else clock, clock)
            self.sealed += _sealed(event, said)
            self.words += spoken(event, said)
        except Refused as refused:
            refusal = str(refused)
            self._refuse(record, clock, refusal, said)
        self.timeline[_identity(event)[:4]] = {
            **said,
            "digest": bytes.fromhex(admitted["digest"]),
            "topic": self.topic,
            "partition": record.partition,
            "record_offset": record.offset,
            "happened": when,
            "recorded": clock,
            "actor": event.get("actor"),
            "offer": event["data"].get("offer_id"),
            "outcome": "refused" if refusal else "applied",
            "refusal": refusal,
            "detail": None if refusal else _left(case, event),
            "backfilled": backfilled,
            "copies": 0,
        }

    def _refuse(self, record: Raw, clock: datetime, code: str, said: Row) -> None:
        place = {"topic": self.topic, "partition": record.partition, "record_offset": record.offset}
        self.refusals.append({**dict.fromkeys(_UNSAID), "hash": None, **place, "code": code, "recorded": clock, **said})

    def tables(self) -> dict[str, list[Row]]:
        """Return the rows of every table."""
        return {
            "client": [person(*owner, case) for owner, case in self.cases.items() if case.client],
            "referral": [row for owner, case in self.cases.items() for row in board(*owner, case)],
            "asked": [row for owner, case in self.cases.items() for row in asked(*owner, case)],
            "episode": [row for owner, case in self.cases.items() for row in episodes.rows(*owner, case)],
            "sealed_text": list(self._kept(self.sealed, "sealed")),
            "said": list(self._kept(self.words, "words")),
            "timeline": list(self.timeline.values()),
            "refusal": self.refusals,
        }

    def _kept(self, rows: Iterable[Row], column: str) -> Iterator[Row]:
        """Yield the rows, without what stands in the column where the person is erased."""
        for row in rows:
            client = self.cases[row["initiative"], row["record"]].client
            gone = client is not None and client["erased"]
            yield {**row, "erased": gone, column: None if gone else row[column]}


def _identity(event: Row) -> tuple[str, str, str, str, str, str]:
    return (
        event["initiative"],
        event["partitionkey"],
        event["source"],
        event["id"],
        event["short"],
        event["subject"],
    )


def _left(case: Case, event: Row) -> str | None:
    """Return the fine state in which an applied event left the offer that it speaks of."""
    referral = case.referrals.get(event["subject"])
    offer = referral and referral["offers"].get(event["data"].get("offer_id"))
    return str(offer["detail"]) if offer else None


def _sealed(event: Row, said: Row) -> Iterator[Row]:
    family = event["short"].partition(".")[0]
    for name in ("details", "note"):
        if event["data"].get(name) is not None:
            yield {
                **{column: said[column] for column in ("initiative", "record", "source")},
                "type": event["type"],
                "event": event["id"],
                "field": f"/data/{name}",
                "referral": event["subject"] if family == "referral" else None,
                "offer": event["data"].get("offer_id"),
                "sealed": event["data"][name],
            }
