"""A log for the toy projection, at random from a seed: everything that can befall a record is in it."""

from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from events.catalogue import Event
from projections.memory import MemoryStore
from tests.support.events import NOON, Line, Told, ident, line, lines
from tests.support.folding import folded
from tests.support.toy import FAILING, TOY, UNSTORABLE

OFFERS = ("referral.offer_viewed", "referral.offer_accepted", "referral.service_started")


def log(seed: int, length: int) -> list[Line]:
    """Return that many records: clients with referrals, refused and repeated claims, failing views, erasures, noise."""
    random = Random(seed)
    people = [Told(client=ident(f"client {number}")) for number in range(8)]
    said: list[Event] = []
    records: list[Line] = []
    for offset in range(length):
        recorded = NOON + timedelta(milliseconds=40 * offset - random.choice((0, 0, 0, 89_000)))
        records.append(_record(random, people, said, offset, recorded))
    return records


def _record(random: Random, people: list[Told], said: list[Event], offset: int, recorded: datetime) -> Line:
    chance = random.random()
    if chance < 0.05:
        return Line(offset, int(recorded.timestamp() * 1000), b"x", random.choice((None, b"{", b'{"a":1}')))
    if chance < 0.15 and said:
        return line(random.choice(said), offset, recorded)
    event = _event(random, random.choice(people))
    if chance < 0.18 and said:
        event = event.model_copy(update={"id": random.choice(said).id})
    said.append(event)
    return line(event, offset, recorded)


def _event(random: Random, told: Told) -> Event:
    if random.random() < 0.03:
        return told("client.erased")
    name = random.choice(("client.registered", "referral.requested", *OFFERS))
    more: dict[str, Any] = {}
    if name in OFFERS:
        more["offer_id"] = _offer(random)
    if name == "referral.offer_viewed":
        more["by"] = random.choice(("person", "person", "system"))
    if name == "referral.requested":
        more["urgency"] = random.choice(("soon", "emergency"))
    if name.startswith("referral."):
        more["subject"] = ident(f"{told.client} referral {random.randrange(4)}")
    return told(name, **more)


def _offer(random: Random) -> str:
    offer = str(UUID(int=random.getrandbits(128), version=4))
    beginning = random.choices(("", FAILING, UNSTORABLE), (97, 2, 1))[0]
    return beginning + offer[len(beginning) :]


async def half_parked() -> tuple[MemoryStore, MemoryStore]:
    """Return two stores of one log; an entry of `CLIENT`'s that a view could not take is parked in the first alone."""
    told, bystander = Told(), Told(client=ident("bo"))
    bad = FAILING + ident("offer")[4:]
    events = [told("referral.offer_accepted"), bystander("referral.offer_accepted")]
    records = lines([*events, told("referral.offer_accepted", offer_id=bad)])
    one, other = MemoryStore(TOY), MemoryStore(TOY)
    await folded(one, records, 3)
    await folded(other, records, 3)
    other.parked.clear()
    return one, other
