"""A referral that is being put together: what was typed so far, carried from step to step in the form itself.

Nothing of it is kept in the house unless somebody asks for that.  It is unreadable and worth something to whoever
typed it alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

import orjson

from services.gateway.pages.fields import Typed
from services.gateway.pages.submissions import fresh
from services.gateway.parts import Parts
from services.gateway.principal import Principal

PURPOSE = "refer"
#: Characters of a draft at most: 4,000 characters of text in four bytes each, with all that goes with them.
LONGEST = 64 << 10
Step = Literal["need", "service", "agreement", "preview"]


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What was typed, and at which step it is."""

    step: Step = "need"
    #: Names the whole of it: sent again, it is the same referral.
    submission: str = field(default_factory=fresh)
    typed: Typed = field(default_factory=Typed)
    #: The referral that is offered to somebody else, where it is not a new one.
    referral: str | None = None
    #: The offer that this one takes the place of.
    replaces: str | None = None
    #: The offer in preparation that this one takes up.
    taken_up: str | None = None
    #: Whether somebody has an open offer of the same kind already, so that a reason is asked for.
    rival: bool = False

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps that it goes through."""
        return ("service", "agreement", "preview") if self.referral else ("need", "service", "agreement", "preview")

    def beside(self, by: int) -> "Draft":
        """Return it some steps further, or back."""
        place = self.steps.index(self.step) + by
        return replace(self, step=self.steps[max(0, min(place, len(self.steps) - 1))])

    def with_typed(self, names: Iterable[str], now: Typed) -> "Draft":
        """Return it with what these fields hold now."""
        fields = set(names)
        kept = [(name, value) for name, value in self.typed.pairs() if name not in fields]
        return replace(self, typed=Typed([*kept, *now.pairs(sorted(fields))]))


def packed(parts: Parts, who: Principal, draft: Draft) -> str:
    """Return the draft as its form carries it."""
    said = {
        "step": draft.step,
        "submission": draft.submission,
        "typed": draft.typed.pairs(),
        "referral": draft.referral,
        "replaces": draft.replaces,
        "taken_up": draft.taken_up,
        "rival": draft.rival,
    }
    return parts.binding.bind(PURPOSE, who, orjson.dumps(said))


def unpacked(parts: Parts, who: Principal, text: str) -> Draft | None:
    """Return the draft; None for what was not given to this person."""
    payload = parts.binding.unbind(PURPOSE, who, text, LONGEST)
    if payload is None:
        return None
    said = orjson.loads(payload)
    return Draft(**said | {"typed": Typed((name, value) for name, value in said["typed"])})
