"""How a story is told: one row after another, each by somebody, each a while after the one before."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from services.ops.demo.world import Partner


@dataclass(frozen=True)
class Row:
    """One event as its partner's system would send it."""

    wave: int
    partner: str
    document: dict[str, Any]


@dataclass(frozen=True)
class Span:
    """The time in which the story plays; nothing happens after `until`."""

    begin: datetime
    until: datetime
    #: The mean pause between two steps.
    pause: timedelta


@dataclass
class Teller:
    """One client's story so far; `now` moves on with each row."""

    random: Random
    span: Span
    number: int
    now: datetime = field(init=False)
    rows: list[Row] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        self.now = self.span.begin + (self.span.until - self.span.begin) * self.random.random()

    @property
    def own(self) -> str:
        """The client, by the name that whoever registered them has."""
        return f"own:client-{self.number}"

    def say(self, who: Partner, name: str, head: dict[str, str], **data: Any) -> None:
        """Add a row by `who`; a change of speaker begins the next wave."""
        last = self.rows[-1] if self.rows else None
        wave = 0 if last is None else last.wave + (last.partner != who.id)
        document = {"type": name, "id": f"{self.number}-{len(self.rows)}", "time": self.now.isoformat(), **head}
        self.rows.append(Row(wave, who.id, {**document, "actor": who.staff, "data": data}))
        self.now += self.span.pause * self.random.expovariate(1) + timedelta(milliseconds=1)

    def chance(self, share: float) -> bool:
        """Say whether something happens that happens in so many of all cases."""
        return self.random.random() < share
