"""What became of each row, settled before anything is published: it can be written down and published later."""

from typing import NamedTuple

from services.admission.caller import Caller
from services.admission.chunk import Chunk
from services.admission.compose import compose
from services.admission.digest import Naming
from services.admission.parse import Parsed
from services.admission.problem import Problem
from services.admission.publish import Outgoing
from services.admission.result import Result


class Decision(NamedTuple):
    """One row: turned away (`outgoing` is None), or let in with the very bytes that are to stand on the log."""

    result: Result
    #: The id that the event has or would have on the log, where the row could be read.
    event: str | None
    outgoing: Outgoing | None = None
    #: The subject that stands in the register as published once this is.
    opens: str | None = None


def decisions(caller: Caller, naming: Naming, chunk: Chunk) -> list[Decision]:
    """Return a decision for each row of a judged chunk, in order."""
    drafts = {draft.row: draft for draft in chunk.drafts}
    found: list[Decision] = []
    for row, result in enumerate(chunk.results({})):
        draft, said = drafts.get(row), chunk.parsed[row]
        if draft is not None:
            opens = draft.subject if draft.opens else None
            found.append(Decision(result, draft.id, compose(caller, naming, draft), opens))
        else:
            found.append(Decision(result, _event(caller, naming, said)))
    return found


def _event(caller: Caller, naming: Naming, said: Parsed | Problem) -> str | None:
    if isinstance(said, Problem):
        return None
    return naming.event(caller.initiative, caller.source, said.said.id)
