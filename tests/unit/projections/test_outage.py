"""Outages are told from faults by type and SQLSTATE."""

import asyncpg
import pytest
from asyncpg.exceptions import InternalClientError

from projections.batch import Away
from projections.store.outage import outages

AWAY = [
    asyncpg.ConnectionDoesNotExistError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.TooManyConnectionsError,
    asyncpg.DiskFullError,
    asyncpg.AdminShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.QueryCanceledError,
    asyncpg.exceptions.IdleInTransactionSessionTimeoutError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.InterfaceError,
    InternalClientError,
    ConnectionResetError,
    TimeoutError,
]
FAULTS = [
    asyncpg.UndefinedTableError,
    asyncpg.UndefinedColumnError,
    asyncpg.PostgresSyntaxError,
    asyncpg.DataError,
    asyncpg.UniqueViolationError,
    asyncpg.InvalidPasswordError,
    asyncpg.InsufficientPrivilegeError,
    KeyError,
]


@pytest.mark.parametrize("kind", AWAY)
def test_an_outage_is_away_and_names_its_type_alone(kind: type[Exception]) -> None:
    with pytest.raises(Away) as failure, outages():
        raise kind("a secret")
    assert str(failure.value) == kind.__name__
    assert failure.value.__suppress_context__


@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_stays_what_it_is(kind: type[Exception]) -> None:
    with pytest.raises(kind), outages():
        raise kind("message")
