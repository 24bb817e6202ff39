"""What the door answers, and how it turns something away."""

from collections.abc import Awaitable
from typing import Any

import httpx


class Told(Exception):
    """The door turned something away: the answer's status and its code."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(f"{status} {code}")
        self.status, self.code = status, code


def answered(answer: httpx.Response) -> dict[str, Any]:
    """Return what the door answered.  Raises Told when it turned something away."""
    told: dict[str, Any] = answer.json()
    if not answer.is_success:
        raise Told(answer.status_code, told["code"])
    return told


async def refusal(asking: Awaitable[object]) -> str:
    """Return how this is turned away, by status and code; empty when it is not."""
    try:
        await asking
    except Told as refused:
        return str(refused)
    return ""
