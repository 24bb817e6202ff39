"""A log of cases for the referral projection: whole stories, claims that are refused, repeats and noise."""

from collections.abc import Iterator
from random import Random

from events.catalogue import Event
from events.codec import write
from services.runtime.placement import placement
from tests.support.events import SEALED, Told, ident
from tests.support.stage import Sent


def story(number: int) -> list[Event]:
    """Return a client's story from registration to the outcome; every third one declines, every fifth is erased."""
    who = f"client {number}"
    say = Told(client=ident(who), referral=ident(f"{who} referral"))
    offer = {"offer_id": ident(f"{who} offer")}
    said = [
        say("client.registered", details=SEALED),
        say("consent.granted", consent_id=ident(f"{who} consent")),
        say("referral.requested", details=SEALED),
        say("referral.offer_sent", consent_id=ident(f"{who} consent"), **offer),
        say("referral.offer_viewed", **offer),
    ]
    if number % 3 == 0:
        said += [say("referral.offer_declined", **offer), say("referral.offer_accepted", **offer)]
    else:
        said += [say("referral.offer_accepted", **offer), say("referral.service_started", **offer)]
        said += [say("referral.outcome_recorded", **offer), say("referral.outcome_acknowledged", **offer)]
    return said + ([say("client.erased")] if number % 5 == 0 else [])


def log(clients: range, partitions: int, seed: int = 1) -> Iterator[Sent]:
    """Give the stories of these clients mixed with one another, with repeats and records that cannot be read."""
    random, home = Random(seed), placement(partitions)
    waiting = [story(number) for number in clients]
    while waiting:
        place = random.randrange(len(waiting))
        event = waiting[place].pop(0)
        key = event.partitionkey.encode()
        sent = (key, write(event), home(key))
        yield sent
        if random.random() < 0.05:
            yield sent
        if random.random() < 0.03:
            yield b"nobody", random.choice((b"{", None, b'{"a":1}')), sent[2]
        if not waiting[place]:
            waiting.pop(place)
