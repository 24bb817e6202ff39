"""What a partner is told of an offer, by its feed."""

from typing import Any

import httpx

from services.ops.demo.scenes.desk import Desk, Offered
from services.ops.demo.scenes.patience import is_later, patiently
from services.ops.demo.scenes.refusal import answered

#: Entries that are looked at, the newest first.
NEWEST = 100


async def heard(desk: Desk, asked: Offered, kind: str) -> str:
    """Return what its feed said last of the offer, once that is this or it took too long; empty for nothing."""
    last = await patiently(
        lambda: desk.door.get("/v1/feed", params={"limit": NEWEST}),
        lambda answer: is_later(answer) or _newest(answer, asked) != kind,
    )
    return _newest(last, asked)


def _newest(answer: httpx.Response, asked: Offered) -> str:
    entries: list[dict[str, Any]] = answered(answer)["entries"]
    return next((str(each["kind"]) for each in entries if each["offer"] == asked.offer), "")
