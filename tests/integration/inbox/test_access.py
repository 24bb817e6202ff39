"""Who can reach what on a broker that keeps people out: as applied, and proved by trying."""

from dataclasses import replace

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError, TopicAuthorizationFailedError
from confluent_kafka import KafkaException

from events.topics import CASES, INITIATIVES, inbox
from services.ops.acl import broker, proof
from services.ops.acl.entries import Entry, Kind, Operation, Pattern, partner_principal, principal
from services.ops.topics import _apply as apply
from services.ops.topics import _check as check
from services.ops.topics import _reach as reach
from services.runtime import log
from services.runtime.log import spans
from tests.integration.inbox.conftest import Deployment
from tests.support.admitting import CLINIC, SHELTER, riverbend, said
from tests.support.admitting import registrar as backbone
from tests.support.events import INITIATIVE
from tests.support.partners import by_aiokafka, by_confluent

EVERYONE = "User:*"


async def wrong(found: Deployment, other: str | None = None) -> list[tuple[str, str, str]]:
    """Return what a check complains of, as (verdict, resource, operation)."""
    by = None if other is None else found.partner(other)
    looked = await check(found.operator, by, ["a"])
    assert looked is not None
    return [(each.verdict, each.resource, each.operation) for each in looked if each.verdict != "right"]


async def add(found: Deployment, *entries: Entry) -> None:
    async with log.admin(found.operator) as client:
        await broker.make(client, entries)


async def test_what_is_applied_proves_right(guarded: Deployment) -> None:
    looked = await check(guarded.operator, guarded.partner(CLINIC), ["a"])
    assert looked is not None
    assert [each for each in looked if each.verdict != "right"] == []
    assert {each.operation for each in looked if each.by == "tried"} == {
        *("describe", "read", "write", "delete", "alter-configs", "create")
    }


async def test_applying_again_changes_nothing(guarded: Deployment) -> None:
    again = await apply(guarded.operator, None, ["a"])
    assert (again.topics, again.inboxes, again.made, again.taken) == ([], [], [], [])


async def test_partner_writes_its_inbox_and_reads_nothing(guarded: Deployment) -> None:
    clinic, topic = guarded.partner(CLINIC), guarded.inbox(CLINIC)
    assert await by_aiokafka(clinic, topic, [b"1", b"2"]) == [0, 1]
    assert await by_confluent(clinic, topic, [b"3"]) == [2]
    with pytest.raises(TopicAuthorizationFailedError):
        await by_aiokafka(clinic, guarded.inbox(SHELTER), [b"1"])
    with pytest.raises(KafkaException):
        await by_confluent(clinic, guarded.operator.topic_prefix + "manyhands.cases", [b"1"])
    async with log.reader(clinic) as consumer:
        consumer.assign([own := TopicPartition(topic, 0)])
        consumer.seek(own, 0)
        with pytest.raises(TopicAuthorizationFailedError):
            await consumer.getmany(timeout_ms=5000)


async def test_nobody_gets_in_without_the_password(guarded: Deployment) -> None:
    clinic = guarded.partner(CLINIC)
    with pytest.raises(KafkaError):
        await by_aiokafka(replace(clinic, kafka_password_file=guarded.partner(SHELTER).kafka_password_file), "x", [b""])
    with pytest.raises(KafkaError):
        await by_aiokafka(replace(clinic, kafka_security="plaintext"), "x", [b""])


async def test_a_partner_s_name_opens_no_longer_one(guarded: Deployment) -> None:
    async with riverbend(guarded.operator) as admission:
        for name in ("care", "careplus"):
            joined = {"name": name, "sector": "health", "reporting": "client-level", "classes": ["clinic"]}
            [result] = await admission.admit(backbone, [said("partner.joined", name, joined, subject=name)])
            assert result.problem is None
    await apply(guarded.operator, INITIATIVE, ["a"])
    assert await wrong(guarded, "care") == []
    # The same with an entry by prefix: exactly this is what must not be.
    care = partner_principal(guarded.operator, "care")
    await add(guarded, Entry(care, Kind.TOPIC, guarded.inbox("care"), Operation.WRITE, Pattern.PREFIXED))
    plus = f"topic {guarded.inbox('careplus')}"
    assert ("hole", plus, "write") in await wrong(guarded, "care")
    await by_aiokafka(guarded.partner("care"), guarded.inbox("careplus"), [b"{}"])


@pytest.mark.parametrize("operation", [Operation.READ, Operation.WRITE, Operation.DELETE, Operation.ALTER_CONFIGS])
async def test_a_hole_is_found_by_trying_and_closed_by_applying(guarded: Deployment, operation: Operation) -> None:
    cases = guarded.operator.topic_prefix + "manyhands.cases"
    await add(guarded, Entry(EVERYONE, Kind.TOPIC, cases, operation))
    found = await check(guarded.operator, None, ["a"])
    word = operation.name.lower().replace("_", "-")
    holes = {(each.by, each.resource, each.operation) for each in found or () if each.verdict == "hole"}
    assert {("entry", f"topic {cases}", word), ("tried", f"topic {cases}", word)} <= holes
    await apply(guarded.operator, None, ["a"])
    assert await wrong(guarded) == []


async def test_trying_changes_nothing_where_it_is_let_through(guarded: Deployment) -> None:
    [offset] = await by_aiokafka(guarded.partner(CLINIC), guarded.inbox(CLINIC), [b"1"])
    before = await spans(guarded.operator, [CASES, INITIATIVES])
    looked = await reach(guarded.operator, guarded.inboxes, ["a"])
    everything = await proof.tried(guarded.operator, looked)
    assert {each.verdict for each in everything} == {"hole"}
    assert await spans(guarded.operator, [CASES, INITIATIVES]) == before
    await log.check_topics(guarded.operator)
    async with log.reader(guarded.operator) as consumer:
        own = TopicPartition(guarded.inbox(CLINIC), 0)
        assert await consumer.beginning_offsets([own]) == {own: 0}
        assert await consumer.end_offsets([own]) == {own: offset + 1}


async def test_an_entry_that_is_missing_is_a_gap(guarded: Deployment) -> None:
    who = principal(guarded.operator, "intake")
    missing = Entry(who, Kind.TOPIC, guarded.inbox(CLINIC), Operation.READ)
    async with log.admin(guarded.operator) as client:
        await broker.take(client, [missing])
    assert await wrong(guarded) == [("gap", f"topic {guarded.inbox(CLINIC)}", "read")]


async def test_who_takes_no_part_writes_no_more(guarded: Deployment) -> None:
    [topic] = await log.create_topics(guarded.operator, [inbox("gone")])
    await guarded.inboxes.make(INITIATIVE, [("gone", topic)])
    gone = partner_principal(guarded.operator, "gone")
    await add(guarded, Entry(gone, Kind.TOPIC, topic, Operation.WRITE))
    await by_aiokafka(guarded.partner("gone"), topic, [b"1"])
    applied = await apply(guarded.operator, None, ["a"])
    assert [each.principal for each in applied.taken] == [gone]
    with pytest.raises(TopicAuthorizationFailedError):
        await by_aiokafka(guarded.partner("gone"), topic, [b"1"])
