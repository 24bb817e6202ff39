"""A log of disclosures, at random from a seed: readings of people, files, what admission turned away, and repeats."""

from random import Random

from events.catalogue import NAMES, Event
from tests.support.events import RECIPIENT, SENDER, Line, Told, ident, lines, partner

SAID = tuple(name for name in NAMES if name.startswith(("disclosure.", "admission.")))


def log(seed: int, length: int) -> list[Line]:
    """Return that many records about a few clients; about a tenth repeats what was said before."""
    random, events = Random(seed), list[Event]()
    people = [Told(client=ident(f"{seed} client {number}")) for number in range(5)]
    for _ in range(length):
        again = bool(events) and random.random() < 0.1
        events.append(random.choice(events) if again else _event(random, random.choice(people)))
    return lines(events)


def _event(random: Random, told: Told) -> Event:
    name = random.choice(SAID)
    readers = (SENDER, RECIPIENT)
    more = {"reader": random.choice(readers)} if name in ("disclosure.opened", "disclosure.exported") else {}
    if random.random() < 0.2:
        more["source"] = partner(SENDER)
    if random.random() < 0.5:
        more["actor"] = ident("somebody")
    return told(name, **more)
