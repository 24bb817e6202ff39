"""Measurement and communication by the command line: folded live, rebuilt, dumped, looked at, and read."""

from dataclasses import replace
from typing import Any

import orjson
import pytest

from events import topics
from events.codec import write
from projections.communication import COMMUNICATION
from projections.measurement import MEASUREMENT
from services.runtime import log
from services.runtime.placement import placement
from tests.integration.rebuild.conftest import PARTITIONS, Command
from tests.support import cases
from tests.support.events import INITIATIVE, RECIPIENT, SENDER, Told, system
from tests.support.initiativelog import REGISTRAR
from tests.support.stage import Stage

BOTH = pytest.mark.parametrize("projection", [MEASUREMENT, COMMUNICATION], ids=lambda each: each.name)
#: Of 40 clients every third is declined, and the others are served.
SENT, SERVED = 40, 26


@pytest.fixture
async def both(stage: Stage) -> dict[str, Stage]:
    """The same log folded by both, in an initiative that has opened."""
    await _opened(stage)
    stages = {each.name: replace(stage, projection=each) for each in (MEASUREMENT, COMMUNICATION)}
    for each in stages.values():
        async with each.running():
            await each.caught_up()
    return stages


async def _opened(stage: Stage) -> None:
    await log.create_topics(stage.settings, [topics.INITIATIVES, topics.DISCLOSURES])
    told, registrar = Told(), {"actor": REGISTRAR}
    said = [
        told("initiative.opened"),
        told("partner.joined", source=system("init"), subject="backbone"),
        told("partner.role_assigned", source=system("init"), subject="backbone", role="registrar", person_id=REGISTRAR),
        *(told("partner.joined", subject=each, **registrar) for each in (SENDER, RECIPIENT)),
        told("partner.joined", subject="safe-house", reporting="aggregate-only", **registrar),
    ]
    producer = log.producer(stage.settings)
    await producer.start()
    try:
        for event in said:
            key = event.partitionkey.encode()
            topic = stage.settings.topic(topics.INITIATIVES)
            await producer.send_and_wait(topic, write(event), key=key, partition=placement(PARTITIONS)(key))
    finally:
        await producer.stop()


async def asked(manyhands: Command, *arguments: str) -> Any:
    answer = await manyhands(*arguments, "--json")
    assert answer.exit_code == 0, answer.exception or answer.output
    return orjson.loads(answer.stdout)


@BOTH
async def test_a_rebuild_equals_what_was_folded_live(
    both: dict[str, Stage], manyhands: Command, projection: Any
) -> None:
    found = await asked(manyhands, "rebuild", projection.name, "--workers", "1")
    assert (found["equal"], found["served"]) == (True, both[projection.name].schema)
    own = {"measurement": "figure", "communication": "feed"}[projection.name]
    rows = {table["table"]: table["rows"] for table in found["tables"]}
    assert rows[own]["served"] == rows[own]["rebuilt"] > 0
    dump = await asked(manyhands, "dump", projection.name)
    assert dump["vector"] == found["vector"]


@BOTH
async def test_a_row_that_was_tampered_with_is_named(
    both: dict[str, Stage], manyhands: Command, projection: Any
) -> None:
    change = {
        "measurement": "update figure set sent = sent + 1 where partner = 'clinic'",
        "communication": "update feed set code = 'other' where kind = 'refused'",
    }
    await both[projection.name].rows(change[projection.name])
    answer = await manyhands("rebuild", projection.name, "--workers", "1")
    assert answer.exit_code == 1
    assert "DIFFERENT" in answer.output


async def test_lag_shows_all_three_and_nothing_is_parked(both: dict[str, Stage], manyhands: Command) -> None:
    lines = await asked(manyhands, "lag")
    behind = {name: [line["behind"] for line in lines if line["projection"] == name] for name in (*both, "referral")}
    assert behind["measurement"] == behind["communication"] == [0] * PARTITIONS
    assert sum(behind["referral"]) == sum(map(len, both["measurement"].sent.values()))
    assert await asked(manyhands, "parked", "list") == []
    assert await asked(manyhands, "parked", "list", "--projection", "communication") == []


async def test_figures_are_shown_with_zero_told_apart_from_unknown(both: dict[str, Stage], manyhands: Command) -> None:
    found = await asked(manyhands, "figures", "referrals", "--initiative", INITIATIVE, "--month", "2026-03")
    lines = {line["partner"]: line for line in found["figures"]}
    assert (lines[SENDER]["sent"], lines[SENDER]["served"]) == (SENT, 0)
    assert (lines[RECIPIENT]["received"], lines[RECIPIENT]["served"]) == (SENT, SERVED)
    assert all(lines[name]["sent_backfilled"] == 0 for name in (SENDER, RECIPIENT))
    assert (lines["backbone"]["sent"], lines["safe-house"]["sent"]) == (0, None)
    shown = await manyhands("figures", "referrals")
    assert "unknown" in shown.stdout
    wrong = await manyhands("figures", "referrals", "--month", "spring")
    assert wrong.exit_code == 2
    assert "2026-03" in wrong.output


async def test_a_feed_is_read_page_by_page_and_resumed(both: dict[str, Stage], manyhands: Command) -> None:
    whole = (await asked(manyhands, "feed", SENDER, "--after", "", "--limit", "1000"))["entries"]
    found: list[Any] = []
    cursor, more = "", True
    while more:
        page = await asked(manyhands, "feed", SENDER, "--after", cursor, "--limit", "40")
        found, cursor, more = found + page["entries"], page["cursor"], page["more"]
    assert found == whole
    assert sum(entry["kind"] == "offer-declined" for entry in whole) == SENT - SERVED
    assert (await asked(manyhands, "feed", SENDER))["cursor"] == cursor
    stage = both["communication"]
    await stage.publish((event.partitionkey.encode(), write(event), _home(event)) for event in cases.story(101))
    async with stage.running():
        await stage.caught_up()
    fresh = await asked(manyhands, "feed", SENDER, "--after", cursor)
    kinds = [entry["kind"] for entry in fresh["entries"]]
    assert kinds == ["offer-viewed", "offer-accepted", "service-started", "offer-served"]


def _home(event: Any) -> int:
    return placement(PARTITIONS)(event.partitionkey.encode())


async def test_a_cursor_that_no_feed_gave_out_is_a_fault(both: dict[str, Stage], manyhands: Command) -> None:
    answer = await manyhands("feed", SENDER, "--after", "yesterday")
    assert getattr(answer.exception, "code", None) == "bad-cursor"
    answer = await manyhands("feed", SENDER, "--initiative", "elsewhere")
    assert getattr(answer.exception, "code", None) == "initiative-unknown"


async def test_before_a_processor_has_run_there_is_nothing_to_read(stage: Stage, manyhands: Command) -> None:
    await _opened(stage)
    for command in (("figures", "referrals"), ("feed", SENDER), ("dump", "measurement"), ("rebuild", "communication")):
        answer = await manyhands(*command)
        assert getattr(answer.exception, "code", None) == "nothing-folded", command
