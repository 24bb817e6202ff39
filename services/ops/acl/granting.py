"""Making a deployment's topics and entries what they must be: log, inboxes, and who may reach which."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from events import topics
from projections.projection import Projection
from services.admission.inbox import InboxStore
from services.ops.acl import broker
from services.ops.acl.entries import Entry, Kind, Operation, Pattern, wanted
from services.ops.gathering import gathered, states
from services.runtime import log
from services.runtime.settings import Settings

#: What a broker's own principal needs, and what writing anywhere brings with it.
HARMLESS = frozenset({Operation.CLUSTER_ACTION, Operation.IDEMPOTENT_WRITE})


@dataclass
class Applied:
    """What was made and taken away, by name."""

    topics: list[str] = field(default_factory=list)
    #: Partners that an inbox was made for.
    inboxes: list[str] = field(default_factory=list)
    #: Partners of several initiatives: whose inbox it is must be said.
    ambiguous: list[str] = field(default_factory=list)
    made: list[Entry] = field(default_factory=list)
    taken: list[Entry] = field(default_factory=list)
    #: Whether the brokers keep anybody out.
    guarded: bool = True


@dataclass(frozen=True)
class Reach:
    """What a deployment has that entries are about."""

    topics: frozenset[str]
    entries: frozenset[Entry]

    def concerns(self, entry: Entry) -> bool:
        """Say whether an entry lets somebody at what is ours, whatever it was meant for."""
        if not entry.allows:
            return False
        if entry.kind is Kind.CLUSTER:
            return entry.operation not in HARMLESS
        ours = self.topics if entry.kind is Kind.TOPIC else self._groups(entry.kind)
        if entry.pattern is Pattern.PREFIXED:
            return any(name.startswith(entry.name) for name in ours)
        return bool(ours) and (entry.name == "*" or entry.name in ours)

    def _groups(self, kind: Kind) -> frozenset[str]:
        return frozenset(each.name for each in self.entries if each.kind is kind)

    def surplus(self, there: Iterable[Entry]) -> set[Entry]:
        """Return the entries that open what is ours and are not wanted."""
        return {each for each in there if each not in self.entries and self.concerns(each)}


async def reach(
    settings: Settings, store: InboxStore, projections: Iterable[Projection], builds: Iterable[str]
) -> Reach:
    """Return what there is to be for the inboxes that are known; a partner that left may write no more."""
    active = await members(settings)
    inboxes = await store.inboxes()
    speaking = [each.partner for each in inboxes if (each.initiative, each.partner) in active]
    names = {settings.topic(topic) for topic in topics.ALL} | {each.topic for each in inboxes}
    return Reach(frozenset(names), frozenset(wanted(settings, speaking, projections, builds)))


async def members(settings: Settings) -> set[tuple[str, str]]:
    """Return who takes part, as (initiative, partner)."""
    found = await gathered(settings)
    return {(key.initiative, key.id) for key, partner in states(found, "partner", None) if partner.active}


async def inboxes(settings: Settings, store: InboxStore, initiative: str | None, applied: Applied) -> None:
    """Make an inbox for every partner that has none; one that several initiatives know is left until one is named."""
    known = {each.partner for each in await store.inboxes()}
    asked: dict[str, set[str]] = {}
    for of, partner in await members(settings):
        if initiative in (None, of):
            asked.setdefault(partner, set()).add(of)
    missing = {partner: sorted(where) for partner, where in sorted(asked.items()) if partner not in known}
    applied.ambiguous = [partner for partner, where in missing.items() if len(where) > 1]
    made = {partner: where[0] for partner, where in missing.items() if len(where) == 1}
    if made:
        applied.topics += await log.create_topics(settings, map(topics.inbox, made))
    for of in sorted(set(made.values())):
        named = [(each, settings.topic(topics.inbox(each))) for each, where in made.items() if where == of]
        applied.inboxes += await store.make(of, named)


async def grant(settings: Settings, reached: Reach, applied: Applied) -> None:
    """Make the entries that are missing, and take away those on our own names that are not wanted."""
    async with log.admin(settings) as client:
        there = await broker.described(client)
        if there is None:
            applied.guarded = False
            return
        own = {each for each in reached.surplus(there) if each.pattern is Pattern.LITERAL and each.name != "*"}
        applied.made = sorted(reached.entries - there)
        applied.taken = sorted(each for each in own if each.kind is not Kind.CLUSTER)
        await broker.make(client, applied.made)
        await broker.take(client, applied.taken)
