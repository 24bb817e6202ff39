"""Bad input: each bad row is told what is wrong with it, and no good row is lost or delayed for it."""

from dataclasses import dataclass
from typing import Any

import orjson
import pytest

from events.codes import CODES, UNREADABLE
from tests.acceptance.conftest import Deploy
from tests.acceptance.hostile import ROWS
from tests.acceptance.logged import smuggled
from tests.support.admitting import CLINIC
from tests.support.casework import Person, opened, told
from tests.support.deployment import Deployment, Ran

#: A good story's row stands before and after each bad one.
PEOPLE = [Person(f"good {number}") for number in range(1 + len(ROWS) // 3)]


@dataclass
class Answered:
    """A file of good and bad rows, and what came of it."""

    deployment: Deployment
    ran: Ran
    #: What each row should be answered with, by its line: None for a good one.
    wanted: dict[int, tuple[str, str] | None]
    board: Ran
    refusals: Ran


@pytest.fixture(scope="module")
async def answered(deploy: Deploy) -> Answered:
    deployment = await deploy("hostile")
    await opened(deployment)
    file, wanted = _file()
    async with deployment.processor():
        ran = await told(deployment, CLINIC, file)
        await deployment.caught_up()
        board = await deployment("board", "list", "--json", "--limit", "1000")
        refusals = await deployment("refusals", "list", "--json", "--limit", "1000")
    return Answered(deployment, ran, wanted, board, refusals)


def _file() -> tuple[bytes, dict[int, tuple[str, str] | None]]:
    """Return good rows with a bad one after each, and blank lines, some ended as Windows does, the last not at all."""
    good = [row for person in PEOPLE for row in (person.registered(), person.consented(), person.requested("x"))]
    lines: list[bytes] = []
    wanted: dict[int, tuple[str, str] | None] = {}
    for index, row in enumerate(good):
        lines.append(row + b"\r" * (index % 2))
        wanted[len(lines)] = None
        if index < len(ROWS):
            lines.append(ROWS[index].row)
            wanted[len(lines)] = ROWS[index].code, ROWS[index].pointer
        lines += [b"", b"   ", b"\r"][: index % 4]
    lines.append(PEOPLE[0].registered(details="another body"))
    wanted[len(lines)] = None
    return b"\n".join(lines), wanted


def test_every_row_is_answered_in_its_place(answered: Answered) -> None:
    assert [answer["line"] for answer in answered.ran.rows] == list(answered.wanted)
    assert [answer["row"] for answer in answered.ran.rows] == list(range(len(answered.wanted)))


def test_every_bad_row_has_its_code_and_its_place(answered: Answered) -> None:
    found = {each["line"]: (each["code"], each["pointer"]) for each in answered.ran.rows if not each["ok"]}
    wrong = {
        what.what: (found.get(line), wanted)
        for what, (line, wanted) in zip(ROWS, ((n, w) for n, w in answered.wanted.items() if w), strict=True)
        if found.get(line) != wanted
    }
    assert wrong == {}
    assert {code for code, _ in found.values()} <= CODES.keys()


def test_answers_are_short_and_say_nothing_that_came_in(answered: Answered) -> None:
    assert max(map(len, answered.ran.out.splitlines())) < 1000
    assert answered.ran.err == b""
    assert answered.ran.code == 1


def test_every_good_row_lands(answered: Answered) -> None:
    good = [line for line, wanted in answered.wanted.items() if wanted is None]
    assert [each["line"] for each in answered.ran.rows if each["ok"]] == good
    board = answered.board.answer["referrals"]
    subjects = {each["subject"] for each in answered.ran.rows if "requested" in each.get("id", "") and each["ok"]}
    assert {row["id"] for row in board} == subjects
    assert len(board) == len(PEOPLE)


def test_reused_id_is_refused_for_its_sender_to_see(answered: Answered) -> None:
    [refused] = answered.refusals.answer["refusals"]
    assert (refused["code"], refused["source"]) == ("id-reused", f"urn:manyhands:partner:{CLINIC}")


async def test_garbage_on_the_log_changes_nothing_else(answered: Answered) -> None:
    deployment = answered.deployment
    before = await _dumped(deployment)
    await smuggled(deployment)
    late = Person("late")
    async with deployment.processor():
        ran = await told(deployment, CLINIC, late.registered(), "--dry-run")
        assert ran.code == 0, "admission reads on past garbage"
        await deployment.caught_up()
    after = await _dumped(deployment)
    changed = {name for name in before["tables"] if before["tables"][name] != after["tables"][name]}
    assert changed == {"refusal"}
    refused = await deployment("refusals", "list", "--json", "--code", "unreadable", "--limit", "1000")
    details = {row["detail"] for row in refused.answer["refusals"]}
    assert details == UNREADABLE.keys() - {"wrong-topic"}


async def _dumped(deployment: Deployment) -> dict[str, Any]:
    ran = await deployment("dump", "referral", "--json")
    assert ran.code == 0, ran.err
    answer: dict[str, Any] = orjson.loads(ran.out)
    return answer | {"tables": {table["table"]: table["sha256"] for table in answer["tables"]}}
