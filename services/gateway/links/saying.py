"""What is said through a link: one event, and what came of it in words."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any
from uuid import uuid4

import orjson

from events.codes import CODES
from services.admission.judging import Terms
from services.admission.problem import UNKNOWN
from services.gateway.events import Door
from services.gateway.links.given import Given
from services.gateway.links.looking import Scene
from services.gateway.parts import Parts
from services.gateway.problems import ProblemError, log_unavailable
from services.gateway.progress import now

#: Seconds that whoever says something waits to be told what came of it.
PATIENCE = 10.0
AGAIN = "id-reused"
#: What people are told where the code's own words are for those who write programs.
PLAIN = {
    "not-narrower": "This would be more than was agreed. Choose something less.",
    "consent-missing": "This is not shared any more.",
    "illegal-transition": "This is not possible any more: somebody was faster.",
    "outcome-needs-output": "Say what was given.",
    "reason-required": "Say why.",
    "too-few-attempts": "Please try to reach the person a few more times first.",
}


async def say(parts: Parts, given: Given, once: str, said: Mapping[str, Any]) -> str | None:
    """Publish an event and return why it came to nothing, in the house's words; None when it was applied.

    `once` is the form's own: what is said again by the same form is said once, as people press buttons twice.
    Raises ProblemError when it is not known what came of it.
    """
    door = Door(parts, given.principal, Terms(given.caller))
    words = orjson.dumps([once, said], option=orjson.OPT_SORT_KEYS)
    row = orjson.dumps({"id": sha256(words).hexdigest(), "time": now().isoformat(), **said})
    [result] = await door.admit([row])
    if result.problem is not None:
        if result.problem.code == UNKNOWN:
            raise log_unavailable()
        return CODES[result.problem.code].text
    ruling = await door.ruling(result, PATIENCE)
    if ruling is None or ruling.outcome == "parked":
        raise ProblemError(503, "too-stale")
    # Of the same words by the same form only the time is another one.
    if ruling.outcome != "refused" or ruling.code == AGAIN:
        return None
    return PLAIN.get(ruling.code or "") or CODES[ruling.code or "unreadable"].text


async def looked_at(parts: Parts, given: Given, scene: Scene) -> None:
    """Have the sender know that somebody with the link looked at the offer."""
    said = {"type": "referral.offer_viewed", "subject": scene.place.referral}
    await say(parts, given, str(uuid4()), {**said, "data": {"offer_id": scene.offer.id, "by": "link"}})
