"""A small projection for tests of whatever carries one: it counts what is said of each referral and each client.

- `client.registered` and every referral event count for their subject and for the client.
- `referral.offer_viewed` by `system` is refused; `referral.requested` for `emergency` is applied in part.
- `client.erased` erases the client's rows, and by the client's index touches every referral of theirs.
- The view `mention` adds up how often each type was said.
- The view `latest` fails on offers whose id begins with `dead`, and makes a row that no database
  takes of those whose id begins with `0bad`.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from events import topics
from events.catalogue import TYPES, Event
from projections.projection import Case, Ending, Entry, Key, Kind, Row, State, Table, View
from projections.rulebook import Rule, Rulebook
from projections.ruling import APPLIED, Judgement, Partly, Refused
from projections.timeline import Timeline

FOLDER = Path(__file__).parent
LATER = datetime(2026, 6, 1, tzinfo=UTC)
FAILING = "dead"
UNSTORABLE = "0bad"


class Tally(msgspec.Struct, frozen=True):
    """How often a subject was spoken of, when last, and (of a client) its referrals."""

    count: int = 0
    last: str = ""
    referrals: tuple[str, ...] = ()


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Tally).decode


def _row(key: Key, state: Tally) -> Row:
    return (*key[1:], _encode(state).decode(), state.count, state.last, state.last, False)


def _table(name: str) -> Table:
    return Table(
        name=name,
        columns={
            "initiative": "text",
            "record": "text",
            "id": "uuid",
            "state": "text",
            "count": "int4",
            "last": "text",
            "note": "text",
            "erased": "bool",
        },
        key=("initiative", "record", "id"),
        sql=FOLDER / f"{name}.sql",
        erasable=("note",),
        ending=Ending("note", "it's open", {"last": "it's ended"}),
    )


def _kind(name: str) -> Kind:
    return Kind(_table(name), _decode, _row)


class Latest:
    """The newest offer spoken of for each referral."""

    table = Table(
        name="latest",
        columns={
            "initiative": "text",
            "record": "text",
            "referral": "uuid",
            "offer": "text",
            "at": "timestamptz",
            "erased": "bool",
        },
        key=("initiative", "record", "referral"),
        sql=FOLDER / "latest.sql",
        erasable=("offer",),
    )

    def aggregate(self, event: Event) -> Key:
        return Key("referral", event.initiative, event.partitionkey, event.subject)

    def rows(self, entry: Entry) -> Iterable[Row]:
        event = entry.event
        offer: str | None = getattr(event.data, "offer_id", None)
        if offer is None or isinstance(entry.ruling, Refused):
            return
        if offer.startswith(FAILING):
            raise ValueError(f"secret {offer}")
        text = "\x00" if offer.startswith(UNSTORABLE) else offer
        yield (event.initiative, event.partitionkey, event.subject, text, entry.at.recorded, False)


class History:
    """Every applied event by its offset, in a table that is only appended to."""

    table = Table(
        name="history",
        columns={"initiative": "text", "record": "text", "record_offset": "int8", "type": "text", "id": "uuid"},
        key=("initiative", "record", "record_offset"),
        sql=FOLDER / "history.sql",
        append=True,
    )

    def aggregate(self, event: Event) -> Key:
        return Key("referral", event.initiative, event.partitionkey, event.subject)

    def rows(self, entry: Entry) -> Iterable[Row]:
        event = entry.event
        if not isinstance(entry.ruling, Refused):
            yield (event.initiative, event.partitionkey, entry.at.offset, event.type, event.id)


class Mentions:
    """How often each type was said, and how often under an id that stood for something else: sums by partition."""

    table = Table(
        name="mention",
        columns={"initiative": "text", "type": "text", "partition": "int4", "times": "int8", "reused": "int8"},
        key=("initiative", "type", "partition"),
        sql=FOLDER / "mention.sql",
        adds=("times", "reused"),
    )

    def aggregate(self, event: Event) -> Key:
        return Key("referral", event.initiative, event.partitionkey, event.subject)

    def rows(self, entry: Entry) -> Iterable[Row]:
        yield (*self._key(entry), 1, 0)

    def reused(self, entry: Entry) -> Iterable[Row]:
        yield (*self._key(entry), 0, 1)

    def _key(self, entry: Entry) -> Row:
        return (entry.event.initiative, entry.event.type, entry.at.partition.number)


def _judge(event: Any, case: Case) -> Judgement:
    if getattr(event.data, "by", None) == "system":
        return Refused("not-permitted", "system")
    if getattr(event.data, "urgency", None) == "emergency":
        return Partly(((0, Refused("not-permitted")),))
    return APPLIED


def _strict(event: Any, case: Case) -> Judgement:
    return Refused("reason-required") if event.type.endswith("service_started.v1") else _judge(event, case)


def _rules() -> Iterable[Rule]:
    types = [name for name in TYPES if name.startswith(("org.manyhands.client.", "org.manyhands.referral."))]
    yield from (Rule(number, name, _judge) for number, name in enumerate(types, 1))
    yield Rule(100, "org.manyhands.referral.service_started.v1", _strict, LATER)


class Toy:
    """The projection itself; `rules` and `views` can be others."""

    version = 1
    topic = topics.CASES

    def __init__(self, name: str = "toy", rules: Iterable[Rule] | None = None) -> None:
        self.name = name
        self.rulebook = Rulebook(_rules() if rules is None else rules)
        self.kinds: Mapping[str, Kind] = {"client": _kind("client"), "referral": _kind("referral")}
        self.views: tuple[View, ...] = (Timeline("referral", _detail), Latest(), History(), Mentions())

    def needs(self, event: Event) -> tuple[Key, ...]:
        client = Key("client", event.initiative, event.partitionkey, event.partitionkey)
        if event.subject == event.partitionkey:
            return (client,)
        return (client, Key("referral", event.initiative, event.partitionkey, event.subject))

    def also(self, event: Event, states: Mapping[Key, State]) -> tuple[Key, ...]:
        client = self.needs(event)[0]
        if not self.erases(event) or client not in states:
            return ()
        return tuple(client._replace(kind="referral", id=id_) for id_ in states[client].referrals)

    def evolve(self, event: Event, case: Case) -> Mapping[Key, State]:
        client, *others = self.needs(event)
        if self.erases(event):
            others += self.also(event, case.states)
        changed: dict[Key, State] = {key: _told(case.states.get(key, Tally()), event) for key in (client, *others)}
        known = set(changed[client].referrals) | {key.id for key in others}
        changed[client] = msgspec.structs.replace(changed[client], referrals=tuple(sorted(known)))
        return changed

    def erases(self, event: Event) -> bool:
        return event.type == "org.manyhands.client.erased.v1"


def _told(state: Tally, event: Event) -> Tally:
    return msgspec.structs.replace(state, count=state.count + 1, last=event.id)


def _detail(entry: Entry) -> str | None:
    return None if not entry.changed else str(sum(state.count for state in entry.changed.values()))


TOY = Toy()
