"""Which referrals an entry changed: what views that write rows of offers begin with."""

from typing import get_args

from events.catalogue import CaseEvent, Event
from events.client import Linked, Registered, Unlinked
from events.consent import Granted
from events.episode import Event as EpisodeEvent
from events.referral import OfferViewed, OutcomeAcknowledged, Requested
from projections.projection import Entry, Key
from projections.referral.state import Referral

#: What leaves each offer as it was in whom it asks and what it waits for: half of all events, and no such view is
#: asked of them.
_QUIET = {Registered, Linked, Unlinked, Granted, Requested, OfferViewed, OutcomeAcknowledged, *get_args(EpisodeEvent)}
#: The types that may change that.
MOVING: frozenset[type[Event]] = frozenset(get_args(CaseEvent)) - _QUIET


def changed_referrals(entry: Entry) -> list[tuple[Key, Referral | None, Referral]]:
    """Return each referral that is not as it was: its key, what it was, and what it is."""
    before = entry.before
    return [(key, before.get(key), state) for key, state in entry.changed.items() if type(state) is Referral]
