"""What became of a batch that was taken back is told by what the rules made of it, and not by its being said."""

from collections.abc import AsyncIterator

import orjson
import pytest

from services.gateway.parts import Parts, opened
from services.gateway.rulings import Ruling
from services.ops.undo.outcome import NOT_KNOWN, REFUSED, answer, exit_code, said_of
from services.ops.undo.saying import Plan, Sent, Undone, plan_of, say, taken_back
from services.runtime.settings import Settings
from tests.support import doors, reading
from tests.support.admitting import CLINIC, clinic, codes, consent, registered, requested, said, shelter
from tests.support.events import INITIATIVE
from tests.support.reading import MEALS, sent

#: Long enough for whatever is folded in this process.
WAIT = 60.0
BATCH = Sent(CLINIC, "import-7", INITIATIVE)


@pytest.fixture
async def parts(begun: Settings) -> AsyncIterator[Parts]:
    """A deployment in which the clinic sent a batch by mistake: a person, and an offer to the shelter."""
    async with opened(begun) as made:
        await reading.prepared(made)
        rows = [
            registered("c 1", "own:1"),
            consent("g 1", "own:1", consent_id="own:1", programme_classes=["general"]),
            requested("r 1", "own:r 1", "own:1"),
            sent("1", service_id=MEALS),
        ]
        batch = [orjson.dumps(orjson.loads(row) | {"correlationid": BATCH.correlation}) for row in rows]
        async with doors.folding(begun):
            results = await made.admission.admit(clinic, batch)
            assert codes(results) == [None] * len(rows)
            await _folded(made, results[-1].record)
        yield made


async def _folded(parts: Parts, record: str | None) -> None:
    end = await parts.progress.last(record or "")
    while end is not None and not await parts.progress.reach(end):
        pass


async def planned(parts: Parts) -> Plan:
    return await plan_of(parts.settings, parts.admission, BATCH, lambda _: None)


async def overtaken(parts: Parts) -> Undone:
    """Have the shelter accept what is about to be recalled, and say the plan of before."""
    plan = await planned(parts)
    referral = parts.admission.naming.own(INITIATIVE, CLINIC, "referral", "r 1")
    row = said("referral.offer_accepted", "a 1", {"offer_id": reading.offer_id("1")}, subject=referral)
    async with doors.folding(parts.settings):
        assert codes(await parts.admission.admit(shelter, [row])) == [None]
        return await say(parts.settings, parts.admission, plan, WAIT)


def tells_of_refusals(undone: Undone) -> None:
    """Hold what is told to naming the recall that came too late, and to ending as what did not come off does."""
    [recall] = [each for each in answer(undone, dry_run=False)["refused"] if each["type"] == "referral.offer_recalled"]
    assert recall["code"] == "illegal-transition"
    assert exit_code(said_of(undone), dry_run=False) == REFUSED


async def test_what_the_rules_refuse_is_listed_and_no_success(parts: Parts) -> None:
    undone = await overtaken(parts)
    tells_of_refusals(undone)
    shown = {each.step.type: each.became(dry_run=False) for each in said_of(undone)}
    assert shown["referral.offer_recalled"] == "refused: illegal-transition"
    assert {each["ruling"]["outcome"] for each in answer(undone, dry_run=False)["said"]} >= {"refused"}


async def test_test_of_refusals_notices_where_what_is_said_counts_as_done(parts: Parts) -> None:
    undone = await overtaken(parts)
    done = undone._replace(rulings=[Ruling("applied") for _ in undone.rulings])
    with pytest.raises(ValueError, match="not enough values"):
        tells_of_refusals(done)


async def test_all_that_comes_off_is_a_success(parts: Parts) -> None:
    async with doors.folding(parts.settings):
        undone = await taken_back(parts.settings, BATCH, lambda _: None, wait=WAIT)
    assert {each.became(dry_run=False) for each in said_of(undone)} == {"done"}
    told = answer(undone, dry_run=False)
    assert (exit_code(said_of(undone), dry_run=False), told["refused"], told["not_known"]) == (0, [], 0)
    said_now = [each.step.type for each in said_of(undone)]
    assert (said_now[0], said_now[-1]) == ("referral.offer_recalled", "referral.entered_in_error")
    async with parts.keep.snapshot("referral", INITIATIVE) as transaction:
        [offer] = [each["state"] for each in await transaction.connection.fetch("select state from referral")]
    assert orjson.loads(offer)["offers"][0]["detail"] == "in-error"


async def test_what_nobody_folds_is_not_known_yet(parts: Parts) -> None:
    plan = await planned(parts)
    undone = await say(parts.settings, parts.admission, plan, 0)
    told = answer(undone, dry_run=False)
    assert exit_code(said_of(undone), dry_run=False) == NOT_KNOWN
    assert (told["not_known"], told["refused"]) == (len(told["said"]), [])
    assert {each.became(dry_run=False) for each in said_of(undone)} == {"said, not known yet"}
    async with doors.folding(parts.settings):
        # Said again it is the same, which counts once; now it is known.
        again = await say(parts.settings, parts.admission, plan, WAIT)
    assert exit_code(said_of(again), dry_run=False) == 0
