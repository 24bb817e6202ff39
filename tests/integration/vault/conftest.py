"""A migrated database, a secrets folder, and vaults over them as separate processes would have."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import asyncpg
import pytest

from services.runtime.store import connect, migrate
from services.vault import Secrets, Vault


@pytest.fixture
async def pool(database: str) -> AsyncIterator[asyncpg.Pool]:
    async with await connect(database, application="test") as opened:
        await migrate(opened)
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "secrets"


@pytest.fixture
def vaults(pool: asyncpg.Pool, folder: Path) -> Callable[[], Vault]:
    """Makes vaults that share nothing in memory."""
    return lambda: Vault(pool, Secrets(folder))


@pytest.fixture
def vault(vaults: Callable[[], Vault]) -> Vault:
    return vaults()
