from pathlib import Path

import pytest

from services.ops.backup.errors import BackupForeign, SecretsBeside
from services.ops.backup.guarded import copy, keys
from services.vault.secrets import Secrets


@pytest.fixture
def own(tmp_path: Path) -> Path:
    secrets = Secrets(tmp_path / "own")
    assert secrets.ids
    secrets.make_epoch(1)
    return tmp_path / "own"


def test_copy_holds_the_same_keys_for_their_owner_alone(own: Path, tmp_path: Path) -> None:
    copy(own, tmp_path / "copy", tmp_path / "backups")
    assert keys(tmp_path / "copy") == ["epoch-1.key", "ids.key"]
    assert Secrets(tmp_path / "copy").epoch(1) == Secrets(own).epoch(1)
    modes = {file.stat().st_mode & 0o777 for file in (tmp_path / "copy").iterdir()}
    assert (modes, (tmp_path / "copy").stat().st_mode & 0o777) == ({0o600}, 0o700)


def test_key_that_was_destroyed_is_destroyed_in_the_copy(own: Path, tmp_path: Path) -> None:
    copy(own, tmp_path / "copy", tmp_path / "backups")
    Secrets(own).make_epoch(2)
    Secrets(own).destroy_epoch(1)
    copy(own, tmp_path / "copy", tmp_path / "backups")
    assert keys(tmp_path / "copy") == ["epoch-2.key", "ids.key"]


@pytest.mark.parametrize("target", ["backups", "backups/secrets", "."])
def test_copy_never_lies_beside_what_it_opens(own: Path, tmp_path: Path, target: str) -> None:
    with pytest.raises(SecretsBeside):
        copy(own, tmp_path / target, tmp_path / "backups")


def test_another_deployments_copy_is_left_alone(own: Path, tmp_path: Path) -> None:
    theirs = Secrets(tmp_path / "theirs").ids
    with pytest.raises(BackupForeign):
        copy(own, tmp_path / "theirs", tmp_path / "backups")
    assert (keys(tmp_path / "theirs"), Secrets(tmp_path / "theirs").ids) == (["ids.key"], theirs)
