"""A log of cases, at random from a seed: whole stories and nonsense, repeats and erasures, sealed text among them."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

from events.catalogue import Event
from tests.support.events import NOON, RECIPIENT, SEALED, Line, Told, ident, line, partner

STORY = (
    ("client.registered", 1.0),
    ("consent.granted", 0.95),
    ("referral.requested", 1.0),
    ("referral.offer_sent", 1.0),
    ("referral.offer_viewed", 0.7),
    ("referral.offer_accepted", 0.8),
    ("referral.offer_declined", 0.3),
    ("referral.service_started", 0.8),
    ("consent.narrowed", 0.1),
    ("consent.revoked", 0.1),
    ("referral.outcome_recorded", 0.8),
    ("referral.outcome_acknowledged", 0.6),
    ("consent.entered_in_error", 0.05),
    ("client.erased", 0.15),
    ("referral.offer_viewed", 0.2),
)
SEALED_IN = {"client.registered": "details", "referral.requested": "details", "referral.outcome_recorded": "note"}
BACKFILL = {"backfill": ident("backfill")}


def log(seed: int, clients: int) -> list[Line]:
    """Return the records of that many clients' stories, mixed; about a tenth repeats what was said before."""
    random = Random(seed)
    stories = [_story(random, Told(client=ident(f"{seed} client {number}"))) for number in range(clients)]
    records: list[Line] = []
    said: list[Event] = []
    while stories:
        story = random.choice(stories)
        event = random.choice(said) if said and random.random() < 0.1 else story.pop(0)
        said.append(event)
        records.append(line(event, len(records), _recorded(random, len(records))))
        stories = [rest for rest in stories if rest]
    return records


def _recorded(random: Random, offset: int) -> datetime:
    """Return when the broker recorded it; its clock steps back now and then."""
    return NOON + timedelta(seconds=offset - random.choice((0, 0, 0, 0, 90)))


def _story(random: Random, told: Told) -> list[Event]:
    events: list[Event] = []
    backfilled = random.random() < 0.3
    for name, likely in STORY:
        if random.random() < likely:
            events.append(told(name, **_said(random, name, told, backfilled)))
    for _ in range(random.randrange(3)):
        stray = random.choice(events)
        events.insert(random.randrange(len(events)), stray)
    return events


def _said(random: Random, name: str, told: Told, backfilled: bool) -> dict[str, Any]:
    more: dict[str, Any] = {}
    if name in SEALED_IN and random.random() < 0.5:
        more[SEALED_IN[name]] = SEALED
    if name == "consent.narrowed":
        more["recipients"] = {"partners": random.choice(([], [RECIPIENT], ["stranger"]))}
    if name.startswith("referral.offer_") and random.random() < 0.05:
        more["source"] = partner("stranger")
    if backfilled:
        more |= {"time": NOON - timedelta(days=30) + timedelta(hours=told.count), "admitted": BACKFILL}
    return more
