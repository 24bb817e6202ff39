"""What became of each row, settled before anything is published: it can be written down and published later."""

from collections.abc import Iterable
from typing import NamedTuple
from uuid import uuid4

from events.spoken import OWN
from services.admission.caller import Caller
from services.admission.chunk import Chunk
from services.admission.compose import compose
from services.admission.context import Draft
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


def stand_in(drafts: Iterable[Draft]) -> None:
    """Give clients who have no id yet one to throw away, the same one wherever they are named."""
    ids: dict[str, str] = {}
    for draft in drafts:
        if draft.record.startswith(OWN):
            made_up = ids.setdefault(draft.record, str(uuid4()))
            draft.subject = made_up if draft.subject == draft.record else draft.subject
            draft.record = made_up


def _event(caller: Caller, naming: Naming, said: Parsed | Problem) -> str | None:
    if isinstance(said, Problem):
        return None
    return naming.event(caller.initiative, caller.source, said.said.id)
