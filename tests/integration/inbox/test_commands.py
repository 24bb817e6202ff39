"""The commands by which an operator opens, proves and looks into inboxes."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.admission.app import Process
from services.ops.acl import broker
from services.ops.acl.entries import Entry, Kind, Operation
from services.runtime import log
from services.runtime.settings import Settings
from tests.integration.inbox.conftest import Deployment
from tests.integration.inbox.test_intake import Post, letter, post
from tests.support.admitting import CLINIC
from tests.support.deployment import Deployment as Commands

__all__ = ["post"]


def commands(settings: Settings) -> Commands:
    told = {name: str(value) for name, value in vars(settings).items() if value not in (None, "")}
    return Commands(settings.home, **{f"MANYHANDS_{name.upper()}": text for name, text in told.items()})


@pytest.fixture
async def hole(guarded: Deployment) -> AsyncIterator[Entry]:
    """An entry that lets everybody read the cases."""
    made = Entry("User:*", Kind.TOPIC, guarded.operator.topic_prefix + "manyhands.cases", Operation.READ)
    async with log.admin(guarded.operator) as client:
        await broker.make(client, [made])
        yield made
        await broker.take(client, [made])


async def test_check_says_yes_where_all_is_right(guarded: Deployment) -> None:
    partner = guarded.partner(CLINIC)
    assert partner.kafka_user is not None
    ran = await commands(guarded.operator)(
        *("topics", "check", "--json", "--user", partner.kafka_user),
        *("--password-file", str(partner.kafka_password_file)),
    )
    assert (ran.code, ran.answer["wrong"]) == (0, []), ran
    assert ran.answer["looked_at"] > 60


async def test_check_names_a_hole_and_apply_closes_it(guarded: Deployment, hole: Entry) -> None:
    call = commands(guarded.operator)
    ran = await call("topics", "check")
    assert ran.code == 1
    assert b"hole" in ran.out
    assert b"read" in ran.out
    ran = await call("topics", "apply", "--json")
    assert (ran.code, [each["name"] for each in ran.answer["taken"]]) == (0, [hole.name])
    assert (await call("topics", "check", "--json")).code == 0


async def test_brokers_that_keep_nobody_out_are_fine_on_loopback_alone(post: Post) -> None:
    call = commands(post.settings)
    ran = await call("topics", "apply")
    assert (ran.code, b"keep nobody out" in ran.out) == (0, True), ran
    ran = await call("topics", "check")
    assert (ran.code, b"only this machine reaches them" in ran.out) == (0, True), ran


async def test_show_tells_what_became_of_records(post: Post) -> None:
    async with post.intake(Process):
        await post.write(CLINIC, letter("1"), b"no", letter("2"))
        await post.decided(CLINIC, 3)
    call = commands(post.settings)
    listed = await call("inbox", "list", "--json")
    assert [(each["partner"], each["next_offset"]) for each in listed.answer] == [(CLINIC, 3), ("shelter", 0)]
    first = await call("inbox", "show", CLINIC, "--limit", "2", "--json")
    assert [(each["record"], each["code"]) for each in first.answer] == [("0:0", None), ("0:1", "not-json")]
    rest = await call("inbox", "show", CLINIC, "--after", first.answer[-1]["record"], "--json")
    named = await call("inbox", "show", CLINIC, "--id", "2", "--json")
    assert rest.answer == named.answer
    assert named.answer[0]["token"].startswith(post.settings.topic_prefix + "manyhands.cases-")
    assert b"not-json: " in (await call("inbox", "show", CLINIC)).out


async def test_write_is_taken_as_a_partner_s_system_s_own(post: Post, tmp_path: Path) -> None:
    file = tmp_path / "said.ndjson"
    file.write_bytes(letter("1") + b"\n\nno\n" + letter("2"))
    call = commands(post.settings)
    ran = await call("inbox", "write", CLINIC, str(file), "--json")
    assert ran.answer == {"partner": CLINIC, "records": ["0:0", "0:1", "0:2"]}
    again = await call("inbox", "write", CLINIC, "-", said=letter("1"))
    assert again.out == b"1 records written, 0:3 to 0:3\n"
    async with post.intake(Process):
        assert await post.codes(CLINIC, 4) == [None, "not-json", None, None]
    assert (await call("inbox", "write", "nobody", str(file))).code == 1
    assert (await call("inbox", "write", CLINIC, str(tmp_path / "none"))).code == 2


async def test_wrong_uses_say_so(post: Post) -> None:
    call = commands(post.settings)
    assert (await call("inbox", "show", "nobody")).err.startswith(b"manyhands: ")
    assert (await call("inbox", "restart", "nobody")).code == 1
    assert (await call("inbox", "show", CLINIC, "--after", "x")).code == 2
    assert (await call("inbox", "restart", CLINIC, "--json")).answer == {"partner": CLINIC, "life": 1}
