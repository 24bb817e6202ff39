"""Rules with numbers and dates: a changed rule judges later records, older ones keep the rule they had."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from projections.record import Position
from projections.ruling import Judgement

#: Takes (event, case) and answers; pure.
Judge = Callable[[Any, Any], Judgement]
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Rule:
    """How events of one type are judged from `since` on, by the partition's clock."""

    number: int
    type: str
    judge: Judge
    since: datetime = BEGINNING

    @property
    def since_ms(self) -> int:
        return int(self.since.timestamp() * 1000)


class RulebookOutdated(Exception):
    """Rules of this build take effect before what was already folded without them."""

    code = "rulebook-outdated"

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.numbers = tuple(rule.number for rule in rules)
        super().__init__(", ".join(str(number) for number in self.numbers))


class Rulebook:
    """All rules of a projection, found by type and recorded time."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules = tuple(sorted(rules, key=lambda rule: rule.number))
        numbers = [rule.number for rule in self.rules]
        if len(set(numbers)) != len(numbers):
            raise ValueError("two rules share a number")
        self.highest = max(numbers, default=0)
        #: Each type's rules as (from when, what), the latest first.
        self._by_type: dict[str, list[tuple[int, Judge]]] = {}
        for rule in sorted(self.rules, key=lambda rule: (rule.since_ms, rule.number), reverse=True):
            self._by_type.setdefault(rule.type, []).append((rule.since_ms, rule.judge))

    @property
    def types(self) -> frozenset[str]:
        """The event types that this rulebook judges."""
        return frozenset(self._by_type)

    def judge(self, type_name: str, clock_ms: int) -> Judge | None:
        """Return the rule in force for the type at this recorded time, or None when there is none."""
        for since_ms, judge in self._by_type.get(type_name, ()):
            if since_ms <= clock_ms:
                return judge
        return None

    def outdated(self, positions: Iterable[Position]) -> list[Rule]:
        """Return the rules that come too late for what was folded already.

        A rule that was unknown when a position was written must not take effect at or before its clock.
        """
        stands = [position for position in positions if position.last_hash is not None]
        return [rule for rule in self.rules if any(_overtaken(rule, position) for position in stands)]


def _overtaken(rule: Rule, position: Position) -> bool:
    return rule.number > position.rule and rule.since_ms <= position.clock
