"""Which of the driver's errors mean that PostgreSQL is away, told once by type and SQLSTATE."""

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
from asyncpg.exceptions import InternalClientError

from projections.batch import Away

#: Connection lost, rolled back by a conflict, resources short, intervention of an operator.
CLASSES = frozenset({"08", "40", "53", "57"})
#: A frozen process that woke too late, and a server that stands by.
STATES = frozenset({"25P03", "25006"})

#: What the driver raises beside PostgreSQL's own errors when a connection is gone or out of step.
LOST = (asyncpg.InterfaceError, InternalClientError, OSError, TimeoutError)


def is_outage(error: Exception) -> bool:
    """Say whether the same statement may well succeed once the database is back; one with bad arguments does not."""
    if isinstance(error, asyncpg.PostgresError):
        state = error.sqlstate or ""
        return state in STATES or state[:2] in CLASSES
    return isinstance(error, LOST) and not isinstance(error, ValueError)


@contextmanager
def outages() -> Iterator[None]:
    """Raise Away, which names the error's type and never its text, in the place of an outage."""
    try:
        yield
    except (asyncpg.PostgresError, *LOST) as error:
        if is_outage(error):
            raise Away(type(error).__name__) from None
        raise
