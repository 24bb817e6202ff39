"""The projection rebuilt beside the served build, as `manyhands rebuild` does it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from services.ops.rebuild.rebuilding import Plan, Verdict, rebuild
from tests.faults.arena import Arena


@dataclass
class Watched:
    """Tells how many records were folded, and calls `folding` when the first are."""

    folding: Callable[[], None] = lambda: None
    count: int = 0

    def step(self, name: str, total: int | None) -> None:
        """Say nothing of steps."""

    def advance(self, count: int) -> None:
        if count and not self.count:
            self.folding()
        self.count += count


async def rebuilt(
    arena: Arena,
    begin: Literal["new", "resume", "anew"] = "new",
    *,
    keep: bool = False,
    show: Watched | None = None,
) -> Verdict:
    """Rebuild with one worker process, into a build of its own."""
    return await rebuild(arena.settings, Plan(arena.projection, "again", 1, keep, begin), show or Watched())


async def differ(arena: Arena) -> list[str]:
    """Rebuild, and return where the two dumps differ."""
    return (await rebuilt(arena)).comparison.differences
