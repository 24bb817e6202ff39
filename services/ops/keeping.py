"""What a command asks of `keep`, as its operator."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from projections.batch import Away
from services.gateway.store import Keep
from services.runtime.roles import Role
from services.runtime.settings import Settings
from services.runtime.store import DatabaseAway, migrated

Result = TypeVar("Result")


def asked(application: str, work: Callable[[Keep], Awaitable[Result]]) -> Result:
    """Do the work and return what comes of it.  Raises DatabaseAway when PostgreSQL does not answer."""

    async def run() -> Result:
        settings = Settings.from_env()
        async with migrated(settings.postgres, role=Role.OPERATOR, application=application) as pool:
            return await work(Keep(pool))

    try:
        return asyncio.run(run())
    except Away as away:
        raise DatabaseAway(str(away)) from None
