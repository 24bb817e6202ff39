"""Dumps tell tables apart, name what is parked, and leave it out on both sides."""

from projections.dump import Left, compared, differences, dump
from projections.memory import MemoryStore
from tests.support.events import CLIENT, INITIATIVE, Told, lines
from tests.support.folding import folded
from tests.support.toy import TOY
from tests.support.toylog import half_parked


async def test_equal_logs_give_equal_dumps_and_others_are_told_apart() -> None:
    told = Told()
    records = lines([told("referral.requested"), told("referral.offer_accepted")])
    one, other, shorter = MemoryStore(TOY), MemoryStore(TOY), MemoryStore(TOY)
    await folded(one, records, 2)
    await folded(other, records, 1)
    await folded(shorter, records[:1], 1)
    assert await dump(one, TOY) == await dump(other, TOY)
    assert differences(await dump(one, TOY), await dump(shorter, TOY)) == [
        *(f"table {name}" for name in ("client", "history", "latest", "mention", "referral", "timeline")),
        "partition manyhands.cases-3",
    ]


async def test_one_changed_value_is_found() -> None:
    told, one, other = Told(), MemoryStore(TOY), MemoryStore(TOY)
    records = lines([told("referral.requested")])
    await folded(one, records, 1)
    await folded(other, records, 1)
    rows = other.tables["timeline"]
    rows.update({key: (*row[:-1], 1) for key, row in rows.items()})
    assert differences(await dump(one, TOY), await dump(other, TOY)) == ["table timeline"]


async def test_what_is_parked_on_one_side_is_left_out_on_both() -> None:
    one, other = await half_parked()
    found, rest = await compared(one, other, TOY)
    assert found.left == rest.left == {Left("latest", INITIATIVE, CLIENT)}
    assert found.tables["latest"].rows == 1
    assert differences(found, rest) == []
