"""`manyhands breakglass`: two persons, on record first, and nothing in clear otherwise."""

import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from events.authority import OPERATOR
from events.topics import DISCLOSURES
from services.gateway.parts import Parts, opened
from services.ops import local
from services.ops.glass import NoSecond, NothingSealed, NotOnRecord, TextGone, Wanted, broken
from services.ops.local.kafka import Kafka
from services.runtime import log
from services.runtime.settings import Settings
from tests.support import doors, reading
from tests.support.admitting import CLINIC, SECOND, found, records
from tests.support.deployment import Deployment
from tests.support.events import ident
from tests.support.reading import CONTACT, NAME, NEED, agreed, asked, erased

OPERATING = ident("operating")


async def told(parts: Parts) -> str:
    """Tell of a person and their need, have it folded, and return the referral."""
    await reading.prepared(parts)
    async with doors.folding(parts.settings), doors.partner(parts, CLINIC) as clinic:
        await agreed(clinic, "1")
        return await asked(clinic, "1")


@pytest.fixture
def settings(begun: Settings) -> Settings:
    """A deployment that was just founded."""
    return begun


@pytest.fixture
async def parts(settings: Settings) -> AsyncIterator[Parts]:
    """A deployment in which nothing was told yet."""
    async with opened(settings) as made:
        yield made


@pytest.fixture
def deployment(settings: Settings) -> Deployment:
    """The same deployment, by commands."""
    return Deployment(
        settings.home,
        MANYHANDS_KAFKA=settings.kafka,
        MANYHANDS_POSTGRES=settings.postgres,
        MANYHANDS_TOPIC_PREFIX=settings.topic_prefix,
        MANYHANDS_PARTITIONS="3",
    )


def wanted(referral: str, approver: str = SECOND) -> Wanted:
    return Wanted(referral, OPERATING, approver, "emergency")


def options(approver: str = SECOND, purpose: str = "emergency") -> tuple[str, ...]:
    return "--actor", OPERATING, "--approver", approver, "--purpose", purpose


async def recorded(settings: Settings) -> list[dict[str, Any]]:
    """Return what was put on record of glass that was broken."""
    found_ = [orjson.loads(each.value or b"") for each in await records(settings, DISCLOSURES)]
    return [each for each in found_ if each["type"] == "org.manyhands.disclosure.broke_glass.v1"]


async def test_text_opens_for_two_and_is_on_record(parts: Parts, deployment: Deployment) -> None:
    referral = await told(parts)
    ran = await deployment("breakglass", referral, *options(), "--json")
    assert {each["text"] for each in ran.answer} == {CONTACT, NEED}, ran.err
    assert [(each["field"], each["by"]) for each in ran.answer] == [("details", CLINIC)] * 2
    assert CONTACT.encode() in (await deployment("breakglass", referral, *options())).out
    first, _ = await recorded(parts.settings)
    del first["data"]["admitted"]
    assert first["data"] == {"reader": OPERATOR, "purpose": "emergency", "fields": ["details"]}
    people = {"actor": OPERATING, "approver": SECOND, "source": OPERATOR, "subject": referral}
    assert {name: first[name] for name in people} == people


@pytest.mark.parametrize("approver", [OPERATING, ident("somebody")])
async def test_nothing_opens_for_one_or_for_anybody(parts: Parts, deployment: Deployment, approver: str) -> None:
    referral = await told(parts)
    with pytest.raises(NoSecond):
        await broken(parts.settings, parts.admission, wanted(referral, approver))
    ran = await deployment("breakglass", referral, *options(approver))
    assert (ran.code, b"[not-authorised]" in ran.err, NAME.encode() in ran.out + ran.err) == (1, True, False)
    assert await recorded(parts.settings) == []


async def test_registrar_does_not_approve_for_themselves(parts: Parts) -> None:
    referral = await told(parts)
    with pytest.raises(NotOnRecord, match="second-person-required"):
        await broken(parts.settings, parts.admission, Wanted(referral, SECOND, SECOND, "emergency"))
    assert await recorded(parts.settings) == []


async def test_nothing_opens_while_the_log_is_away(parts: Parts, deployment: Deployment) -> None:
    referral = await told(parts)
    ran = await deployment("breakglass", referral, *options(), MANYHANDS_KAFKA="127.0.0.1:1")
    assert (ran.code, b"[log-unavailable]" in ran.err, NAME.encode() in ran.out + ran.err) == (1, True, False)


async def test_nothing_opens_without_the_log_s_word(tmp_path: Path) -> None:
    """The log goes away after everything else was found: what was asked for stays closed until it is on record."""
    servers = local.up(tmp_path)
    try:
        settings = Settings(tmp_path, servers.kafka, servers.postgres, partitions=2)
        await log.create_topics(settings)
        async with opened(settings) as parts:
            await found(parts.admission)
            referral = await told(parts)
            pid = Kafka(tmp_path).daemon.pid()
            assert pid is not None
            os.kill(pid, signal.SIGSTOP)
            try:
                with pytest.raises(NotOnRecord, match="log-unavailable"):
                    await broken(settings, parts.admission, wanted(referral))
            finally:
                os.kill(pid, signal.SIGCONT)
            texts = await broken(settings, parts.admission, wanted(referral))
        assert {each["text"] for each in texts} == {CONTACT, NEED}
    finally:
        local.reset(tmp_path)


async def test_what_is_not_there_is_not_opened(parts: Parts, deployment: Deployment) -> None:
    await reading.prepared(parts)
    async with doors.folding(parts.settings), doors.partner(parts, CLINIC) as clinic:
        await agreed(clinic, "1")
        referral = await asked(clinic, "1")
        ran = await deployment("breakglass", ident("nobody"), *options())
        await erased(parts, "1")
    assert (ran.code, b"[no-such-referral]" in ran.err) == (1, True)
    with pytest.raises((NothingSealed, TextGone)):
        await broken(parts.settings, parts.admission, wanted(referral))
    assert await recorded(parts.settings) == []


@pytest.mark.parametrize("given", [("--actor", "Ann Smith"), ("--approver", "Bo"), ("--purpose", "because I must")])
async def test_wrong_use_says_so(deployment: Deployment, given: tuple[str, str]) -> None:
    ran = await deployment("breakglass", ident("referral"), *options(), *given)
    assert ran.code == 2
