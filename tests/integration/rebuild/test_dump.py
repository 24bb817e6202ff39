"""`manyhands dump` and `manyhands parked`: hashes that can be held against each other, and what is left out of them."""

from dataclasses import replace

import orjson
import pytest

from tests.integration.rebuild.conftest import PARTITIONS, Command
from tests.integration.rebuild.test_rebuild import PLAN, again, asked
from tests.support import cases
from tests.support.events import ident
from tests.support.stage import Stage

#: An entry that a view could not take, and one that waits behind it, as the processor writes them.
PARK = """
insert into parked (topic, partition, record_offset, view, kind, initiative, record, aggregate, source, id, digest,
    error, entry, copies)
select topic, 0, 7 + step, 'sealed_text', 'referral', 'riverbend', $1, $2, 'urn:manyhands:partner:clinic', $3::uuid,
    'x', case step when 0 then 'ValueError in a.view, line 3' end, '{"outcome":"applied","changed":[]}', step
from position, generate_series(0, 1) as step
where partition = 0
"""
CLIENT, REFERRED, EVENT = ident("client 1"), ident("client 1 referral"), ident("event")


async def dumped(manyhands: Command, *options: str) -> dict[str, object]:
    answer = await manyhands("dump", "referral", "--json", *options)
    assert answer.exit_code == 0
    found: dict[str, object] = orjson.loads(answer.stdout)
    return found


async def test_two_builds_of_one_log_have_the_same_hashes(folded: Stage, manyhands: Command) -> None:
    await again(folded, replace(PLAN, keep=True))
    served, rebuilt = await dumped(manyhands), await dumped(manyhands, "--build", PLAN.build)
    assert (served.pop("schema"), rebuilt.pop("schema")) == (folded.schema, PLAN.schema)
    assert served == rebuilt
    assert served["vector"] == {f"{folded.topic}-{number}": len(lines) for number, lines in folded.sent.items()}


async def test_one_more_event_changes_the_hashes_it_concerns_alone(folded: Stage, manyhands: Command) -> None:
    before = await dumped(manyhands)
    await folded.publish([(b"nobody", b"{", 1)])
    async with folded.running():
        await folded.caught_up()
    after = await dumped(manyhands)
    pairs = zip(before["tables"], after["tables"], strict=True)  # type: ignore[call-overload]
    assert [one["table"] for one, other in pairs if one != other] == ["refusal"]


async def test_people_are_shown_the_same(folded: Stage, manyhands: Command) -> None:
    shown = (await manyhands("dump", "referral")).stdout
    assert folded.schema in shown
    assert all(table in shown for table in ("client", "referral", "refusal", "sealed_text", "timeline"))


async def test_what_is_parked_is_left_out_and_shown(folded: Stage, manyhands: Command) -> None:
    await asked(folded, PARK, CLIENT, REFERRED, EVENT)
    left = {"view": "sealed_text", "initiative": "riverbend", "record": CLIENT}
    assert (await dumped(manyhands))["parked"] == [left]
    assert (await again(folded)).comparison.differences == []
    (line,) = orjson.loads((await manyhands("parked", "list", "--json")).stdout)
    at = f"{folded.topic}-0:7"
    assert (line["at"], line["waiting"], line["error"]) == (at, 1, "ValueError in a.view, line 3")
    (first,) = orjson.loads((await manyhands("parked", "show", at, "--json")).stdout)
    (second,) = orjson.loads((await manyhands("parked", "show", at[:-1] + "8", "--json")).stdout)
    assert (first["before"], first["behind"], first["entry"]["outcome"]) == (0, 1, "applied")
    assert (second["before"], second["behind"], second["error"]) == (1, 0, None)


async def test_parked_entries_are_shown_to_people(folded: Stage, manyhands: Command) -> None:
    assert (await manyhands("parked", "list")).stdout == "Nothing is parked.\n"
    await asked(folded, PARK, CLIENT, REFERRED, EVENT)
    assert "sealed_text" in (await manyhands("parked", "list")).stdout
    shown = await manyhands("parked", "show", f"{folded.topic}-0:7", "--view", "sealed_text")
    assert f"aggregate   {REFERRED}" in shown.stdout
    other = await manyhands("parked", "show", f"{folded.topic}-0:7", "--view", "timeline")
    assert getattr(other.exception, "code", None) == "not-parked"


@pytest.mark.parametrize("token", ["7", "topic:7", "topic-x:7", "topic-0:", f"topic-0:{2**63}", "-0:7"])
async def test_a_place_that_is_none_is_a_wrong_use(folded: Stage, manyhands: Command, token: str) -> None:
    assert (await manyhands("parked", "show", "--", token)).exit_code == 2


@pytest.mark.parametrize("command", [("dump", "referral"), ("parked", "list")])
async def test_nothing_folded_is_a_fault(stage: Stage, manyhands: Command, command: tuple[str, ...]) -> None:
    assert getattr((await manyhands(*command)).exception, "code", None) == "nothing-folded"
    unknown = await manyhands(*command, "--build", "nosuch")
    assert getattr(unknown.exception, "code", None) == "nothing-folded"


async def test_a_dump_is_of_one_moment(folded: Stage, manyhands: Command) -> None:
    before = await dumped(manyhands)
    async with folded.running():
        await folded.publish(cases.log(range(500, 520), PARTITIONS))
        during = [await dumped(manyhands) for _ in range(3)]
        await folded.caught_up()
    after = await dumped(manyhands)
    hashes = {orjson.dumps(each["vector"]): each["tables"] for each in (before, *during, after)}
    assert all(hashes[orjson.dumps(each["vector"])] == each["tables"] for each in (before, *during, after))
    assert before["vector"] != after["vector"]
