"""What the link of a weekly mail leads to at this moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

import orjson

from projections.initiative.state import Capacity
from services.admission.standing import Standing
from services.gateway.parts import Parts
from services.gateway.progress import now
from services.gateway.weekly.held import Asked, Held
from services.notifications.weekly.listing import Listed, asked, services_of


class Shut(StrEnum):
    """Why a link leads nowhere."""

    UNKNOWN = "unknown"
    ENDED = "ended"
    #: The partner takes no part, has its mails sent elsewhere, or none of the services is asked about any more.
    WITHDRAWN = "withdrawn"


class Closed(Exception):
    """The link leads nowhere."""

    def __init__(self, why: Shut) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Scene:
    """The services that the mail asks about, as they stand."""

    parts: Parts
    asked: Asked
    services: Sequence[Listed]
    now: datetime

    @property
    def waiting(self) -> list[Listed]:
        """Those of which nothing was said since the mail was written."""
        return [each for each in self.services if each.capacity is None or each.capacity.reported < self.asked.written]

    @property
    def holding(self) -> list[tuple[str, Capacity]]:
        """What the one button confirms: what was said before that, by service."""
        return [(each.id, each.capacity) for each in self.waiting if each.capacity is not None]

    @property
    def shown(self) -> str:
        """Names what the button confirms, so that nobody confirms what was not on the page."""
        said = [[id_, each.reported] for id_, each in self.holding]
        return sha256(orjson.dumps(said)).hexdigest()

    def service(self, id_: str) -> Listed | None:
        """Return one of them."""
        return next((each for each in self.services if each.id == id_), None)


async def scene_of(parts: Parts, secret: str) -> Scene:
    """Return what the link shows.  Raises Closed when it leads nowhere, and Away."""
    found = await Held(parts.keep).find(secret)
    if found is None:
        raise Closed(Shut.UNKNOWN)
    await parts.admission.catch_up()
    standing, at = parts.admission.standing(found.initiative), now()
    services = _services(parts, standing, found)
    why = shut(found, services, at)
    if why is not None:
        raise Closed(why)
    return Scene(parts, found, services, at)


def _services(parts: Parts, standing: Standing, found: Asked) -> list[Listed]:
    all_ = asked(services_of(parts.admission.initiative_store, found.initiative), standing)
    return [each for each in all_.get(found.partner, ()) if each.id in found.services]


def shut(found: Asked, services: Sequence[Listed], at: datetime) -> Shut | None:
    """Return why the link leads nowhere, None while it leads somewhere.  Pure."""
    if not found.addressed or not services:
        return Shut.WITHDRAWN
    return Shut.ENDED if at >= found.ends else None


def data_of(service: str, said: Capacity) -> dict[str, Any]:
    """Return the data of an event that says the same again.  Pure."""
    told = {"status": said.status, "available": said.available, "maximum": said.maximum, "unit": said.unit}
    return {"service_id": service, **{name: value for name, value in told.items() if value is not None}}
