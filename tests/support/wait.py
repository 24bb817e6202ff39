"""Waiting for what is true soon, never for a length of time."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

INTERVAL_S = 0.01


async def until(condition: Callable[[], T | Awaitable[T]], timeout: float = 30.0, what: str = "") -> T:
    """Ask `condition`, plain or async, until its answer is true; return that answer.

    Raises AssertionError naming `what`, else the condition, after `timeout` seconds.
    """
    deadline = time.monotonic() + timeout
    while True:
        answer = condition()
        value = await answer if inspect.isawaitable(answer) else answer
        if value:
            return value
        if time.monotonic() >= deadline:
            raise AssertionError(f"not within {timeout} s: {what or inspect.getsource(condition).strip()}")
        await asyncio.sleep(INTERVAL_S)
