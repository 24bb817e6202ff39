"""Waiting for what is true soon, never for a length of time."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, overload

T = TypeVar("T")

INTERVAL_S = 0.01


@overload
async def until(condition: Callable[[], Awaitable[T]], timeout: float = ..., what: str = ...) -> T: ...
@overload
async def until(condition: Callable[[], T], timeout: float = ..., what: str = ...) -> T: ...
async def until(condition: Callable[[], Any], timeout: float = 30.0, what: str = "") -> Any:
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
