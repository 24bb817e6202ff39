"""What every integration test module leaves behind is collected at its end."""

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="module", autouse=True)
def collected() -> Iterator[None]:
    """Collect a module's garbage when it is over.

    Faust leaves tasks of its threads pending, which complain when they are collected: here, not in a later
    test, where Python may be in the middle of something (such as compiling) that must not be disturbed.
    """
    yield
    gc.collect()
