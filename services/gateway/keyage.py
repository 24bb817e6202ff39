"""Since when the key that wraps personal-data keys is in use, measured for whoever watches that it is changed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from projections.batch import Away
from services.gateway.telemetry import Telemetry
from services.runtime import logging
from services.vault.vault import Vault

#: Seconds between two looks.
LOOK_S = 300.0

log = logging.get(__name__)


@asynccontextmanager
async def measured(vault: Vault, telemetry: Telemetry) -> AsyncIterator[None]:
    """Look now and again while the block runs."""
    task = asyncio.create_task(_looking(vault, telemetry))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _looking(vault: Vault, telemetry: Telemetry) -> None:
    while True:
        try:
            since = await vault.epoch_since()
        except Away as away:
            log.warning("key-age-away", reason=str(away))
        else:
            if since is not None:
                telemetry.epoch_since.set(since.timestamp())
        await asyncio.sleep(LOOK_S)
