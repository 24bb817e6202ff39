"""The register: under which record key each subject stands, and which partners take part in it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from events.authority import partner_of
from events.catalogue import short
from projections.batch import Folded, Store
from projections.memory import MemoryStore
from projections.referral import REFERRAL
from projections.referral.state import Referral
from projections.timeline import TIMELINE
from services.admission import resolve
from services.admission.context import Draft, Held
from services.admission.store import RegisterStore

#: Rows written by one statement when the register is made again.
ROWS = 5000
OPENING, APPLIED = frozenset(map(short, resolve.OPENING)), "applied"
_REFERRALS = REFERRAL.kinds["referral"]
_CLIENTS = REFERRAL.kinds["client"].table
#: When an event was recorded, and in which partition.
At = tuple[datetime, int]


async def hold(store: RegisterStore, initiative: str, opener: str, drafts: Sequence[Draft]) -> set[str]:
    """Write down what the drafts open and who joins, before anything is published.

    Returns the subjects that cannot be opened: somebody else was first, or another client's record holds them.
    """
    opened = {draft.subject: draft.record for draft in drafts if draft.opens}
    joins: dict[str, set[str]] = {}
    for draft in drafts:
        if draft.joins:
            joins.setdefault(draft.subject, set()).update(draft.joins)
    taken: set[str] = set()
    if opened:
        rows = [(subject, record, joins.get(subject, ())) for subject, record in opened.items()]
        written = await store.open(initiative, opener, rows)
        taken = await _taken(store, initiative, opener, {s: r for s, r in opened.items() if s not in written})
        joins = {subject: partners for subject, partners in joins.items() if subject not in written | taken}
    if joins:
        await store.join(initiative, [(subject, partner) for subject in joins for partner in joins[subject]])
    return taken


async def _taken(store: RegisterStore, initiative: str, opener: str, opened: Mapping[str, str]) -> set[str]:
    held = await store.find(initiative, opened) if opened else {}
    return {subject for subject, record in opened.items() if _differs(held.get(subject), opener, record)}


def _differs(held: Held | None, opener: str, record: str) -> bool:
    return held is None or held.opener != opener or held.record != record


class Rebuild:
    """The register as folds judge the log: what they refuse opens nothing and lets nobody in.

    The first opening of a subject, in log order, counts.  In a row that is there, whoever takes part stays: it may
    have joined since the log was read.
    """

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], Held] = {}
        #: Who was erased, by initiative and client.
        self.erased: set[tuple[str, str]] = set()
        self._opened: dict[tuple[str, str], At] = {}

    def store(self) -> Store:
        """Return where one partition is to be folded into; it is all in memory and can be let go of afterwards."""
        return _Telling(self._take)

    def _take(self, folded: Folded) -> None:
        for row in folded.rows.get(TIMELINE.name, ()):
            said = _Said(*(row[place] for place in _SAID))
            if said.type in OPENING and said.outcome == APPLIED:
                self._opens(said, (said.recorded, folded.partition.number))
        for row in folded.rows.get(_REFERRALS.table.name, ()):
            initiative, record, subject = row[:3]
            held = self.rows.get((initiative, subject))
            if held is not None and held.record == record:
                state: Referral = _REFERRALS.decode(row[_REFERRALS.table.place("state")])
                for offer in state.offers:
                    held.participants.update((*offer.members, offer.recipient) if offer.recipient else offer.members)
        for row in folded.rows.get(_CLIENTS.name, ()):
            if row[_CLIENTS.place("erased")]:
                self.erased.add((row[0], row[1]))

    def _opens(self, said: "_Said", at: At) -> None:
        subject = (said.initiative, said.subject)
        opener = partner_of(said.source)
        before = self._opened.get(subject)
        if opener is not None and (before is None or at < before):
            self._opened[subject] = at
            self.rows[subject] = Held(said.record, opener, set(), published=True)

    async def write(self, store: RegisterStore) -> int:
        """Write every row and return how many there are."""
        for initiative in sorted({each for each, _ in self.rows}):
            subjects = [subject for each, subject in self.rows if each == initiative]
            for start in range(0, len(subjects), ROWS):
                part = subjects[start : start + ROWS]
                await store.restore(initiative, {subject: self.rows[initiative, subject] for subject in part})
        return len(self.rows)


class _Said(NamedTuple):
    """What the timeline tells of one event."""

    initiative: str
    record: str
    source: str
    subject: str
    type: str
    recorded: datetime
    outcome: str


_SAID = tuple(TIMELINE.place(column) for column in _Said._fields)


class _Telling(MemoryStore):
    """A store in memory that tells of each batch."""

    def __init__(self, told: Callable[[Folded], None]) -> None:
        super().__init__(REFERRAL)
        self._told = told

    async def commit(self, folded: Folded) -> None:
        await super().commit(folded)
        self._told(folded)
