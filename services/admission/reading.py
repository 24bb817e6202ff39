"""How far inboxes are read, and why one may be read no further."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, TopicPartition

from projections.record import Record, fingerprint
from services.admission.inbox import Inbox
from services.runtime import logging

log = logging.get(__name__)
MISSING = "topic-missing"


class Halt(Exception):
    """An inbox cannot be read on until somebody looks at it; the others go on."""

    def __init__(self, code: str, offset: int) -> None:
        super().__init__(f"{code} at {offset}")
        self.code = code
        self.offset = offset


@dataclass(eq=False, slots=True)
class Reading:
    """An inbox that this process reads."""

    inbox: Inbox
    #: What happened to the connections when it was placed; None before it was.
    era: int | None = None
    #: Why it is read no further: a code of `events.codes`.
    code: str | None = None
    #: The fingerprint that the record before the next one must have; None once it was found so.
    proof: bytes | None = None

    @property
    def partition(self) -> TopicPartition:
        return TopicPartition(self.inbox.topic, 0)

    @property
    def mendable(self) -> bool:
        """Whether looking again may help: a topic that was missing may be made."""
        return self.code in (None, MISSING)

    def described(self) -> dict[str, object]:
        """Return where it stands, as a probe is told."""
        return {"topic": self.inbox.topic, "partition": 0, "code": self.code, "offset": self.inbox.next_offset}

    def start(self, first: int, end: int) -> int:
        """Return where to read from in a topic that now spans [first, end).  Raises Halt when it is not the same."""
        at = self.inbox.next_offset
        if at is None:
            return first
        if end < at:
            raise Halt("log-cut", at)
        if first > at:
            raise Halt("history-missing", at)
        # The last record decided may have expired by itself.
        self.proof = self.inbox.last_hash if first < at else None
        return at - (self.proof is not None)

    def proven(self, records: Sequence[Record]) -> Sequence[Record]:
        """Return the records to decide, once the one before them is what it was.  Raises Halt when it is not."""
        if self.proof is None:
            return records
        at = self.inbox.next_offset or 0
        if records[0].offset != at - 1:
            raise Halt("log-cut", at)
        if fingerprint(records[0]) != self.proof:
            raise Halt("log-replaced", at)
        self.proof = None
        return records[1:]

    def move(self, stop: int, last_hash: bytes) -> None:
        """Note that everything before `stop` is decided."""
        self.inbox = self.inbox._replace(next_offset=stop, last_hash=last_hash)


class Readings:
    """The inboxes that this process reads, placed on one consumer."""

    def __init__(self) -> None:
        self._held: dict[str, Reading] = {}
        #: Counts what happened to the connections; every inbox is placed anew after.
        self._era = 0

    @property
    def held(self) -> list[Reading]:
        return list(self._held.values())

    @property
    def settled(self) -> bool:
        """Whether everything held is being read, or stopped."""
        return all(each.era is not None or each.code is not None for each in self.held)

    @property
    def steady(self) -> bool:
        """Whether nothing happened to the connections since everything was placed."""
        return all(each.era == self._era for each in self.held if each.code is None)

    def disturbed(self) -> None:
        """Note that what is read from now on may be another topic's."""
        self._era += 1

    def hold(self, inboxes: Iterable[Inbox]) -> list[Reading]:
        """Hold exactly these, and return those that are to be placed."""
        ours = {inbox.partner: inbox for inbox in inboxes}
        kept = {name: each for name, each in self._held.items() if name in ours and ours[name].life == each.inbox.life}
        self._held = {name: kept.get(name) or Reading(inbox) for name, inbox in ours.items()}
        return [each for each in self.held if each.era != self._era and each.mendable]

    def drop(self, reading: Reading) -> None:
        """Forget what is known of an inbox, so that it is asked for anew."""
        self._held.pop(reading.inbox.partner, None)

    def readable(self) -> dict[TopicPartition, Reading]:
        """Return what can be read now; nothing while something is to be placed anew."""
        return {each.partition: each for each in self.held if each.code is None} if self.steady else {}

    async def place(self, consumer: AIOKafkaConsumer, waiting: Sequence[Reading]) -> None:
        """Have the consumer read on where each stands, and stop those whose topic is not the one that was read."""
        there = await consumer.topics()
        for reading in waiting:
            if reading.inbox.topic not in there:
                self.halt(reading, Halt(MISSING, reading.inbox.next_offset or 0))
            else:
                reading.code = None
        self._assign(consumer)
        await self._seek(consumer, [each for each in self.held if each.code is None and each.era != self._era])
        self.rest(consumer)

    def _assign(self, consumer: AIOKafkaConsumer) -> None:
        wanted = {each.partition for each in self.held if each.code is None}
        if wanted != consumer.assignment():
            # Where the consumer stood in the others is forgotten with it.
            consumer.assign(list(wanted))
            for each in self.held:
                each.era = None

    async def _seek(self, consumer: AIOKafkaConsumer, placing: Sequence[Reading]) -> None:
        era, partitions = self._era, [each.partition for each in placing]
        if not partitions:
            return
        consumer.resume(*partitions)  # what was stopped before rests still
        first, end = await consumer.beginning_offsets(partitions), await consumer.end_offsets(partitions)
        for reading in placing:
            try:
                consumer.seek(reading.partition, reading.start(first[reading.partition], end[reading.partition]))
                reading.era = era
            except Halt as halt:
                self.halt(reading, halt)

    def halt(self, reading: Reading, halt: Halt) -> None:
        """Stop an inbox, and say so once."""
        if reading.code != halt.code:
            log.error("inbox-stopped", topic=reading.inbox.topic, code=halt.code, offset=halt.offset)
        reading.code, reading.era = halt.code, None

    def rest(self, consumer: AIOKafkaConsumer) -> None:
        """Fetch nothing more of what is stopped."""
        consumer.pause(*{each.partition for each in self.held if each.code is not None} & consumer.assignment())

    def lag(self, consumer: AIOKafkaConsumer) -> int:
        """Return how many records are not decided yet, as far as the broker has told."""
        reading = [each for each in self.held if each.era is not None]
        ends = ((each.inbox.next_offset or 0, consumer.highwater(each.partition)) for each in reading)
        return sum(max(0, end - at) for at, end in ends if end is not None)
