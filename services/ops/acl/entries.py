"""The access entries that a deployment needs, and nothing beside them: LITERAL names, one operation each.

A prefixed entry for `inbox.care` would open `inbox.careplus` too.
"""

from collections.abc import Iterable, Iterator
from enum import IntEnum
from typing import NamedTuple

from events import topics
from projections.projection import Projection
from services.runtime.settings import Settings


class Kind(IntEnum):
    """What an entry is about, as Kafka numbers it."""

    TOPIC = 2
    GROUP = 3
    CLUSTER = 4
    TRANSACTION = 5


class Operation(IntEnum):
    """What an entry allows, as Kafka numbers it."""

    ALL = 2
    READ = 3
    WRITE = 4
    CREATE = 5
    DELETE = 6
    ALTER = 7
    DESCRIBE = 8
    CLUSTER_ACTION = 9
    DESCRIBE_CONFIGS = 10
    ALTER_CONFIGS = 11
    IDEMPOTENT_WRITE = 12


class Pattern(IntEnum):
    """How an entry's name is meant, as Kafka numbers it."""

    LITERAL = 3
    PREFIXED = 4


class Entry(NamedTuple):
    """`principal` may do this; an entry that forbids has `allows` false."""

    principal: str
    kind: Kind
    name: str
    operation: Operation
    pattern: Pattern = Pattern.LITERAL
    host: str = "*"
    allows: bool = True


READS = (Operation.READ, Operation.DESCRIBE)
WRITES = (Operation.WRITE, Operation.DESCRIBE)
#: What being allowed the one says of the other, to Kafka.
IMPLIED = {Operation.DESCRIBE: {Operation.READ, Operation.WRITE, Operation.DELETE, Operation.ALTER}}


def principal(settings: Settings, name: str) -> str:
    """Return the principal of a service of this name, such as `gateway` or `processor`; no partner's can equal it."""
    return f"User:{settings.topic_prefix}manyhands.{name}"


def partner_principal(settings: Settings, partner: str) -> str:
    """Return the principal of a partner's systems; a partner's id holds no dot."""
    return principal(settings, f"partner.{partner}")


def wanted(
    settings: Settings, partners: Iterable[str], projections: Iterable[Projection], builds: Iterable[str]
) -> set[Entry]:
    """Return every entry there is to be: partners write their inbox, services what they need, nobody deletes."""
    return {
        *_partners(settings, partners := list(partners)),
        *_admitting(settings, partners),
        *_processing(settings, projections, builds),
    }


def _partners(settings: Settings, partners: Iterable[str]) -> Iterator[Entry]:
    for partner in partners:
        yield from _on(partner_principal(settings, partner), settings.topic(topics.inbox(partner)), WRITES)


def _admitting(settings: Settings, partners: Iterable[str]) -> Iterator[Entry]:
    for service in ("gateway", "intake"):
        who = principal(settings, service)
        for topic in topics.ALL:
            # Each looks at its topics' settings before it publishes.
            yield from _on(who, settings.topic(topic), (*WRITES, Operation.DESCRIBE_CONFIGS))
        # Who takes part is read from the log itself.
        yield from _on(who, settings.topic(topics.INITIATIVES), READS)
    for partner in partners:
        yield from _on(principal(settings, "intake"), settings.topic(topics.inbox(partner)), READS)
    # Deadlines are those of cases alone.
    yield from _on(principal(settings, "timekeeper"), settings.topic(topics.CASES), WRITES)
    yield from _on(principal(settings, "timekeeper"), settings.topic(topics.INITIATIVES), READS)


def _processing(settings: Settings, projections: Iterable[Projection], builds: Iterable[str]) -> Iterator[Entry]:
    for service in ("processor", "ledger"):
        for topic in topics.ALL:
            yield from _on(principal(settings, service), settings.topic(topic), READS)
    who, builds = principal(settings, "processor"), list(builds)
    for topic in topics.ALL:
        yield Entry(who, Kind.TOPIC, settings.topic(topic), Operation.DESCRIBE_CONFIGS)
    for projection in projections:
        for build in builds:
            group = f"{settings.topic_prefix}manyhands.{projection.name}.v{projection.version}.{build}"
            yield Entry(who, Kind.GROUP, group, Operation.READ)


def _on(who: str, topic: str, operations: Iterable[Operation]) -> Iterator[Entry]:
    return (Entry(who, Kind.TOPIC, topic, operation) for operation in operations)


def allows(entries: Iterable[Entry], asked: Entry) -> bool:
    """Say whether literal entries let the principal do what is asked."""
    enough = {asked.operation, *IMPLIED.get(asked.operation, ())}
    return any(each[:3] == asked[:3] and each.operation in enough for each in entries)
