"""Something there is only so much of, held by many: nobody takes so much that the others get nothing."""

from collections import Counter
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

from services.gateway.limits import ADDRESS
from services.gateway.principal import Principal
from services.gateway.problems import ProblemError

#: In the request's state: who is known to call, as far as shares go.
PARTY = "party"
#: What one party may hold: a quarter of all there is.
PARTIES = 4


class Shares:
    """Counts what is held, altogether and by each party."""

    def __init__(self, most: int, share: int | None = None) -> None:
        """`share` is what one party may hold, a quarter when it is not said."""
        self._most = most
        self._share = max(1, most // PARTIES) if share is None else share
        self._held: Counter[str] = Counter()
        self._all = 0

    def take(self, size: int, party: str = "") -> None:
        """Count so much more.  Raises ProblemError when that is more than there is, or than one's share."""
        if self._all + size > self._most:
            raise ProblemError(503, "overloaded", headers={"Retry-After": "1", "Connection": "close"})
        if self._held[party] + size > self._share:
            raise ProblemError(429, "rate-limited", headers={"Retry-After": "1", "Connection": "close"})
        self._all += size
        self._held[party] += size

    def give(self, size: int, party: str = "") -> None:
        """Count so much less."""
        self._all -= size
        self._held[party] -= size
        if not self._held[party]:
            del self._held[party]

    @contextmanager
    def one(self, party: str) -> Iterator[None]:
        """Hold one while the block runs.  Raises ProblemError as `take` does."""
        self.take(1, party)
        try:
            yield
        finally:
            self.give(1, party)


def known(state: MutableMapping[str, Any], who: Principal) -> None:
    """Note who calls: all of a partner's tokens and people share, whatever addresses they come from."""
    state[PARTY] = f"{who.initiative}/{who.partner}"


def party(state: MutableMapping[str, Any]) -> str:
    """Return who calls; as long as that is not known, the address that the request comes from."""
    found: str = state.get(PARTY) or state.get(ADDRESS, "")
    return found
