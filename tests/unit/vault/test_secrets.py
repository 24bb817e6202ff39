"""The secrets folder: made once, whole, for its owner's eyes only."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from services.vault import Secrets
from services.vault.errors import SecretMissing, SecretsBroken, SecretsUnsafe


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "home" / "secrets"


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_keys_are_made_at_first_use_for_their_owner_alone(folder: Path) -> None:
    secrets = Secrets(folder)
    assert not secrets.has_ids()
    assert secrets.epochs() == []
    ids, epoch = secrets.ids, secrets.make_epoch(1)
    assert (len(ids), len(epoch)) == (32, 32)
    assert ids != epoch
    assert (mode(folder), mode(folder / "ids.key"), mode(folder / "epoch-1.key")) == (0o700, 0o600, 0o600)


def test_keys_are_the_same_for_whoever_reads_them_later(folder: Path) -> None:
    first = Secrets(folder)
    ids, epoch = first.ids, first.make_epoch(3)
    later = Secrets(folder)
    assert (later.ids, later.make_epoch(3), later.epoch(3)) == (ids, epoch, epoch)
    assert later.epochs() == [3]


def test_makers_at_the_same_time_agree(folder: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(lambda _: Secrets(folder).ids, range(32)))
    assert len(made) == 1
    assert [file.name for file in folder.iterdir()] == ["ids.key"]


def test_making_goes_through_a_restrictive_or_a_lax_umask_alike(folder: Path) -> None:
    before = os.umask(0)
    try:
        assert len(Secrets(folder).ids) == 32
    finally:
        os.umask(before)
    assert mode(folder / "ids.key") == 0o600


def test_crash_while_writing_leaves_no_half_key(folder: Path) -> None:
    Secrets(folder).make_epoch(1)
    draft = folder / ".ids.key.0011223344556677"
    draft.write_bytes(b"half")
    draft.chmod(0o600)
    assert len(Secrets(folder).ids) == 32
    assert Secrets(folder).epochs() == [1]


@pytest.mark.parametrize("content", [b"", b"half", bytes(33)])
def test_file_that_is_no_key_is_refused(folder: Path, content: bytes) -> None:
    Secrets(folder).make_epoch(1)
    (folder / "epoch-1.key").write_bytes(content)
    with pytest.raises(SecretsBroken) as caught:
        Secrets(folder).epoch(1)
    assert caught.value.code == "secrets-broken"
    assert "epoch-1.key" in str(caught.value)


@pytest.mark.parametrize("lax", [0o640, 0o604, 0o660])
def test_file_that_others_can_reach_is_refused(folder: Path, lax: int) -> None:
    Secrets(folder).make_epoch(1)
    (folder / "epoch-1.key").chmod(lax)
    with pytest.raises(SecretsUnsafe):
        Secrets(folder).epoch(1)


def test_folder_that_others_can_reach_is_refused_before_anything_is_made(folder: Path) -> None:
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    with pytest.raises(SecretsUnsafe):
        Secrets(folder).make_epoch(1)
    assert list(folder.iterdir()) == []


def test_link_in_a_files_place_is_refused(folder: Path, tmp_path: Path) -> None:
    Secrets(folder).make_epoch(1)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(bytes(32))
    elsewhere.chmod(0o600)
    (folder / "ids.key").symlink_to(elsewhere)
    with pytest.raises(SecretsUnsafe):
        _ = Secrets(folder).ids


def test_missing_epoch_is_not_made_by_reading_it(folder: Path) -> None:
    with pytest.raises(SecretMissing):
        Secrets(folder).epoch(1)
    assert not folder.exists()


def test_destroyed_epoch_is_gone_and_may_be_destroyed_again(folder: Path) -> None:
    secrets = Secrets(folder)
    secrets.make_epoch(1)
    secrets.destroy_epoch(1)
    secrets.destroy_epoch(1)
    assert secrets.epochs() == []
    with pytest.raises(SecretMissing):
        secrets.epoch(1)


def test_secrets_show_their_folder_only(folder: Path) -> None:
    secrets = Secrets(folder)
    shown = repr(secrets) + str(secrets)
    assert secrets.ids.hex() not in shown
    assert repr(secrets.ids) not in shown
    assert shown == f"Secrets({str(folder)!r})" * 2
