"""What was looked at, what was seen there, and what to do where it is not as it must be."""

from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass
from typing import Any

from aiokafka.errors import KafkaError

from projections.batch import Away
from projections.store.outage import outages
from services.runtime.errors import Fault
from services.runtime.store import denials


@dataclass(frozen=True)
class Finding:
    """One thing looked at.  What is not `right` is `wrong`, or a `note` where it works and could be better."""

    what: str
    verdict: str
    seen: str
    hint: str = ""

    def described(self) -> dict[str, Any]:
        """Return it as a table or JSON shows it."""
        return vars(self)


def found(what: str, right: bool, seen: object, hint: str) -> Finding:
    """Return a finding, with what to do only where it is wrong."""
    return Finding(what, "right", str(seen)) if right else Finding(what, "wrong", str(seen), hint)


def noted(what: str, right: bool, seen: object, hint: str) -> Finding:
    """Return a finding that keeps nobody from going on."""
    return Finding(what, "right", str(seen)) if right else Finding(what, "note", str(seen), hint)


async def tried(what: str, attempt: Awaitable[str]) -> Finding:
    """Return what an attempt saw, or that it failed and what the fault's own hint is."""
    try:
        with denials(), outages():
            return Finding(what, "right", await attempt)
    except Fault as fault:
        return Finding(what, "wrong", f"{fault} [{fault.code}]", fault.hint)
    except (KafkaError, Away, OSError, TimeoutError) as failure:
        return Finding(
            what, "wrong", type(failure).__name__, "See whether the server answers, and lets this user do it."
        )


async def within(what: str, several: AsyncIterator[Finding]) -> list[Finding]:
    """Return what several looks found; where they end before their end, that is a finding too."""
    seen: list[Finding] = []

    async def gathered() -> str:
        async for each in several:
            seen.append(each)  # noqa: PERF401 - what was found before a failure stays
        return ""

    last = await tried(what, gathered())
    return seen if last.verdict == "right" else [*seen, last]
