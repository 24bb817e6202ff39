"""A batch that was sent by mistake is taken back: by events, once, and as far as things have come."""

from dataclasses import dataclass
from typing import Any

import orjson
import pytest

from tests.acceptance.conftest import Deploy
from tests.support.admitting import CLINIC, SHELTER
from tests.support.casework import Person, opened, published, subjects
from tests.support.deployment import Deployment, Ran

ADA, BEN, CAT = Person("ada"), Person("ben"), Person("cat")


def batched(row: bytes, correlation: str = "import-7") -> bytes:
    return orjson.dumps(orjson.loads(row) | {"correlationid": correlation})


@dataclass
class Story:
    """What each step of taking it back answered, and the board after it."""

    rehearsed: Ran
    undone: Ran
    again: Ran
    nothing: Ran
    unfolded: Ran
    board: list[dict[str, Any]]


@pytest.fixture(scope="module")
async def story(deploy: Deploy) -> Story:
    deployment = await deploy("undoing")
    await opened(deployment)
    known = subjects(await published(deployment, CLINIC, _batch()))
    accepted = BEN.answered("offer_accepted", "x", known["ben referral.requested x"])
    async with deployment.processor():
        await published(deployment, SHELTER, [accepted])
        await deployment.caught_up()
        rehearsed = await _undo(deployment, "--dry-run")
        done = await _undo(deployment)
        await deployment.caught_up()
        again = await _undo(deployment)
        nothing = await deployment("undo", "--source", CLINIC, "--correlation", "no-such-batch", "--json")
        await deployment.caught_up()
    board = await deployment("board", "list", "--json")
    unfolded = await _undo(deployment, "--wait", "0", correlation="import-8")
    return Story(rehearsed, done, again, nothing, unfolded, board.answer["referrals"])


def _batch() -> list[bytes]:
    """Ada and Ben come with the batch, and what the rules refuse; Cat came with another one."""
    mistaken = [
        row for who in (ADA, BEN) for row in (who.registered(), who.consented(), who.requested("x"), who.offered("x"))
    ]
    mistaken.append(ADA.answered("outcome_acknowledged", "x", "own:ada x"))
    rest = (CAT.registered(), CAT.consented(), CAT.requested("x"), CAT.offered("x"))
    return [*(batched(row) for row in mistaken), *(batched(row, "import-8") for row in rest)]


async def _undo(deployment: Deployment, *options: str, correlation: str = "import-7") -> Ran:
    return await deployment(
        "undo", "--source", f"urn:manyhands:partner:{CLINIC}", "--correlation", correlation, "--json", *options
    )


def types(ran: Ran) -> list[str]:
    return sorted(each["type"] for each in ran.answer["said"])


def test_a_rehearsal_says_what_would_be_said(story: Story) -> None:
    assert story.rehearsed.code == 0, story.rehearsed.err
    assert types(story.rehearsed) == [
        "consent.entered_in_error",
        "referral.cancel_requested",
        "referral.closed",
        "referral.offer_recalled",
    ]
    assert {each["said"] for each in story.rehearsed.answer["left"]} == {
        "client.registered",
        "consent.granted",
        "referral.requested",
    }


def test_all_of_it_is_on_the_log_and_only_the_batch_is_touched(story: Story) -> None:
    assert story.undone.code == 0, story.undone.err
    assert types(story.undone) == sorted([*types(story.rehearsed), "referral.entered_in_error"])
    assert {each["ruling"]["outcome"] for each in story.undone.answer["said"]} == {"applied"}
    stands = sorted((each["status"], each["detail"]) for each in story.board)
    # Ada's was recalled and is an error now; Ben's had been accepted, and goes on until its recipient answers.
    assert stands == [("accepted", "cancel-requested"), ("cancelled", None), ("requested", "sent")]


def test_said_twice_it_changes_nothing_more(story: Story) -> None:
    assert (story.again.code, types(story.again)) == (0, [])


def test_a_batch_that_is_not_there_is_said_to_be_nothing(story: Story) -> None:
    assert story.nothing.code == 0
    assert story.nothing.answer == {"dry_run": False, "said": [], "refused": [], "not_known": 0, "left": []}


def test_what_is_not_folded_in_time_is_no_success(story: Story) -> None:
    told = story.unfolded.answer
    assert (story.unfolded.code, told["not_known"], told["refused"]) == (4, len(told["said"]), [])
    assert {each["ruling"] for each in told["said"]} == {None}
