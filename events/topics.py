"""The log and what leads to it: names, keys and settings of topics."""

from collections.abc import Mapping
from dataclasses import dataclass, field

#: History is kept for ever, in the broker's own order and by the broker's own clock.
LOG_SETTINGS: Mapping[str, str] = {
    "retention.ms": "-1",
    "retention.bytes": "-1",
    "cleanup.policy": "delete",
    "message.timestamp.type": "LogAppendTime",
    "max.message.bytes": "1048576",
}

#: An inbox is on its way to the log: kept for 30 days, and stored as long as it is when read, so that nothing small
#: unpacks to more than the reader has room for.
INBOX_SETTINGS: Mapping[str, str] = {
    "retention.ms": "2592000000",
    "retention.bytes": "-1",
    "cleanup.policy": "delete",
    "message.timestamp.type": "LogAppendTime",
    "max.message.bytes": "1048576",
    "compression.type": "uncompressed",
}


@dataclass(frozen=True)
class Topic:
    """A topic: `family` is its name without a deployment's prefix, `partitions` its default count.

    The count is fixed for the life of a deployment, as a change would break the order within a key.
    """

    family: str
    partitions: int
    key: str
    #: How it keeps its records, on one broker or many.
    kept: Mapping[str, str] = field(default_factory=lambda: LOG_SETTINGS, hash=False, repr=False)


CASES = Topic("manyhands.cases", 32, "client id")
INITIATIVES = Topic("manyhands.initiatives", 4, "initiative id")
DISCLOSURES = Topic("manyhands.disclosures", 8, "client id or recipient id")
ALL = (CASES, INITIATIVES, DISCLOSURES)


def inbox(partner: str) -> Topic:
    """Return the topic that this partner's systems write to, and nobody else; its one partition is its one order."""
    return Topic(f"manyhands.inbox.{partner}", 1, "none", INBOX_SETTINGS)


def settings(brokers: int, kept: Mapping[str, str] = LOG_SETTINGS) -> dict[str, str]:
    """Return a topic's settings; one broker flushes every record, three replicate it instead."""
    if brokers < 3:
        return {**kept, "flush.messages": "1"}
    return {**kept, "min.insync.replicas": "2", "unclean.leader.election.enable": "false"}
