"""A seeded log of cases with everything on it that a log may hold: told twice, told wrong, and poison."""

import json
from random import Random
from typing import Any, NamedTuple

from services.runtime.placement import placement
from tests.faults.people import HISTORY, LIVE, PARTNERS, Person, uuid


class Sent(NamedTuple):
    """A record to be."""

    key: bytes | None
    value: bytes | None
    partition: int


class Traffic:
    """Says one record after another, the same for the same seed."""

    def __init__(self, seed: int, partitions: int, at_once: int = 40) -> None:
        """Speak of so many people at once in each partition."""
        self.random = Random(seed)
        self.partitions = partitions
        self._at_once = at_once
        self._home = placement(partitions)
        self._people: list[list[Person]] = [[] for _ in range(partitions)]
        self._told: list[list[Sent]] = [[] for _ in range(partitions)]

    def take(self, count: int) -> list[Sent]:
        """Return the next records."""
        return [self._next() for _ in range(count)]

    def _next(self) -> Sent:
        partition, chance = self.random.randrange(self.partitions), self.random.random()
        told = self._told[partition]
        if told and chance < 0.04:
            return self.random.choice(told[-200:])
        if told and chance < 0.05:
            return self._reused(self.random.choice(told[-200:]))
        if told and chance < 0.07:
            return self._poison(self.random.choice(told[-200:]))
        if told and chance < 0.08:
            return self._astray(partition)
        event = self._person(partition).says()
        sent = Sent(event["partitionkey"].encode(), as_bytes(event), partition)
        told.append(sent)
        return sent

    def resident(self, partition: int) -> str:
        """Return a new key whose records belong in this partition."""
        while True:
            key = uuid(self.random)
            if self._home(key.encode()) == partition:
                return key

    def _person(self, partition: int) -> Person:
        people, pick = self._people[partition], self.random
        if len(people) < self._at_once or pick.random() < 0.03:
            history = pick.random() < 0.3
            backfill, begins = (uuid(pick), HISTORY) if history else (None, LIVE)
            people.append(Person(pick, self.resident(partition), pick.choice(PARTNERS[:3]), backfill, begins))
            del people[: -self._at_once]
            return people[-1]
        return pick.choice(people)

    def _astray(self, partition: int) -> Sent:
        """Return what somebody of this partition has yet to say, told in another one; at times in words to come."""
        event = self._person(partition).says()
        if self.random.random() < 0.2:
            event["type"] = "org.manyhands.referral.foretold.v1"
        return Sent(event["partitionkey"].encode(), as_bytes(event), (partition + 1) % self.partitions)

    def _reused(self, sent: Sent) -> Sent:
        event = json.loads(sent.value or b"{}")
        event["data"]["admitted"]["digest"] = self.random.randbytes(32).hex()
        return sent._replace(value=as_bytes(event))

    def _poison(self, sent: Sent) -> Sent:
        event = json.loads(sent.value or b"{}") | {"id": uuid(self.random)}
        wrong: list[bytes | None] = [
            b"{",
            b"",
            b"[]",
            b"\xff\xfe\x00",
            b"[" * 20_000,
            b'{"type": "\\u0000"}',
            b'{"type": "\\ud800"}',
            None,
            as_bytes(event | {"type": "com.example.seen.v1"}),
            as_bytes(event | {"type": "org.manyhands.initiative.opened.v1"}),
            as_bytes(event | {"type": 7}),
            as_bytes(event | {"time": "yesterday"}),
            as_bytes(event | {"subject": "a\x00b"}),
            as_bytes(event | {"data": {}}),
        ]
        if self.random.random() < 0.1:
            return sent._replace(key=b"anybody", value=as_bytes(event))
        return sent._replace(value=self.random.choice(wrong))


def as_bytes(event: dict[str, Any]) -> bytes:
    """Return the event as it would stand on the log."""
    return json.dumps(event, separators=(",", ":")).encode()
