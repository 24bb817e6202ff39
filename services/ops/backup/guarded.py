"""The secrets' own copy, which never lies beside what they open."""

import re
import shutil
from pathlib import Path

from services.ops.backup.errors import BackupForeign, SecretsBeside
from services.ops.backup.pieces import sync
from services.vault.secrets import IDS, Secrets

_KEY = re.compile(r"[a-z0-9-]+\.key")
_EPOCH = re.compile(r"epoch-([0-9]+)\.key")


def copy(source: Path, target: Path, beside: Path) -> None:
    """Make `target` hold the keys of `source` and no destroyed epoch's, readable by their owner alone.

    A key that was destroyed in the source is overwritten in the copy too: what was erased stays erased.
    Raises SecretsBeside when one of `target` and `beside` holds the other, and BackupForeign when `target` holds
    another deployment's keys.
    """
    inner, outer = target.resolve(), beside.resolve()
    if inner == outer or outer in inner.parents or inner in outer.parents:
        raise SecretsBeside(str(target))
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    target.chmod(0o700)
    _same(source, target)
    kept = keys(source)
    for name in kept:
        _place(source / name, target / name)
    for name in set(keys(target)) - set(kept):
        found = _EPOCH.fullmatch(name)
        if found:
            Secrets(target).destroy_epoch(int(found[1]))
    sync(target)


def keys(folder: Path) -> list[str]:
    """Return the names of the keys in a folder."""
    return sorted(file.name for file in folder.iterdir() if _KEY.fullmatch(file.name)) if folder.exists() else []


def _same(source: Path, target: Path) -> None:
    if Secrets(target).has_ids() and (source / IDS).read_bytes() != (target / IDS).read_bytes():
        raise BackupForeign(f"{target} holds the secrets of another deployment")


def _place(source: Path, target: Path) -> None:
    draft = target.with_name(f"{target.name}.part")
    draft.touch(mode=0o600)
    shutil.copyfile(source, draft)
    draft.replace(target)
