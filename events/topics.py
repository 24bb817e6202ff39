"""The log: names, keys and settings of its topics."""

from collections.abc import Mapping
from dataclasses import dataclass

#: History is kept for ever, in the broker's own order and by the broker's own clock.
LOG_SETTINGS: Mapping[str, str] = {
    "retention.ms": "-1",
    "retention.bytes": "-1",
    "cleanup.policy": "delete",
    "message.timestamp.type": "LogAppendTime",
    "max.message.bytes": "1048576",
}


@dataclass(frozen=True)
class Topic:
    """A log topic: `family` is its name without a deployment's prefix, `partitions` its default count.

    The count is fixed for the life of a deployment, as a change would break the order within a key.
    """

    family: str
    partitions: int
    key: str


CASES = Topic("manyhands.cases", 32, "client id")
INITIATIVES = Topic("manyhands.initiatives", 4, "initiative id")
DISCLOSURES = Topic("manyhands.disclosures", 8, "client id or recipient id")
ALL = (CASES, INITIATIVES, DISCLOSURES)


def settings(brokers: int) -> dict[str, str]:
    """Return a log topic's settings; one broker flushes every record, three replicate it instead."""
    if brokers < 3:
        return {**LOG_SETTINGS, "flush.messages": "1"}
    return {**LOG_SETTINGS, "min.insync.replicas": "2", "unclean.leader.election.enable": "false"}
