"""The partners of the demonstration and what they offer.  All of it is invented."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from uuid import UUID

INITIATIVE = "riverbend"
BACKBONE = "riverbend-together"
ZONE = "America/Chicago"
AREAS = ("north", "south", "east", "west", "centre")

#: Kind of organisation: sector, partner class, what its services meet, and how their names read.
TRADES = (
    ("shelter", "housing", "shelter", "House"),
    ("clinic", "health", "health-care", "Clinic"),
    ("school", "education", "education", "School"),
    ("food-bank", "food", "food", "Pantry"),
    ("legal-aid", "legal", "legal-aid", "Law Centre"),
    ("employment", "employment", "employment", "Works"),
    ("recovery", "health", "substance-use", "Recovery"),
    ("council", "government", "benefits", "Council Desk"),
    ("counselling", "health", "mental-health", "Counselling"),
    ("transport", "transport", "transport", "Rides"),
)
PLACES = ("Alder", "Birch", "Cedar")


@dataclass(frozen=True)
class Service:
    id: str
    need: str
    programme_class: str


@dataclass(frozen=True)
class Partner:
    id: str
    name: str
    sector: str
    trade: str
    staff: str
    service: Service


def random_id(random: Random) -> str:
    """Return a UUIDv4 from the seeded source, so that every run tells the same story."""
    return str(UUID(int=random.getrandbits(128), version=4))


def partners(random: Random) -> tuple[Partner, ...]:
    """Return the thirty partners: each trade once in each part of town."""
    return tuple(_partners(random))


def _partners(random: Random) -> Iterator[Partner]:
    for place in PLACES:
        for trade, sector, need, suffix in TRADES:
            protected = need if need == "substance-use" else "general"
            yield Partner(
                id=f"{place.lower()}-{trade}",
                name=f"{place} {suffix}",
                sector=sector,
                trade=trade,
                staff=random_id(random),
                service=Service(random_id(random), need, protected),
            )
