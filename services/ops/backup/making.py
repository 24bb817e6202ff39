"""A backup from the beginning to the end: decisions, then the log, then everybody and their keys."""

import asyncio
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from services.ops.backup import kept, manifest
from services.ops.backup.errors import BackupRunning, LogElsewhere
from services.ops.backup.guarded import copy
from services.ops.backup.manifest import Keep, Log, Manifest
from services.ops.backup.segments import Copying, partitions
from services.ops.bar import Bar
from services.ops.local import Kafka
from services.runtime.roles import Role
from services.runtime.settings import Settings
from services.runtime.store import Pool, migrated
from services.vault.errors import RotationRunning
from services.vault.secrets import Secrets


class Plan(NamedTuple):
    """Where a backup goes and what belongs to it; `secrets` is where the keys are copied to, if anywhere."""

    folder: Path
    secrets: Path | None
    with_log: bool
    #: How many backups stay in the folder, this one among them.
    keep: int


async def make(settings: Settings, plan: Plan, bar: Bar) -> Manifest:
    """Add a backup to the folder, while services go on, and return what it consists of.

    Raises LogElsewhere, BackupForeign, BackupRunning, SecretsBeside, LogDamaged and RotationRunning.
    """
    secret = Secrets(settings.home / "secrets").ids
    data = _data(settings) if plan.with_log else None
    plan.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _alone(plan.folder):
        number = max(manifest.numbers(plan.folder), default=0) + 1
        began = datetime.now(UTC).isoformat()
        async with migrated(settings.postgres, role=Role.OPERATOR, application="manyhands backup", size=1) as pool:
            tables = await kept.save(pool, plan.folder, number, first=True)
            log = await asyncio.to_thread(_log, data, plan.folder, secret, bar) if data else None
            bar.step("keep", None)
            keep = await _keep(pool, settings, plan, number)
        ended = datetime.now(UTC).isoformat()
        made = Manifest(number, began, ended, Keep(keep.migrations, keep.epoch, tables | keep.tables), log)
        manifest.write(plan.folder, made, secret)
        _prune(plan.folder, plan.keep, secret)
    return made


async def _keep(pool: Pool, settings: Settings, plan: Plan, number: int) -> Keep:
    """Save everybody and their keys, and the secrets that open them, within one epoch."""
    migrations, epoch = await kept.described(pool)
    tables = await kept.save(pool, plan.folder, number, first=False)
    if plan.secrets is not None:
        copy(settings.home / "secrets", plan.secrets, plan.folder)
    if (await kept.described(pool)) != (migrations, epoch):
        raise RotationRunning("the epoch changed while its keys were saved")
    return Keep(migrations, epoch, tables)


def _data(settings: Settings) -> Path:
    kafka = Kafka(settings.home)
    if kafka.address != settings.kafka or not kafka.data.exists():
        raise LogElsewhere(settings.kafka)
    return kafka.data


def _log(data: Path, folder: Path, secret: bytes, bar: Bar) -> Log:
    numbers = manifest.numbers(folder)
    known = (manifest.read(folder, number, secret).log for number in reversed(numbers))
    before = next((log for log in known if log is not None), None)
    there = sum(file.stat().st_size for name in partitions(data) for file in (data / name).glob("*.log"))
    copied = sum(piece.size for each in before.folders.values() for piece in each.pieces) if before else 0
    bar.step("log", max(0, there - copied))
    return Copying(data, folder, max(numbers, default=0) + 1, bar.advance).run(before)


def _prune(folder: Path, keep: int, secret: bytes) -> None:
    """Remove older backups, and of the pieces those that no other backup needs."""
    found = manifest.numbers(folder)
    stay, leave = found[-keep:], found[:-keep]
    needed = {piece.path for number in stay for piece in manifest.read(folder, number, secret).pieces}
    for number in leave:
        gone = {piece.path for piece in manifest.read(folder, number, secret).pieces} - needed
        (folder / manifest.name(number)).unlink()
        for path in gone:
            (folder / path).unlink(missing_ok=True)
        for part in ("keep", "small"):
            shutil.rmtree(folder / part / f"{number:06}", ignore_errors=True)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    file = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise BackupRunning(str(folder)) from None
    finally:
        os.close(file)
