"""Rules of disclosures: only a part of the system says that somebody was shown something."""

from events.authority import SYSTEM
from events.catalogue import DisclosureEvent, type_of
from events.disclosure import BrokeGlass, Exported, Opened, Refused
from projections.check import refuse, rule
from projections.projection import Case
from projections.rulebook import Rule, Rulebook


@rule
def told(event: DisclosureEvent, _case: Case) -> None:
    """Nobody else may say it: a partner could otherwise make itself, or another, appear to have read."""
    if not event.source.startswith(SYSTEM):
        refuse("not-permitted")


RULES = Rulebook(
    (
        Rule(1, type_of(Opened), told),
        Rule(2, type_of(Exported), told),
        Rule(3, type_of(Refused), told),
        Rule(4, type_of(BrokeGlass), told),
    )
)
