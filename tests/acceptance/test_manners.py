"""How the command behaves where something is missing, and when it is interrupted."""

import signal
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.acceptance.conftest import FEW, Deploy
from tests.acceptance.logged import ends
from tests.support.admitting import CLINIC
from tests.support.casework import Person, lines, opened, published, told
from tests.support.deployment import Deployment
from tests.support.wait import until

#: More rows than are on their way at once, so that an interruption falls among them.
MANY = 4000
NOBODY = "127.0.0.1:9"


@pytest.fixture(scope="module")
async def manners(deploy: Deploy) -> Deployment:
    deployment = await deploy("manners")
    await opened(deployment)
    return deployment


@pytest.mark.parametrize(
    "arguments",
    [
        ("publish", "-", "--as", CLINIC),
        ("board", "summary"),
        ("refusals", "codes"),
        ("lag",),
        ("dump", "referral"),
        ("rebuild", "referral"),
        ("erase", "list"),
        ("run", "referral"),
    ],
    ids=lambda arguments: arguments[0],
)
async def test_without_servers_the_way_to_some_is_shown(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    ran = await Deployment(tmp_path, **FEW)(*arguments)
    assert ran.code == 1
    said, hint = ran.err.decode().splitlines()
    assert said.startswith("manyhands: ")
    assert said.endswith("[servers-unknown]")
    assert "manyhands local up" in hint


@pytest.mark.parametrize("arguments", [("lag",), ("register", "rebuild"), ("topics", "check")], ids=" ".join)
async def test_a_log_that_is_away_is_said_in_a_line(manners: Deployment, arguments: tuple[str, ...]) -> None:
    ran = await manners(*arguments, MANYHANDS_KAFKA=NOBODY)
    assert ran.code == 1
    assert b"[log-unavailable]" in ran.err
    assert b"Traceback" not in ran.err


async def test_partner_that_nobody_knows_gets_nothing_in(manners: Deployment) -> None:
    before = await ends(manners)
    ran = await told(manners, "nobody", lines(Person("x").registered(), b"no"))
    assert ran.code == 1
    assert [row["code"] for row in ran.rows] == ["wrong-initiative", "not-json"]
    assert await ends(manners) == before


@pytest.mark.parametrize(
    ("named", "options", "said"),
    [
        ("nowhere.ndjson", {}, "there is no file"),
        (".", {}, "there is no file"),
        ("/proc/self/mem", {}, "input-unreadable"),
        ("-", {"--actor": "John Smith"}, "random id"),
        ("-", {"--initiative": "elsewhere"}, ""),
    ],
    ids=["no file", "a folder", "an unreadable file", "a person by name", "an unknown initiative"],
)
async def test_what_cannot_be_published_is_said(
    manners: Deployment, named: str, options: Mapping[str, str], said: str
) -> None:
    given = [part for option in options.items() for part in option]
    ran = await manners("publish", named, "--as", CLINIC, *given, said=Person("y").registered())
    assert ran.code in (1, 2)
    assert said in " ".join(ran.err.decode().split())
    assert b"Traceback" not in ran.err
    assert b"John Smith" not in ran.err


async def test_file_and_standard_input_say_the_same(manners: Deployment, tmp_path: Path) -> None:
    file = tmp_path / "events.ndjson"
    file.write_bytes(lines(Person("file").registered()))
    from_file = await manners("publish", str(file), "--as", CLINIC, "--json")
    from_pipe = await told(manners, CLINIC, file.read_bytes())
    first, second = from_file.rows[0], from_pipe.rows[0]
    assert first | {"token": None} == second | {"token": None}
    assert first["token"] != second["token"]


async def test_what_was_interrupted_is_published_again_without_duplicates(manners: Deployment) -> None:
    people = [Person(f"person {number}") for number in range(MANY // 2)]
    rows = [row for person in people for row in (person.registered(), person.requested("x"))]
    before = await ends(manners)
    arguments = ("publish", "-", "--as", CLINIC, "--json")
    process = await manners.started(*arguments)
    assert process.stdin is not None
    # The pipe stays open, so that it cannot have come to its end before it is interrupted.
    process.stdin.write(lines(*rows))

    async def begun() -> bool:
        return await ends(manners) > before

    await until(begun, 60)
    process.send_signal(signal.SIGINT)
    interrupted = await manners.ended(process, arguments)
    assert interrupted.code == 130
    assert b"Traceback" not in interrupted.err
    assert before < await ends(manners)
    await published(manners, CLINIC, rows)
    async with manners.processor():
        await manners.caught_up()
    [counted] = await manners.rows("select count(*), count(distinct id) from rm_referral_v8_a.referral")
    assert tuple(counted) == (len(people), len(people))
    assert await manners.rows("select code from rm_referral_v8_a.refusal") == []
