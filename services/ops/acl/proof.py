"""Proving who can reach what: entries that are missing or too many, and attempts that must fail."""

from collections.abc import Iterable
from dataclasses import dataclass
from secrets import token_hex
from typing import Any

from services.ops.acl import attempts, broker
from services.ops.acl.enrol import stranger
from services.ops.acl.entries import Entry, Kind, Operation, allows
from services.ops.acl.granting import Reach
from services.runtime import log
from services.runtime.settings import Settings


@dataclass(frozen=True)
class Finding:
    """One thing looked at.  A `hole` lets somebody in; a `gap` keeps somebody out who needs it; else it is `right`."""

    verdict: str
    principal: str
    resource: str
    operation: str
    #: How it was found: `entry` by reading the entries, `tried` by doing it.
    by: str

    def described(self) -> dict[str, Any]:
        """Return it as a table or JSON shows it."""
        return vars(self)


async def entries(settings: Settings, reached: Reach) -> list[Finding] | None:
    """Return what is missing and what is too many; None where no broker keeps anybody out."""
    async with log.admin(settings) as client:
        there = await broker.described(client)
    if there is None:
        return None
    gaps = [_found("gap", each, "entry") for each in sorted(reached.entries - there)]
    return gaps + [_found("hole", each, "entry") for each in sorted(reached.surplus(there))]


async def foreign(settings: Settings, reached: Reach) -> list[Finding]:
    """Try everything as somebody made up for it, who must be let do nothing."""
    async with stranger(settings) as somebody:
        return await tried(somebody, reached)


async def tried(settings: Settings, reached: Reach) -> list[Finding]:
    """Try everything as the principal of these settings, and compare with what it is to be allowed."""
    who = f"User:{settings.kafka_user}"
    found = await attempts.allowed(settings, asked(who, settings, reached))
    return [_found(_verdict(allows(reached.entries, each), able), each, "tried") for each, able in found.items()]


def asked(who: str, settings: Settings, reached: Reach) -> Iterable[Entry]:
    """Yield every attempt there is to make: on each topic and group, on one that is not there, on the cluster."""
    made_up = f"{settings.topic_prefix}manyhands.inbox.check-{token_hex(4)}"
    groups = sorted({each.name for each in reached.entries if each.kind is Kind.GROUP})
    for operation in attempts.tried(Kind.TOPIC):
        names = [made_up] if operation is Operation.CREATE else sorted(reached.topics)
        yield from (Entry(who, Kind.TOPIC, name, operation) for name in names)
    yield from (Entry(who, Kind.GROUP, name, each) for each in attempts.tried(Kind.GROUP) for name in groups)
    yield from (Entry(who, Kind.CLUSTER, "kafka-cluster", each) for each in attempts.tried(Kind.CLUSTER))


def _verdict(expected: bool, able: bool) -> str:
    if expected == able:
        return "right"
    return "hole" if able else "gap"


def _found(verdict: str, entry: Entry, by: str) -> Finding:
    mark = "" if entry.pattern.name == "LITERAL" else "…"
    resource = f"{entry.kind.name.lower()} {entry.name}{mark}"
    return Finding(verdict, entry.principal, resource, entry.operation.name.lower().replace("_", "-"), by)
