"""A log of cases, at random from a seed: whole stories and nonsense, repeats and erasures, sealed text among them."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

from events.catalogue import Event
from projections.referral.rules import OPENED
from tests.support.events import NOON, OFFER, RECIPIENT, SEALED, SENDER, Line, Told, ident, line, partner, system

BEGINNING = (
    ("client.registered", 1.0),
    ("consent.granted", 0.95),
    ("referral.requested", 1.0),
    ("referral.offer_drafted", 0.4),
    ("referral.offer_discarded", 0.05),
    ("referral.offer_sent", 1.0),
    ("referral.offer_viewed", 0.7),
)
#: What may come of an offer; each is likely to be told, and none for certain.
MIDDLES = (
    "offer_accepted offer_declined service_started outcome_recorded outcome_acknowledged client_asked client_answered",
    "reminded escalated offer_expired offer_accepted contact_attempted waitlisted reminded resumed put_on_hold",
    "offer_accepted cancel_requested service_started cancel_confirmed outcome_acknowledged outcome_recorded closed"
    " offer_again",
    "offer_recalled closed offer_again outcome_reported_by_sender",
    "offer_accepted outcome_recorded outcome_corrected outcome_acknowledged outcome_corrected entered_in_error",
    "offer_accepted withdrawn closed",
    "offer_accepted client_answered outcome_recorded",
)
END = (
    ("consent.narrowed", 0.1),
    ("consent.revoked", 0.1),
    ("client.linked", 0.2),
    ("client.unlinked", 0.1),
    ("episode.enrolled", 0.4),
    ("episode.service_delivered", 0.3),
    ("episode.milestone_reached", 0.2),
    ("episode.exited", 0.3),
    ("episode.corrected", 0.2),
    ("episode.entered_in_error", 0.1),
    ("referral.handoff_reported", 0.2),
    ("consent.entered_in_error", 0.05),
    ("client.erased", 0.15),
    ("referral.offer_viewed", 0.2),
)
SEALED_IN = {"client.registered": "details", "referral.requested": "details", "referral.outcome_recorded": "note"}
BACKFILL = {"backfill": ident("backfill")}
DUE = "2026-03-09T12:00:00Z"
#: What admission looks up, and what else an event of its kind cannot do without here.
MORE: dict[str, dict[str, Any]] = {
    "consent.granted": {
        "recipients": {"partners": [RECIPIENT], "classes": ["housing"]},
        "admitted": {"class_members": [RECIPIENT, "pantry"]},
    },
    "referral.offer_sent": {
        "admitted": {"remind_at": DUE, "escalate_at": DUE, "class_members": [RECIPIENT, "pantry"], "protected": False}
    },
    "referral.cancel_requested": {"admitted": {"confirm_by": DUE}},
    "referral.offer_accepted": {"expected_by": DUE},
    "referral.offer_claimed": {"admitted": {"recipient_classes": ["housing"], "protected": False}},
    "referral.handoff_reported": {"subject": ident("outside")},
    "episode.corrected": {"causationid": ident("what was told")},
}


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
    return OPENED + timedelta(seconds=offset - random.choice((0, 0, 0, 0, 90)))


def _story(random: Random, told: Told) -> list[Event]:
    events: list[Event] = []
    backfilled = random.random() < 0.3
    middle = [(f"referral.{name}", 0.85) for name in random.choice(MIDDLES).split()]
    opened = random.random() < 0.3
    for name, likely in (*BEGINNING, *middle, *END):
        if random.random() < likely:
            events.append(told(_event(name, opened), **_said(random, name, told, (backfilled, opened))))
    for _ in range(random.randrange(3)):
        stray = random.choice(events)
        events.insert(random.randrange(len(events)), stray)
    return events


def _event(name: str, opened: bool) -> str:
    """Return the event that is told by this name; who was asked as one of a class claims the offer."""
    if name == "referral.offer_again":
        return "referral.offer_sent"
    return "referral.offer_claimed" if opened and name == "referral.offer_accepted" else name


def _said(random: Random, name: str, told: Told, how: tuple[bool, bool]) -> dict[str, Any]:
    """Return what is said beside the plain values; `how` is whether it was loaded late, and asked of a class."""
    backfilled, opened = how
    event = _event(name, opened)
    more: dict[str, Any] = dict(MORE.get(event, {}))
    if event == "referral.offer_sent" and opened:
        more |= {"recipient": None, "to_class": "housing"}
    if name == "referral.offer_again":
        more |= {"offer_id": ident("again"), "replaces": OFFER}
    if name.startswith("episode."):
        more["source"] = partner(SENDER)
    if name == "referral.cancel_confirmed" and random.random() < 0.5:
        more |= {"source": system("timekeeper"), "deadline": DUE}
    if name == "referral.client_answered":
        more["stop_sharing"] = random.random() < 0.5
    if name in SEALED_IN and random.random() < 0.5:
        more[SEALED_IN[name]] = SEALED
    if name == "consent.narrowed":
        more["recipients"] = {"partners": random.choice(([], [RECIPIENT], ["stranger"]))}
    if name.startswith("referral.offer_") and random.random() < 0.05:
        more["source"] = partner("stranger")
    if backfilled:
        looked_up = {**more.get("admitted", {}), **BACKFILL}
        more |= {"time": NOON - timedelta(days=30) + timedelta(hours=told.count), "admitted": looked_up}
    return more
