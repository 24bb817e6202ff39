"""`manyhands board`, `timeline` and `refusals`: filters, pages, empty answers and helpful faults."""

from uuid import uuid4

import orjson
import pytest

from tests.integration.rebuild.conftest import Command
from tests.support.cases import story
from tests.support.events import partner
from tests.support.stage import Stage

READING = [
    ("board", "list"),
    ("board", "summary"),
    ("timeline", str(uuid4())),
    ("refusals", "list"),
    ("refusals", "codes"),
]


async def told(manyhands: Command, *arguments: str) -> object:
    answer = await manyhands(*arguments, "--json")
    assert answer.exit_code == 0, answer.exception
    found: object = orjson.loads(answer.stdout)
    return found


async def pages(manyhands: Command, key: str, *arguments: str) -> list[dict[str, object]]:
    """Return everything, page by page."""
    found: list[dict[str, object]] = []
    rest = None
    while True:
        after = ("--after", rest) if rest else ()
        page = await told(manyhands, *arguments, *after)
        assert isinstance(page, dict)
        found += page[key]
        rest = page["next"]
        if rest is None:
            return found


async def test_the_board_is_the_same_by_any_page(folded: Stage, manyhands: Command) -> None:
    whole = await pages(manyhands, "referrals", "board", "list", "--limit", "1000")
    assert len(whole) == 40
    assert await pages(manyhands, "referrals", "board", "list", "--limit", "7") == whole
    assert await pages(manyhands, "referrals", "board", "list", "--limit", "40") == whole


async def test_the_board_is_narrowed_and_counted(folded: Stage, manyhands: Command) -> None:
    summary = await told(manyhands, "board", "summary")
    assert isinstance(summary, list)
    assert sum(line["referrals"] for line in summary) == 40
    for status in {line["status"] for line in summary}:
        lines = await pages(manyhands, "referrals", "board", "list", "--status", status)
        assert len(lines) == sum(line["referrals"] for line in summary if line["status"] == status)
        assert {line["status"] for line in lines} == {status}
    for option, value, count in (("--sender", "clinic", 40), ("--recipient", "nobody", 0), ("--need", "shelter", 40)):
        assert len(await pages(manyhands, "referrals", "board", "list", option, value)) == count
    assert await told(manyhands, "board", "summary", "--initiative", "elsewhere") == []


async def test_a_timeline_tells_refused_claims_too(folded: Stage, manyhands: Command) -> None:
    events = [event for event in story(3) if ".referral." in event.type]
    found = await told(manyhands, "timeline", events[0].subject)
    assert isinstance(found, dict)
    assert [line["type"] for line in found["timeline"]] == [event.type.split("manyhands.")[1][:-3] for event in events]
    assert [line["outcome"] for line in found["timeline"]] == ["applied"] * 4 + ["refused"]
    assert found["timeline"][-1]["refusal"] is not None
    assert found["referral"]["id"] == events[0].subject


async def test_refusals_are_counted_filtered_and_paged(folded: Stage, manyhands: Command) -> None:
    counted = await told(manyhands, "refusals", "codes")
    assert isinstance(counted, list)
    whole = await pages(manyhands, "refusals", "refusals", "list", "--limit", "1000")
    assert len(whole) == sum(line["records"] for line in counted)
    assert await pages(manyhands, "refusals", "refusals", "list", "--limit", "3") == whole
    assert all(line["meaning"] for line in counted)
    noise = await pages(manyhands, "refusals", "refusals", "list", "--code", "unreadable")
    said = await pages(manyhands, "refusals", "refusals", "list", "--source", partner("shelter"))
    assert len(noise) + len(said) == len(whole)
    assert min(len(noise), len(said)) > 0


async def test_people_see_tables_and_where_the_next_page_is(folded: Stage, manyhands: Command) -> None:
    board = await manyhands("board", "list", "--limit", "5", "--zone", "America/Chicago")
    assert (board.exit_code, "More with --after" in board.stdout) == (0, True)
    assert "Referrals by status" in (await manyhands("board", "summary")).stdout
    assert "Refusals by code" in (await manyhands("refusals", "codes")).stdout
    timeline = await manyhands("timeline", story(1)[2].subject)
    assert timeline.stdout.startswith(f"Referral {story(1)[2].subject}: shelter, clinic")


async def test_nothing_that_matches_is_said_in_words(folded: Stage, manyhands: Command) -> None:
    assert (await manyhands("board", "list", "--status", "draft")).stdout == "No referral matches.\n"
    assert (await manyhands("refusals", "list", "--code", "nosuch")).stdout == "Nothing that matches was refused.\n"


async def test_an_empty_build_has_empty_answers(stage: Stage, manyhands: Command) -> None:
    await stage.recreate()
    async with stage.running():
        pass
    assert await told(manyhands, "board", "list") == {"referrals": [], "next": None}
    assert (await manyhands("board", "summary")).stdout == "There are no referrals yet.\n"
    assert (await manyhands("refusals", "codes")).stdout == "Nothing was refused.\n"


@pytest.mark.parametrize("name", ["nonsense", str(uuid4())])
async def test_an_unknown_referral_is_a_fault_with_a_hint(folded: Stage, manyhands: Command, name: str) -> None:
    fault = (await manyhands("timeline", name)).exception
    assert getattr(fault, "code", None) == "no-such-referral"
    assert "manyhands board" in getattr(fault, "hint", "")


@pytest.mark.parametrize("command", READING)
async def test_reading_before_anything_was_folded(stage: Stage, manyhands: Command, command: tuple[str, ...]) -> None:
    assert getattr((await manyhands(*command)).exception, "code", None) == "nothing-folded"


@pytest.mark.parametrize("command", READING)
async def test_reading_with_no_servers(
    stage: Stage, manyhands: Command, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.delenv("MANYHANDS_POSTGRES")
    assert getattr((await manyhands(*command)).exception, "code", None) == "servers-unknown"
    monkeypatch.setenv("MANYHANDS_POSTGRES", "postgresql://nobody@127.0.0.1:1/nothing")
    assert getattr((await manyhands(*command)).exception, "code", None) == "database-away"


@pytest.mark.parametrize(
    "arguments",
    [
        ("board", "list", "--limit", "0"),
        ("refusals", "list", "--after", "x"),
        ("refusals", "list", "--after", "t-0:" + "9" * 30),
        ("board", "list", "--zone", "Mars/Base"),
    ],
)
async def test_a_wrong_use_is_told_as_one(folded: Stage, manyhands: Command, arguments: tuple[str, ...]) -> None:
    assert (await manyhands(*arguments)).exit_code == 2
