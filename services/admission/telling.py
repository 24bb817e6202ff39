"""What was turned away is told on the log, by admission's own records, which walk the same way as everybody's."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from services.admission.caller import Caller, Link, Partner, System
from services.admission.compose import compose
from services.admission.context import Found
from services.admission.decision import Decision
from services.admission.examine import examine
from services.admission.judging import Judging, Parts, Terms
from services.admission.parse import Parsed, parse
from services.admission.problem import UNKNOWN
from services.admission.publish import Outgoing
from services.admission.result import Result
from services.admission.turned import Turned

GATEKEEPER = "admission"


class Telling:
    """Tells a bounded number of a source's refusals, and counts the rest."""

    def __init__(self, parts: Parts, judging: Judging, clock: Callable[[], datetime]) -> None:
        self._parts = parts
        self._judging = judging
        self._clock = clock
        self._turned = Turned()

    async def rest(self) -> None:
        """Tell what was turned away and not yet told."""
        await self._tell(self._turned.due(self._clock(), all_of_them=True))

    async def turned_away(self, caller: Caller, decided: Sequence[Decision], results: Sequence[Result]) -> None:
        """Tell of the rows turned away; while the log is away they are counted for later."""
        await self._tell(self._refusals(caller, decided, results))

    def _refusals(
        self, caller: Caller, decided: Sequence[Decision], results: Sequence[Result]
    ) -> list[tuple[str, bytes]]:
        """Return what is to be said of them."""
        now = self._clock()
        standing = self._parts.directory.standing(caller.initiative)
        if not standing.is_open or (isinstance(caller, Partner | Link) and caller.partner not in standing.members):
            # A name that anybody can make up is no reason to write to the log, and may be somebody's.
            return []
        found = zip(decided, results, strict=True)
        problems = [(each.event, result.problem.code) for each, result in found if result.problem is not None]
        away = any(code == UNKNOWN for _, code in problems)
        told = [] if away else self._turned.due(now)
        for event, code in problems:
            if away and code != UNKNOWN:
                self._turned.count(caller, code, now)
            elif not away:
                told += [(caller.initiative, each) for each in self._turned.note(caller, event, code, now)]
        return told

    async def _tell(self, told: Iterable[tuple[str, bytes]]) -> None:
        """Publish the records."""
        outgoing: list[Outgoing] = []
        for initiative, row in told:
            system = System(initiative, GATEKEEPER)
            said = parse(row)
            if isinstance(said, Parsed):
                draft = examine(self._judging.context(Terms(system), Found()), 0, said)
                outgoing.append(compose(system, self._parts.naming, draft))
        if outgoing:
            await self._parts.publisher.publish(outgoing)
