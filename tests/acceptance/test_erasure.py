"""A person is erased by two others: what was said about them opens nowhere again, and a rebuild agrees."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import orjson
import pytest

from events import topics
from events.fields import Sealed
from services.ops import local
from services.runtime.log import read, spans
from services.runtime.store import connect
from services.vault import KeyDestroyed, SealPlace, Secrets, Vault
from services.vault.errors import VaultError
from tests.acceptance.conftest import Deploy
from tests.support.admitting import CLINIC, REGISTRAR, SECOND, SHELTER
from tests.support.casework import Person, opened, published, subjects
from tests.support.deployment import Deployment, Ran
from tests.support.events import INITIATIVE

ADA, BEN = Person("ada"), Person("ben")
BACKUP = "erasing_backup"
Text = tuple[SealPlace, Sealed]


@dataclass
class Erased:
    """What is there after one of two people was erased, and the keys of the epoch were changed."""

    deployment: Deployment
    #: Every sealed text, by whom it is about.
    texts: dict[str, list[Text]]
    rebuilt: Ran
    board: Ran
    refusals: Ran

    def vault(self, database: str = "erasing") -> AbstractAsyncContextManager[Vault]:
        return vault(self.deployment, database)


@asynccontextmanager
async def vault(deployment: Deployment, database: str) -> AsyncIterator[Vault]:
    """Give the vault over this database, with the secrets that the deployment still has."""
    uri = deployment.settings.postgres.replace("@/erasing?", f"@/{database}?")
    async with await connect(uri, application="test") as pool:
        yield Vault(pool, Secrets(deployment.home / "secrets"))


@pytest.fixture(scope="module")
async def erased(home: Path, deploy: Deploy) -> Erased:
    deployment = await deploy("erasing")
    await opened(deployment)
    rows = [row for person in (ADA, BEN) for row in _told(person)]
    known = subjects(await published(deployment, CLINIC, rows))
    await _backed_up(local.Postgres(home).uri)
    texts = await _texts(deployment)
    async with deployment.processor():
        await deployment.caught_up()
        await _erase(deployment)
        later = ADA.answered("offer_accepted", "x", known["ada referral.requested x"])
        await published(deployment, SHELTER, [later])
        rotated = await deployment("keys", "rotate")
        assert rotated.code == 0, rotated.err
        await deployment.caught_up()
        rebuilt = await deployment("rebuild", "referral", "--json")
    board = await deployment("board", "list", "--json")
    return Erased(deployment, texts, rebuilt, board, await deployment("refusals", "list", "--json"))


def _told(person: Person) -> list[bytes]:
    return [
        person.registered(details=f"{person.own}, by the old bridge"),
        person.consented(),
        person.requested("x", details=f"{person.own} needs a bed"),
        person.offered("x", details=f"call {person.own}"),
    ]


async def _backed_up(uri: str) -> None:
    """Copy the database as it stands; nobody is connected to it yet."""
    connection = await asyncpg.connect(uri)
    try:
        await connection.execute(f"create database {BACKUP} template erasing")
    finally:
        await connection.close()


async def _texts(deployment: Deployment) -> dict[str, list[Text]]:
    """Return every sealed text on the log under the person it is about, all of which open now."""
    texts: dict[str, list[Text]] = {"ada": [], "ben": []}
    async with vault(deployment, "erasing") as opening:
        async for event in _events(deployment):
            if "details" in event["data"]:
                text = _text(event)
                said = await opening.open(*text)
                texts["ada" if "ada" in said else "ben"].append(text)
    return texts


async def _events(deployment: Deployment) -> AsyncIterator[dict[str, Any]]:
    async for _, records in read(deployment.settings, await spans(deployment.settings, [topics.CASES])):
        for record in records:
            yield orjson.loads(record.value or b"")


def _text(event: dict[str, Any]) -> Text:
    about = {"initiative": event["initiative"], "owner": event["partitionkey"], "source": event["source"]}
    place = SealPlace(**about, event_id=event["id"], type=event["type"], pointer="/data/details")
    return place, Sealed.model_validate(event["data"]["details"])


async def _erase(deployment: Deployment) -> None:
    asked = await deployment("erase", "ask", INITIATIVE, ADA.client, "--as", CLINIC)
    certificate = asked.out.decode().strip()
    alone = await deployment("erase", "approve", certificate, "--person", REGISTRAR)
    assert b"waits for a second person" in alone.out, alone.err
    again = await deployment("erase", "approve", certificate, "--person", REGISTRAR)
    assert (again.code, b"[second-person-required]" in again.err) == (1, True)
    both = await deployment("erase", "approve", certificate, "--person", SECOND)
    assert b"due" in both.out, both.err
    run = await deployment("erase", "run")
    assert [row["certificate"] for row in run.rows] == [certificate], run.err


async def test_nothing_opens_what_was_said_of_the_erased(erased: Erased) -> None:
    assert len(erased.texts["ada"]) == 3
    async with erased.vault() as opening:
        for text in erased.texts["ada"]:
            with pytest.raises(KeyDestroyed):
                await opening.open(*text)


async def test_what_was_said_of_others_still_opens(erased: Erased) -> None:
    async with erased.vault() as opening:
        said = [await opening.open(*text) for text in erased.texts["ben"]]
    assert said == ["ben, by the old bridge", "ben needs a bed", "call ben"]


async def test_backup_from_before_opens_for_nobody_once_the_epoch_is_over(erased: Erased) -> None:
    assert (await _keys_in(erased, BACKUP)) == 2, "the backup holds both wrapped keys"
    async with erased.vault(BACKUP) as opening:
        for text in (*erased.texts["ada"], *erased.texts["ben"]):
            with pytest.raises(VaultError):
                await opening.open(*text)


async def _keys_in(erased: Erased, database: str) -> int:
    connection = await asyncpg.connect(erased.deployment.settings.postgres.replace("@/erasing?", f"@/{database}?"))
    try:
        return int(await connection.fetchval("select count(*) from keep.data_key where wrapped is not null"))
    finally:
        await connection.close()


def test_board_shows_the_erased(erased: Erased) -> None:
    assert sorted(row["erased"] for row in erased.board.answer["referrals"]) == [False, True]


async def test_sealed_columns_of_the_erased_are_empty_and_of_nobody_else(erased: Erased) -> None:
    rows = await erased.deployment.rows(
        "select erased, count(*), count(sealed) from rm_referral_v8_a.sealed_text group by 1 order by 1"
    )
    assert [tuple(row) for row in rows] == [(False, 3, 3), (True, 3, 0)]


def test_later_claims_are_refused(erased: Erased) -> None:
    refused = [(row["code"], row["type"]) for row in erased.refusals.answer["refusals"]]
    assert refused == [("client-erased", "referral.offer_accepted")]


def test_rebuild_gives_the_same_bytes(erased: Erased) -> None:
    assert erased.rebuilt.code == 0, erased.rebuilt.err
    answer = erased.rebuilt.answer
    assert (answer["equal"], answer["differences"], answer["parked"]) == (True, [], [])
    sealed = next(table for table in answer["tables"] if table["table"] == "sealed_text")
    assert sealed["rows"] == {"served": 6, "rebuilt": 6}
