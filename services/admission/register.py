"""The register: under which record key each subject stands, and which partners take part in it."""

from collections.abc import Iterable, Mapping, Sequence

from events import referral
from events.authority import partner_of
from events.codec import UnknownType, read
from events.topics import CASES
from projections.record import Record
from services.admission.context import Draft, Held
from services.admission.store import RegisterStore

#: Rows written by one statement when the register is made again.
ROWS = 5000


async def hold(store: RegisterStore, initiative: str, opener: str, drafts: Sequence[Draft]) -> set[str]:
    """Write down what the drafts open and who joins, before anything is published.

    Returns the subjects that cannot be opened: somebody else was first, or another client's record holds them.
    """
    opened = {draft.subject: draft.record for draft in drafts if draft.opens}
    joins: dict[str, set[str]] = {}
    for draft in drafts:
        if draft.joins:
            joins.setdefault(draft.subject, set()).add(draft.joins)
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
    """The register as the log says it: the first opening of a subject, in log order, counts."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], Held] = {}
        self._opened: dict[tuple[str, str], tuple[int, int]] = {}
        #: Each partition's clock: the running maximum of its records' times, as brokers' clocks step back.
        self._clocks: dict[int, int] = {}

    def take(self, partition: int, records: Iterable[Record]) -> None:
        """Take in records of one partition; those that cannot be read say nothing."""
        for record in records:
            clock = self._clocks[partition] = max(record.timestamp, self._clocks.get(partition, record.timestamp))
            try:
                event = read(CASES, record.key, record.value)
            except UnknownType:
                continue
            if isinstance(event, referral.Requested):
                self._requested(event, (clock, partition))
            elif isinstance(event, referral.OfferSent) and event.data.recipient is not None:
                held = self.rows.get((event.initiative, event.subject))
                if held is not None and held.record == event.partitionkey:
                    held.participants.add(event.data.recipient)

    def _requested(self, event: referral.Requested, at: tuple[int, int]) -> None:
        subject = (event.initiative, event.subject)
        opener = partner_of(event.source)
        before = self._opened.get(subject)
        if opener is not None and (before is None or at < before):
            self._opened[subject] = at
            self.rows[subject] = Held(event.partitionkey, opener, set(), published=True)

    async def write(self, store: RegisterStore) -> int:
        """Write every row and return how many there are."""
        for initiative in sorted({each for each, _ in self.rows}):
            subjects = [subject for each, subject in self.rows if each == initiative]
            for start in range(0, len(subjects), ROWS):
                part = subjects[start : start + ROWS]
                await store.restore(initiative, {subject: self.rows[initiative, subject] for subject in part})
        return len(self.rows)
