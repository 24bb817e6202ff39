"""A log of an initiative, at random from a seed: opened, staffed, then told things by those who may and may not."""

from random import Random

from events.catalogue import NAMES, Event
from tests.support.events import SENDER, Line, Told, ident, lines, partner, system

SAID = tuple(name for name in NAMES if name.startswith(("initiative.", "partner.")))
REGISTRAR = ident("registrar")


def log(seed: int, length: int) -> list[Line]:
    """Return that many records after the three that make an initiative with its backbone and a registrar."""
    random, told = Random(seed), Told()
    init, backbone = system("init"), "backbone"
    events = [
        told("initiative.opened"),
        told("partner.joined", source=init, subject=backbone),
        told("partner.role_assigned", source=init, subject=backbone, role="registrar", person_id=REGISTRAR),
    ]
    for _ in range(length):
        events.append(random.choice(events) if random.random() < 0.1 else _event(random, told))
    return lines(events)


def _event(random: Random, told: Told) -> Event:
    name = random.choice(SAID)
    who = random.choice((SENDER, "backbone", "shelter"))
    more = {} if name.startswith("initiative.") else {"subject": random.choice((SENDER, "shelter"))}
    actor = random.choice((REGISTRAR, REGISTRAR, None))
    return told(name, source=partner(who), actor=actor, **more)
