"""Partners that tell each other things without waiting, and what their feeds must then have said."""

from collections import Counter
from collections.abc import Sequence

from services.gateway.parts import Parts
from services.gateway.store import Keep
from services.notifications.feed import Cursor, Entry, Whose, asking, following
from tests.support import reading
from tests.support.admitting import SHELTER, clinic, codes, consent, registered, requested
from tests.support.events import INITIATIVE

WHOSE = Whose(INITIATIVE, SHELTER)


async def refer(parts: Parts, *names: str) -> None:
    """Have the clinic register people of these names, refer them to the shelter, and not wait for anybody."""
    rows = []
    for own in names:
        rows.append(registered(f"c {own}", f"own:{own}"))
        terms = {"consent_id": f"own:{own}", "programme_classes": ["general"]}
        rows.append(consent(f"g {own}", f"own:{own}", **terms))
        rows.append(requested(f"r {own}", f"own:r {own}", f"own:{own}"))
        rows.append(reading.sent(own))
    answers = await parts.admission.admit(clinic, rows)
    assert set(codes(answers)) == {None}, codes(answers)


async def whole(keep: Keep, whose: Whose = WHOSE) -> list[str]:
    """Return the events of the whole feed, as the tables have it."""
    found: list[Entry] = []
    cursor, more = Cursor(), True
    async with keep.snapshot("communication", whose.initiative) as transaction:
        while more:
            page = await following(asking(transaction.fetch), whose, cursor, 500)
            found, cursor, more = [*found, *page.entries], page.cursor, page.more
    return [entry.event for entry in found]


def wrong(seen: Sequence[str], expected: Sequence[str]) -> list[str]:
    """Return what a reader missed or was told twice."""
    counted = Counter(seen)
    return [f"{counted[each]} times {each}" for each in sorted({*seen, *expected}) if counted[each] != 1]
