"""What services rely on beside the servers: a folder with room, and the secrets that belong to the database."""

import os
import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

from services.ops.check.finding import Finding, found, noted, tried
from services.runtime.settings import Settings
from services.runtime.store import connect, unapplied
from services.vault.certificate import EPOCH, LONGEST_EPOCH
from services.vault.epochs import checked
from services.vault.secrets import Secrets
from services.vault.store import VaultStore

#: Bytes that must be free: a day of a busy initiative's log, and as much again for what PostgreSQL folds.
ROOM = 2_000_000_000
ROTATE = "Run `manyhands keys rotate` and make a new backup, every month: certificates of erasure count on it."


async def looks(settings: Settings) -> AsyncIterator[Finding]:
    """Look at everything."""
    home = _existing(settings.home)
    free = shutil.disk_usage(home).free
    yield found(
        "room on disk", free >= ROOM, f"{free / 1e9:.1f} GB free at {home}", "Make room: a full disk stops all."
    )
    writable = os.access(home, os.W_OK | os.X_OK)
    yield found("data folder", writable, home, "Choose a folder of this account with MANYHANDS_HOME.")
    secrets = await tried("secrets", _secrets(settings))
    yield secrets
    if secrets.verdict == "right":
        yield aged(await _since(settings), datetime.now(UTC))


def aged(since: datetime | None, now: datetime) -> Finding:
    """Say whether the epoch's key is changed in time: it is due after a month, and too late after the grace."""
    what, age = "age of the epoch's key", now - (since or now)
    seen = "there is none yet" if since is None else f"{age.days} days"
    return found(what, False, seen, ROTATE) if age > LONGEST_EPOCH else noted(what, age <= EPOCH, seen, ROTATE)


def _existing(folder: Path) -> Path:
    return next(each for each in (folder, *folder.parents) if each.exists())


async def _secrets(settings: Settings) -> str:
    """See whether the secrets are those that the database was made with; none are made."""
    async with await connect(settings.postgres, application="manyhands check", size=1) as pool:
        if await unapplied(pool):
            return "not looked at before `manyhands migrate`"
        return await checked(pool, Secrets(settings.home / "secrets"))


async def _since(settings: Settings) -> datetime | None:
    async with await connect(settings.postgres, application="manyhands check", size=1) as pool:
        return None if await unapplied(pool) else await VaultStore(pool).since("epoch")
