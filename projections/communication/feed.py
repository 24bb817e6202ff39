"""The feed: one row for each thing that a partner is told, in the order of the log.

A row holds ids and codes alone, and goes to those who take part in what it speaks of and to nobody else.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import cast

from events.catalogue import CaseEvent, Event, short
from events.ids import Keyed, derived_id
from projections.communication.notes import GONE, REFUSED, UNAWAITED
from projections.communication.refusing import refused
from projections.communication.told import SAYING, TELLING, Told, is_about, told
from projections.projection import Entry, Key, Row, Table
from projections.referral.keys import subject_key
from projections.ruling import Refused

FEED = Table(
    name="feed",
    columns={
        "initiative": "text",
        "partner": "text",
        "partition": "int4",
        "record_offset": "int8",
        "ordinal": "int2",
        "kind": "text",
        "why": "text",
        "next": "text",
        "referral": "uuid",
        "offer": "uuid",
        "counterpart": "text",
        "code": "text",
        "protected": "bool",
        "event": "uuid",
        "type": "text",
        "happened": "timestamptz",
        "recorded": "timestamptz",
    },
    key=("initiative", "partner", "partition", "record_offset", "ordinal"),
    sql=Path(__file__).with_name("feed.sql"),
    append=True,
)
#: Stands in the place of an event's type, where that would tell what became of somebody else's offer.
WITHHELD = "withheld"


class Feed:
    """What each partner is told of an entry.  History that is loaded later is no news; what was refused of it is."""

    table = FEED

    def aggregate(self, event: Event) -> Key:
        return subject_key(cast(CaseEvent, event))

    def rows(self, entry: Entry) -> Iterable[Row]:
        event = cast(CaseEvent, entry.event)
        if type(entry.ruling) is Refused:
            return _rows(entry, refused(event, entry.ruling.code, entry))
        if type(event) not in TELLING or event.data.admitted.backfill is not None:
            return ()
        return _rows(entry, told(event, entry))

    def reused(self, entry: Entry) -> Iterable[Row]:
        code = cast(Refused, entry.ruling).code
        return _rows(entry, refused(cast(CaseEvent, entry.event), code, entry))


def _rows(entry: Entry, news: Iterable[Told]) -> Iterator[Row]:
    event, at = cast(CaseEvent, entry.event), entry.at
    for ordinal, each in enumerate(news):
        partner, note, *rest = each
        place = (at.partition.number, at.offset, ordinal)
        said = (note.kind, note.to, note.next)
        yield (event.initiative, partner, *place, *said, *rest, *_source(event, each), event.time, at.recorded)


def _source(event: CaseEvent, news: Told) -> tuple[str, str]:
    """Return the id and the type by which a partner is told of the event.

    An event that speaks of the client, or of another offer, may end several at once, for partners that may not know
    them to be one person's.  So each offer has an id for it that nobody can compare or work out: the digest, which is
    on the log alone, is the key.
    """
    gone = news.note in (GONE, UNAWAITED)
    if news.note is REFUSED or news.referral is None or news.offer is None:
        return event.id, short(event.type)
    if not gone and is_about(event, news.referral, news.offer):
        return event.id, short(event.type)
    apart = derived_id(Keyed(bytes.fromhex(event.data.admitted.digest)), "told", news.referral, news.offer)
    return apart, WITHHELD if gone or type(event) in SAYING else short(event.type)
