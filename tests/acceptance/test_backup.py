"""The drill: a deployment is copied while it runs, its machine is lost, and another one goes on from the copy."""

import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest

from events import topics
from events.fields import Sealed
from services.ops import local
from services.ops.backup.errors import BackupDamaged, BackupForeign
from services.ops.backup.manifest import read as read_manifest
from services.ops.backup.restoring import checked
from services.ops.bar import bar
from services.runtime.log import read, spans
from services.runtime.store import connect
from services.vault import KeyDestroyed, SealPlace, Secrets, Vault
from tests.acceptance.conftest import FEW
from tests.support.admitting import CLINIC, REGISTRAR, SECOND
from tests.support.casework import Person, opened, published
from tests.support.deployment import Deployment, Ran
from tests.support.events import INITIATIVE

ADA, BEN, CAL = Person("ada"), Person("ben"), Person("cal")
PROJECTIONS = ("referral", "measurement")
Text = tuple[SealPlace, Sealed]


@dataclass
class Drill:
    """Three backups in one folder, of before an erasure, of after it, and of after the epoch's end."""

    folder: Path
    #: The secrets' copy as it was with the first backup, and as it is.
    before: Path
    secrets: Path
    made: list[Any]
    dumps: dict[str, Any]
    records: list[tuple[Any, ...]]
    texts: dict[str, list[Text]]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("drill")


@pytest.fixture(scope="module")
async def drill(place: Path) -> AsyncIterator[Drill]:
    folder, secrets, before = place / "backups", place / "secrets", place / "before"
    home = place / "lost"
    local.up(home)
    try:
        deployment = Deployment(home, **FEW)
        await opened(deployment)
        await published(deployment, CLINIC, [row for person in (ADA, BEN) for row in _told(person)])
        async with _processors(deployment):
            made = [await _made(deployment, folder, secrets)]
            shutil.copytree(secrets, before)
            await published(deployment, CLINIC, _told(CAL))
            texts = await _texts(deployment)
            await _erase(deployment)
            made.append(await _made(deployment, folder, secrets))
            assert (await deployment("keys", "rotate")).code == 0
            made.append(await _made(deployment, folder, secrets))
            dumps = await _dumps(deployment)
        yield Drill(folder, before, secrets, made, dumps, await _records(deployment), texts)
    finally:
        local.reset(home)


def _told(person: Person) -> list[bytes]:
    said = [person.registered(details=person.own), person.consented(), person.requested("x", details=person.own)]
    return [*said, person.offered("x", details=person.own)]


@asynccontextmanager
async def _processors(deployment: Deployment) -> AsyncIterator[None]:
    measuring = (sys.executable, "-m", "services.measurement")
    async with deployment.processor(), deployment.processor("measurement", measuring):
        yield


async def _made(deployment: Deployment, folder: Path, secrets: Path) -> Any:
    ran = await deployment("backup", "make", str(folder), "--secrets", str(secrets), "--json")
    assert ran.code == 0, ran.err
    return ran.answer


async def _dumps(deployment: Deployment) -> dict[str, Any]:
    await deployment.caught_up(*PROJECTIONS)
    return {name: (await deployment("dump", name, "--json")).answer for name in PROJECTIONS}


async def _records(deployment: Deployment) -> list[tuple[Any, ...]]:
    """Return the whole log, each record with all that a broker says of it."""
    settings = deployment.settings
    found = [
        (partition, each.offset, each.timestamp, each.key, each.value, each.headers)
        async for partition, records in read(settings, await spans(settings, topics.ALL))
        for each in records
    ]
    return sorted(found, key=lambda record: record[:2])


async def _texts(deployment: Deployment) -> dict[str, list[Text]]:
    """Return every sealed text on the log under the person it is about."""
    texts: dict[str, list[Text]] = {}
    settings = deployment.settings
    async with _vault(deployment) as opening:
        async for _, records in read(settings, await spans(settings, [topics.CASES])):
            for event in (orjson.loads(record.value or b"") for record in records):
                if "details" in event["data"]:
                    texts.setdefault(await opening.open(*_text(event)), []).append(_text(event))
    return texts


def _text(event: dict[str, Any]) -> Text:
    about = {"initiative": event["initiative"], "owner": event["partitionkey"], "source": event["source"]}
    found = SealPlace(**about, event_id=event["id"], type=event["type"], pointer="/data/details")
    return found, Sealed.model_validate(event["data"]["details"])


@asynccontextmanager
async def _vault(deployment: Deployment) -> AsyncIterator[Vault]:
    async with await connect(deployment.settings.postgres, application="test") as pool:
        yield Vault(pool, Secrets(deployment.home / "secrets"))


async def _erase(deployment: Deployment) -> None:
    certificate = (await deployment("erase", "ask", INITIATIVE, ADA.client, "--as", CLINIC)).out.decode().strip()
    for person in (REGISTRAR, SECOND):
        ran = await deployment("erase", "approve", certificate, "--person", person)
        assert ran.code == 0, ran.err
    run = await deployment("erase", "run")
    assert len(run.rows) == 1, run.err


async def _restored(home: Path, drill: Drill, *options: str, secrets: Path | None = None) -> tuple[Deployment, Ran]:
    deployment = Deployment(home, **FEW)
    chosen = ("--secrets", str(secrets or drill.secrets))
    return deployment, await deployment("restore", str(drill.folder), *chosen, "--json", *options)


@pytest.fixture(scope="module")
async def again(place: Path, drill: Drill) -> AsyncIterator[Deployment]:
    """The newest backup on a machine that had nothing."""
    home = place / "found"
    try:
        deployment, ran = await _restored(home, drill)
        assert ran.code == 0, ran.err
        assert ran.answer == {"number": 3, "registered": 3, "erased": 1}
        local.up(home)
        yield deployment
    finally:
        local.reset(home)


def test_later_backup_copies_only_what_came_since(drill: Drill) -> None:
    first, second, third = drill.made
    assert [each["number"] for each in drill.made] == [1, 2, 3]
    assert first["records"] < second["records"] <= third["records"]
    pieces = [file for file in (drill.folder / "log").rglob("*") if file.is_file()]
    assert {file.name[-6:] for file in pieces} >= {"000001", "000002"}
    newest = read_manifest(drill.folder, 3, Secrets(drill.secrets).ids).log
    assert newest is not None
    assert sum(file.stat().st_size for file in pieces) == sum(
        piece.size for folder in newest.folders.values() for piece in folder.pieces
    )


async def test_every_record_is_as_the_broker_once_wrote_it(drill: Drill, again: Deployment) -> None:
    assert await _records(again) == drill.records


async def test_read_models_are_equal_byte_for_byte(drill: Drill, again: Deployment) -> None:
    async with _processors(again):
        assert await _dumps(again) == drill.dumps


async def test_what_was_erased_stays_erased_and_nothing_else(drill: Drill, again: Deployment) -> None:
    async with _vault(again) as opening:
        for text in drill.texts["ada"]:
            with pytest.raises(KeyDestroyed):
                await opening.open(*text)
        for name in ("ben", "cal"):
            assert [await opening.open(*text) for text in drill.texts[name]] == [name] * 3


async def test_restored_deployment_takes_events_again(again: Deployment) -> None:
    await published(again, CLINIC, [BEN.requested("y")])


async def test_restored_log_can_be_backed_up_into_a_folder_of_its_own(place: Path, again: Deployment) -> None:
    ran = await again("backup", "make", str(place / "others"), "--json")
    assert ran.code == 0, ran.err


async def test_log_that_went_another_way_is_not_carried_on(drill: Drill, again: Deployment, place: Path) -> None:
    folder = place / "elsewhere"
    shutil.copytree(drill.folder, folder)
    last = max((folder / "log").glob("manyhands.initiatives-*/*.log.*"))
    last.write_bytes(bytes(last.stat().st_size))
    ran = await again("backup", "make", str(folder))
    assert (ran.code, b"[backup-foreign]" in ran.err) == (1, True), ran.err


async def test_backup_older_than_the_epoch_opens_for_nobody(place: Path, drill: Drill) -> None:
    _, ran = await _restored(place / "older", drill, "--number", "2")
    assert (ran.code, b"[secret-missing]" in ran.err) == (1, True), ran.err
    assert not (place / "older" / "kafka").exists()


async def test_keys_from_before_an_erasure_are_destroyed_again_as_the_log_knows_of_it(
    place: Path, drill: Drill, again: Deployment
) -> None:
    await again.rows("create database earlier")
    home = place / "earlier"
    uri = again.settings.postgres.replace("@/manyhands?", "@/earlier?")
    deployment = Deployment(home, **FEW, MANYHANDS_KAFKA=again.settings.kafka, MANYHANDS_POSTGRES=uri)
    options = ("--without-log", "--number", "1", "--secrets", str(drill.before), "--json")
    ran = await deployment("restore", str(drill.folder), *options)
    assert (ran.code, ran.answer["erased"]) == (0, 1), ran.err
    async with _vault(deployment) as opening:
        with pytest.raises(KeyDestroyed):
            await opening.open(*drill.texts["ada"][0])
        assert await opening.open(*drill.texts["ben"][0]) == "ben"


@pytest.fixture
def copied(drill: Drill, tmp_path: Path) -> Drill:
    """A copy of the backups, to be spoilt."""
    folder = tmp_path / "spoilt"
    shutil.copytree(drill.folder, folder)
    return Drill(folder, drill.before, drill.secrets, drill.made, drill.dumps, drill.records, drill.texts)


@pytest.mark.parametrize("kind", ["torn", "edited", "gone"])
@pytest.mark.parametrize("which", ["log/manyhands.cases-*/*.log.*", "keep/000003/data_key.csv"])
def test_spoilt_backup_is_noticed(copied: Drill, kind: str, which: str) -> None:
    file = next(file for file in copied.folder.glob(which) if file.stat().st_size)
    content = file.read_bytes()
    if kind == "gone":
        file.unlink()
    else:
        file.write_bytes(content[:-1] if kind == "torn" else content[:-1] + bytes([content[-1] ^ 1]))
    with bar() as shown, pytest.raises(BackupDamaged):
        checked(copied.folder, None, copied.secrets, shown)


def test_list_of_a_backup_that_was_changed_is_noticed(copied: Drill) -> None:
    file = copied.folder / "backup-000003.json"
    file.write_bytes(file.read_bytes().replace(b'"rows":3', b'"rows":2'))
    with bar() as shown, pytest.raises(BackupForeign):
        checked(copied.folder, None, copied.secrets, shown)


async def test_spoilt_backup_is_refused_before_anything_is_written(copied: Drill, tmp_path: Path) -> None:
    (copied.folder / "keep/000003/client.csv").write_bytes(b"")
    deployment, ran = await _restored(tmp_path / "home", copied)
    assert (ran.code, b"[backup-damaged]" in ran.err) == (1, True), ran.err
    assert not (tmp_path / "home" / "kafka").exists()
    verified = await deployment("backup", "verify", str(copied.folder), "--secrets", str(copied.secrets))
    assert (verified.code, b"[backup-damaged]" in verified.err) == (1, True)


async def test_nothing_is_restored_over_what_is_there(drill: Drill, again: Deployment) -> None:
    _, ran = await _restored(again.home, drill)
    assert (ran.code, b"[place-taken]" in ran.err) == (1, True), ran.err


async def test_secrets_never_lie_beside_what_they_open(drill: Drill, again: Deployment, tmp_path: Path) -> None:
    ran = await again("backup", "make", str(tmp_path), "--secrets", str(tmp_path / "secrets"))
    assert (ran.code, b"[secrets-beside]" in ran.err) == (1, True), ran.err
