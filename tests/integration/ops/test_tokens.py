"""`manyhands tokens`: what is shown once, and what lists say of it."""

import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.gateway.store import Keep
from services.gateway.tokens import Tokens
from services.ops import local
from services.runtime.store import connect
from tests.support.deployment import Deployment


@pytest.fixture
def deployment(servers: local.Servers, database: str, tmp_path: Path) -> Deployment:
    return Deployment(tmp_path, MANYHANDS_KAFKA=servers.kafka, MANYHANDS_POSTGRES=database)


@pytest.fixture
async def tokens(database: str) -> AsyncIterator[Tokens]:
    async with await connect(database, application="test") as pool:
        yield Tokens(Keep(pool))


ISSUE = ("tokens", "issue", "--initiative", "riverbend", "--partner", "clinic")


async def test_token_is_shown_once_and_listed_by_its_prefix(deployment: Deployment, tokens: Tokens) -> None:
    text = (await deployment(*ISSUE)).out.decode().strip()
    found = await tokens.holder(text)
    assert found is not None
    [line] = (await deployment("tokens", "list", "--json")).answer
    assert (line["prefix"], line["partner"]) == (found[0], "clinic")
    assert text.split("_", 2)[2] not in str(line)
    await deployment("tokens", "revoke", found[0])
    assert await tokens.holder(text) is None


async def test_token_goes_into_a_file_for_its_owner_alone(deployment: Deployment, tokens: Tokens) -> None:
    file = deployment.home / "token"
    ran = await deployment(*ISSUE, "--out", str(file))
    text = file.read_text().strip()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert text.encode() not in ran.out + ran.err
    again = await deployment(*ISSUE, "--out", str(file))
    assert (again.code, b"[file-taken]" in again.err) == (1, True)
    assert len((await deployment("tokens", "list", "--json")).answer) == 1


async def test_successor_is_valid_beside_the_one_before(deployment: Deployment, tokens: Tokens) -> None:
    first = (await deployment(*ISSUE)).out.decode().strip()
    second = (await deployment("tokens", "rotate", first.split("_")[1])).out.decode().strip()
    assert await tokens.holder(first) is not None
    assert await tokens.holder(second) is not None


async def test_token_with_a_successor_is_not_replaced_again(deployment: Deployment) -> None:
    prefix = (await deployment(*ISSUE)).out.decode().split("_")[1]
    await deployment("tokens", "rotate", prefix)
    again = await deployment("tokens", "rotate", prefix)
    assert (again.code, b"[already-replaced]" in again.err) == (1, True)


@pytest.mark.parametrize("command", ["revoke", "rotate"])
async def test_unknown_token_is_a_fault(deployment: Deployment, command: str) -> None:
    ran = await deployment("tokens", command, "aaaaaaaa")
    assert (ran.code, b"[no-such-token]" in ran.err) == (1, True)


@pytest.mark.parametrize(("option", "value"), [("--scope", "everything"), ("--person", "Ann Smith")])
async def test_wrong_use_says_so(deployment: Deployment, option: str, value: str) -> None:
    ran = await deployment(*ISSUE, option, value)
    assert ran.code == 2
