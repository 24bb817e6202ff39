"""Looking at one build of a projection: the served one, or one that is named."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from types import MappingProxyType
from typing import Literal, NamedTuple

from aiokafka.errors import KafkaError

from projections.batch import Away
from projections.communication import COMMUNICATION
from projections.disclosure import DISCLOSURE
from projections.measurement import MEASUREMENT
from projections.projection import Projection
from projections.referral import REFERRAL
from projections.rulebook import RulebookOutdated
from projections.store import Snapshot, schema_exists
from projections.store.outage import outages
from projections.store.pool import Connection, Pool
from services.ops.errors import KafkaAway, NothingFolded, RulesOutdated
from services.ops.operator import operating
from services.runtime.builds import schema_of, served
from services.runtime.settings import Settings
from services.runtime.store import DatabaseAway, Prepare

#: Every projection that keeps tables, by name.
PROJECTIONS: Mapping[str, Projection] = MappingProxyType(
    {projection.name: projection for projection in (REFERRAL, MEASUREMENT, COMMUNICATION, DISCLOSURE)}
)
#: The same names, for commands that take one.
Named = Literal["referral", "measurement", "communication", "disclosure"]
#: Seconds that one statement may take: sorting or rewriting a large table takes its time.
PATIENCE_S = 24 * 3600


class Seen(NamedTuple):
    """One moment of one build."""

    schema: str
    snapshot: Snapshot
    connection: Connection


@contextmanager
def faults() -> Iterator[None]:
    """Raise a fault that a person can mend where a server is away or the rules came too late."""
    try:
        yield
    except Away as away:
        raise DatabaseAway(str(away)) from None
    except KafkaError as away:
        raise KafkaAway(type(away).__name__) from None
    except RulebookOutdated as late:
        raise RulesOutdated(f"rules {late}") from None


@asynccontextmanager
async def database(
    settings: Settings, application: str, size: int = 4, init: Prepare | None = None
) -> AsyncIterator[Pool]:
    """Give connections for long statements and transactions; outages are raised as faults."""
    with faults(), outages():
        pool = await operating(
            settings,
            application,
            size=size,
            patience=PATIENCE_S,
            init=init,
            idle_in_transaction_session_timeout="0",
            work_mem="64MB",
        )
        try:
            yield pool
        finally:
            pool.terminate()


async def served_schema(pool: Pool, projection: Projection, settings: Settings) -> str:
    """Return the schema that readers use.  Raises NothingFolded when no processor has made one yet."""
    return await existing(pool, await served(pool, projection.name) or schema_of(projection, settings.build))


async def existing(pool: Pool, schema: str) -> str:
    """Return the schema's name.  Raises NothingFolded when there is none of it."""
    async with pool.acquire() as connection:
        if not await schema_exists(connection, schema):
            raise NothingFolded(schema)
    return schema


@asynccontextmanager
async def looking(settings: Settings, projection: Projection, build: str | None) -> AsyncIterator[Seen]:
    """Give one moment of the build, else of the served one.  Raises NothingFolded."""
    async with database(settings, "manyhands looking", size=2) as pool:
        schema = (
            await served_schema(pool, projection, settings)
            if build is None
            else await existing(pool, schema_of(projection, build))
        )
        async with pool.acquire() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
            yield Seen(schema, Snapshot(connection, schema), connection)
