"""What is answered through the link of a weekly mail: kept first, then put on the log as the partner's own word."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

import orjson

from events.codes import CODES
from services.admission.caller import Partner
from services.admission.judging import Terms
from services.admission.problem import UNKNOWN
from services.gateway.events import Door
from services.gateway.problems import log_unavailable
from services.gateway.weekly.held import Answer, Asked, Held
from services.gateway.weekly.scene import Scene, data_of

REPORTED = "partner.capacity_reported"


async def confirm(scene: Scene, shown: str) -> str | None:
    """Say again all that the page showed when its button was pressed; return why some of it came to nothing.

    Pressed twice it counts once.  Raises Changed when the page showed something else, ProblemError when it is not
    known what came of it: pressing again says the same events.
    """
    asked, held = scene.asked, Held(scene.parts.keep)
    name = _named("all", shown)
    kept = await held.answered(asked.mail, name)
    if kept is None:
        if shown != scene.shown:
            raise Changed
        said = [data_of(id_, each) for id_, each in scene.holding]
        kept = await held.answer(asked.mail, name, said, _at(scene))
    return await _say(scene, name, kept)


async def correct(scene: Scene, once: str, data: Mapping[str, Any]) -> str | None:
    """Say how much room a service has; return why it came to nothing.  `once` is the form's own.

    Raises ProblemError when it is not known what came of it.
    """
    name = _named("one", once, orjson.dumps(data, option=orjson.OPT_SORT_KEYS).decode())
    kept = await Held(scene.parts.keep).answer(scene.asked.mail, name, [data], _at(scene))
    return await _say(scene, name, kept)


class Changed(Exception):
    """Something was said since the page was opened."""


def _at(scene: Scene) -> datetime:
    """Return when it is said: not before the mail by the clock of another machine, or it would be asked again."""
    return max(scene.now, scene.asked.written)


async def _say(scene: Scene, name: bytes, kept: Answer) -> str | None:
    if kept.published or not kept.said:
        return None
    asked = scene.asked
    door = Door(scene.parts, asked.principal, Terms(Partner(asked.initiative, asked.partner, door="link")))
    results = await door.admit(rows(asked, name, kept))
    if any(each.problem is not None and each.problem.code == UNKNOWN for each in results):
        raise log_unavailable()
    for data, result, ruling in zip(kept.said, results, await door.known(results), strict=True):
        code = result.problem.code if result.problem is not None else ruling.code if ruling is not None else None
        if code is not None:
            found = scene.service(data["service_id"])
            return f"{found.name}: {CODES[code].text}" if found is not None else CODES[code].text
    await Held(scene.parts.keep).published(asked.mail, name)
    return None


def rows(asked: Asked, name: bytes, kept: Answer) -> Sequence[bytes]:
    """Return the events of an answer: the same bytes, whoever says it and however often.  Pure."""
    return [
        orjson.dumps(
            {
                "id": f"weekly:{_named(asked.mail, name.hex(), data['service_id']).hex()}",
                "type": REPORTED,
                "time": kept.at.isoformat(timespec="microseconds"),
                "data": data,
            }
        )
        for data in kept.said
    ]


def _named(*parts: str) -> bytes:
    return sha256("\0".join(parts).encode()).digest()
