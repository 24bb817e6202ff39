"""A deployment brought back from a backup, into a place that holds none: checked whole before anything is written."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from events.topics import ALL
from services.admission.store import RegisterStore
from services.ops import local
from services.ops.backup import kept, manifest
from services.ops.backup.errors import LogElsewhere, PlaceTaken
from services.ops.backup.guarded import copy, keys
from services.ops.backup.manifest import Log, Manifest, Piece
from services.ops.backup.segments import put
from services.ops.bar import Bar
from services.ops.local.state import replace_text
from services.ops.register import judged
from services.runtime.errors import LogCut
from services.runtime.log import check_topics, spans
from services.runtime.roles import Role
from services.runtime.settings import Settings
from services.runtime.store import migrated
from services.vault import Vault
from services.vault.errors import SecretMissing
from services.vault.secrets import Secrets


class Restored(NamedTuple):
    """What was brought back: `registered` referrals, and clients whose keys were destroyed again."""

    number: int
    registered: int
    erased: int


def checked(folder: Path, number: int | None, secrets: Path, bar: Bar) -> Manifest:
    """Return a backup's manifest when every file of it is the one that was written.

    Raises BackupMissing, BackupDamaged, BackupForeign, and SecretMissing when these secrets do not open it: it
    is older than the last rotation of its epoch's key.
    """
    if not Secrets(secrets).has_ids():
        raise SecretMissing(f"ids.key is not in {secrets}")
    found = manifest.read(folder, number, Secrets(secrets).ids)
    if found.keep.epoch is not None:
        Secrets(secrets).epoch(found.keep.epoch)
    bar.step("checking", sum(piece.size for piece in found.pieces))
    for piece in found.pieces:
        manifest.verify(folder, piece)
        bar.advance(piece.size)
    return found


def place(home: Path, folder: Path, found: Manifest, secrets: Path, bar: Bar) -> None:
    """Put the secrets and, where it is part of the backup, the log into a data folder that holds neither.

    Raises PlaceTaken, and LogElsewhere when the backup was made without the log.
    """
    if found.log is None:
        raise LogElsewhere(f"backup {found.number} was made without the log")
    for taken in (home / "kafka" / "data", home / "postgres" / "data"):
        if taken.exists():
            raise PlaceTaken(str(taken))
    secured(home, secrets, folder)
    kafka = local.Kafka(home)
    kafka.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = kafka.data.with_name("data.new")
    bar.step("log", sum(piece.size for piece in _of_log(found.log)))
    put(folder, found.log, fresh, bar.advance)
    replace_text(kafka.folder / "version", found.log.kafka)
    fresh.replace(kafka.data)


async def refill(settings: Settings, folder: Path, found: Manifest, bar: Bar) -> Restored:
    """Fill the database, and bring it to where the log is: who takes part in what, and who was erased since.

    Raises PlaceTaken when there is a `keep`, LogCut when brokers have less than the backup, and what
    `check_topics` raises.
    """
    await check_topics(settings)
    if found.log is not None:
        await _reaches(settings, found.log)
    bar.step("keep", None)
    await kept.load(settings.postgres, folder, found.keep)
    bar.step("register", None)
    made = await judged(settings)
    async with migrated(settings.postgres, role=Role.OPERATOR, application="manyhands restore") as pool:
        registered = await made.write(RegisterStore(pool))
        vault = Vault(pool, Secrets(settings.home / "secrets"))
        for initiative, client in sorted(made.erased):
            await vault.destroy(initiative, client)
    return Restored(found.number, registered, len(made.erased))


async def _reaches(settings: Settings, log: Log) -> None:
    """Raise LogCut unless the brokers have at least what the backup has, before any key is trusted to fit it."""
    for partition, (_, end) in (await spans(settings, ALL)).items():
        folder = log.folders.get(f"{partition.topic}-{partition.number}")
        if folder is not None and end < folder.next_offset:
            raise LogCut(f"{partition.topic}-{partition.number} ends at {end}, the backup at {folder.next_offset}")


def secured(home: Path, secrets: Path, folder: Path) -> None:
    """Put the secrets into a data folder, unless they are its own.  Raises PlaceTaken when it has others."""
    own = home / "secrets"
    if own.resolve() == secrets.resolve():
        return
    if keys(own):
        raise PlaceTaken(str(own))
    copy(secrets, own, folder)


def _of_log(log: Log) -> Iterable[Piece]:
    yield from log.small.values()
    yield from log.cluster.values()
    for each in log.folders.values():
        yield from (*each.pieces, *each.small.values())
