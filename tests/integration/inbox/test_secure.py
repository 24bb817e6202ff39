"""Every process of the house under its own name, over TLS, with no more rights than were made for it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from aiokafka.errors import KafkaError

from projections.referral import REFERRAL
from services.admission.wiring import opened
from services.ops import local
from services.runtime import log
from services.runtime.processor import Processor
from services.runtime.store import DatabaseAway, connect
from tests.integration.inbox.conftest import Deployment
from tests.support.admitting import clinic, codes, said
from tests.support.certificates import Authority
from tests.support.secured import Door
from tests.support.wait import until


@pytest.fixture
async def door(servers: local.Servers, tmp_path: Path) -> AsyncIterator[tuple[Door, str]]:
    """TLS in front of the session's database, and where that is."""
    [sockets] = parse_qs(urlsplit(servers.postgres).query)["host"]
    found = Door(tmp_path, Path(sockets))
    async with found.open() as port:
        yield found, f"postgresql://manyhands@localhost:{port}/manyhands"


async def test_processor_and_gateway_work_under_their_own_names(guarded: Deployment) -> None:
    processor = Processor(REFERRAL, guarded.service("processor"))
    task = asyncio.create_task(processor.run())
    try:
        async with opened(guarded.service("gateway")) as admission:
            rows = [said("client.registered", "secured", {}, client="own:secured")]
            [result] = await admission.admit(clinic, rows)
            assert codes([result]) == [None]

        def folded() -> bool:
            assert not task.done(), task.result()
            return b"manyhands_events_total{" in processor.telemetry.text()

        await until(folded, 60)
        assert processor.health().stopped == ()
    finally:
        processor.stop()
        await asyncio.wait_for(task, 60)


async def test_a_processor_may_not_publish(guarded: Deployment) -> None:
    async with opened(guarded.service("processor"), deadline=3.0) as admission:
        rows = [said("client.registered", "unheard", {}, client="own:unheard")]
        assert codes(await admission.admit(clinic, rows)) == ["log-unavailable"]


async def test_database_is_reached_over_tls_that_proves_who_it_is(door: tuple[Door, str]) -> None:
    found, uri = door
    trusted = f"{uri}?sslmode=verify-full&sslrootcert={found.authority.file}"
    async with await connect(trusted, application="test", size=1) as pool:
        assert await pool.fetchval("select current_setting('application_name')") == "test"
    assert found.refused == 0


async def test_database_that_is_not_the_one_is_not_spoken_to(
    door: tuple[Door, str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    found, uri = door
    other = Authority(tmp_path_factory.mktemp("other")).file
    elsewhere = uri.replace("localhost", "127.0.0.2")
    for wrong in (
        f"{uri}?sslmode=verify-full&sslrootcert={other}",
        f"{elsewhere}?sslmode=verify-full&sslrootcert={found.authority.file}",
        f"{uri}?sslmode=disable",
    ):
        with pytest.raises(DatabaseAway):
            await connect(wrong, application="test", size=1)
    assert found.refused == 1


async def test_broker_that_is_not_the_one_is_not_spoken_to(
    guarded: Deployment, tmp_path_factory: pytest.TempPathFactory
) -> None:
    stranger = replace(guarded.operator, kafka_ca_file=Authority(tmp_path_factory.mktemp("stranger")).file)
    with pytest.raises(KafkaError):
        await log.check_topics(stranger)
