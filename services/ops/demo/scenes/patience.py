"""Asking again where the answer is to try again, as users do on a machine that has other work."""

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus

import httpx

#: Seconds in which an answer must come, and between two attempts.
PATIENCE_S, AGAIN_S = 30.0, 0.25


def is_later(answer: httpx.Response) -> bool:
    """Say whether the answer is to try again."""
    return answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE


async def patiently(
    ask: Callable[[], Awaitable[httpx.Response]], again: Callable[[httpx.Response], bool] = is_later
) -> httpx.Response:
    """Return the first answer that is one, or the last there was time for."""
    clock = asyncio.get_running_loop().time
    until = clock() + PATIENCE_S
    while True:
        answer = await ask()
        if not again(answer) or clock() > until:
            return answer
        await asyncio.sleep(AGAIN_S)
