"""Rows that are admitted together: what was said, what became of each, and what is to be published."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, field

from events.catalogue import TOPIC_OF
from events.topics import INITIATIVES
from services.admission.context import Draft
from services.admission.parse import Parsed, parse
from services.admission.problem import Problem, TurnedAway
from services.admission.publish import At
from services.admission.resolve import REGISTERED
from services.admission.result import Result

#: Rows that share their statements.
CHUNK = 2000
#: Rows parsed without letting anybody else go on.
SLICE = 200


@dataclass(slots=True)
class Chunk:
    """Consecutive rows of one call; everything in it is by the row's place in the chunk."""

    first: int
    parsed: list[Parsed | Problem]
    drafts: list[Draft] = field(default_factory=list)
    problems: dict[int, Problem] = field(default_factory=dict)
    #: The caller's aliases of clients that it was given one of.
    aliases: dict[str, str] = field(default_factory=dict)
    ends_in_initiative: bool = False

    def drop(self, failed: Mapping[int, TurnedAway]) -> None:
        """Turn drafts away that passed before, and with them the later ones that stand on what they would have made.

        Those would be published and refused, and their ids used up.
        """
        if not failed:
            return
        made: set[str] = set()
        fallen: set[str] = set()
        for draft in self.drafts:
            away = failed.get(draft.row)
            pointer = draft.missing(fallen)
            if away is not None:
                self.problems[draft.row] = away.problem
            elif pointer is not None:
                self.problems[draft.row] = Problem("not-found", pointer)
            if draft.makes is not None:
                (fallen if draft.row in self.problems else made).add(draft.makes)
                fallen -= made
        self.drafts = [draft for draft in self.drafts if draft.row not in self.problems]

    def results(self, at: Mapping[int, At]) -> list[Result]:
        """Return every row's result, in order; `at` is where the published ones stand."""
        drafts = {draft.row: draft for draft in self.drafts}
        return [self._result(row, drafts.get(row), at.get(row)) for row in range(len(self.parsed))]

    def _result(self, row: int, draft: Draft | None, at: At | None) -> Result:
        said = self.parsed[row]
        emitted = said.said.id if isinstance(said, Parsed) else None
        problem = self.problems.get(row)
        if draft is None:
            return Result(self.first + row, emitted, problem)
        alias = self.aliases.get(draft.record)
        # A client's own id is told to nobody: each partner has a name of its own for it.
        subject = alias if draft.subject == draft.record else draft.subject
        # Whoever says that it takes somebody on reads its name for them in the referral, once that was applied: here it
        # would tell whose need is asked about to one whose word is then refused.
        told = alias if draft.type == REGISTERED else None
        digest = draft.admitted["digest"]
        return Result(self.first + row, emitted, problem, draft.id, subject, told, at, draft.record, digest)


async def cut(rows: Iterable[bytes], first: int = 0) -> AsyncIterator[Chunk]:
    """Parse rows, the first of which is number `first`, and cut them into chunks.

    An event of the initiative ends a chunk, as what follows may depend on it.  Parsing lets others go on in between.
    """
    chunk = Chunk(first, [])
    for row in rows:
        said = parse(row)
        if len(chunk.parsed) % SLICE == SLICE - 1:
            await asyncio.sleep(0)
        chunk.parsed.append(said)
        chunk.ends_in_initiative = isinstance(said, Parsed) and TOPIC_OF[said.type] is INITIATIVES
        if chunk.ends_in_initiative or len(chunk.parsed) == CHUNK:
            yield chunk
            chunk = Chunk(chunk.first + len(chunk.parsed), [])
    if chunk.parsed:
        yield chunk
