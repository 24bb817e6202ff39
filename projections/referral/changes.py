"""Which referrals an entry changed: what views that write rows of offers begin with."""

from collections.abc import Iterator

from projections.projection import Entry, Key
from projections.referral.state import Referral


def changed_referrals(entry: Entry) -> Iterator[tuple[Key, Referral | None, Referral]]:
    """Yield each referral that is not as it was: its key, what it was, and what it is."""
    for key, state in entry.changed.items():
        if isinstance(state, Referral):
            yield key, entry.before.get(key), state
