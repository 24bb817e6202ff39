"""What a store owes the pipeline, whichever it is."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from projections.batch import Fenced, Refusal, Repeated, RowRefused, Seen, Waiting
from projections.dump import Left, dump, lines
from projections.memory import MemoryStore
from projections.record import Position
from tests.contracts.parts import (
    AWKWARD,
    CASES,
    OTHER,
    TABLES,
    TIMELINE_ENDS,
    WHO,
    Held,
    counted,
    key,
    mentioned,
    moved,
    parked,
    refusal,
    told,
)
from tests.support.events import NOON, ident, partner
from tests.support.toy import TOY, Tally


class StoreContract:
    """Inherit, and give the fixture `held`."""

    async def test_a_partition_never_folded_stands_at_the_beginning(self, held: Held) -> None:
        assert await held.store.positions([CASES, OTHER]) == {CASES: Position(), OTHER: Position()}
        assert await held.store.positions([]) == {}
        assert await held.store.waiting(CASES) == set()

    async def test_a_commit_moves_its_partition_alone(self, held: Held) -> None:
        first, second = moved(0, 5), moved(5, 9)
        await held.store.commit(first)
        await held.store.commit(second)
        assert await held.twin.positions([CASES, OTHER]) == {CASES: second.position, OTHER: Position()}
        async with held.source() as source:
            assert await source.vector() == {CASES: second.position}

    @pytest.mark.parametrize("start", [0, 4, 6])
    async def test_a_batch_that_starts_elsewhere_is_fenced(self, held: Held, start: int) -> None:
        await held.store.commit(moved(0, 5))
        with pytest.raises(Fenced):
            await held.store.commit(moved(start, 9, rows={"client": [counted("a", 1)]}))
        assert await held.rows("client") == []
        assert (await held.store.positions([CASES]))[CASES].next_offset == 5

    async def test_a_partition_never_folded_is_fenced_beyond_its_beginning(self, held: Held) -> None:
        with pytest.raises(Fenced):
            await held.store.commit(moved(5, 9))

    async def test_a_fenced_batch_writes_nothing(self, held: Held) -> None:
        await held.store.commit(moved(0, 5, rows={"client": [counted("a", 1)]}))
        parts: dict[str, Any] = {"refusals": [refusal(2)], "parked": [parked()], "erased": [WHO[:2]]}
        with pytest.raises(Fenced):
            await held.store.commit(moved(0, 5, rows={"timeline": [told()]}, **parts))
        assert await held.rows("timeline") == []
        assert await held.rows("refusal") == []
        assert await held.store.waiting(CASES) == set()
        assert await held.rows("client") == [counted("a", 1)]

    async def test_a_zombie_that_commits_late_changes_nothing(self, held: Held) -> None:
        zombie = moved(0, 3, rows={"client": [counted("a", 3)]})
        await held.store.commit(moved(0, 9, rows={"client": [counted("a", 9)]}))
        with pytest.raises(Fenced):
            await held.twin.commit(zombie)
        assert await held.rows("client") == [counted("a", 9)]

    @pytest.mark.parametrize("start", [0, 5])
    async def test_of_two_owners_at_once_one_is_fenced(self, held: Held, start: int) -> None:
        if start:
            await held.store.commit(moved(0, start))
        batches = [moved(start, stop, rows={"client": [counted("a", stop)]}) for stop in (8, 9)]
        both = [store.commit(batch) for store, batch in zip((held.store, held.twin), batches, strict=True)]
        answers = await asyncio.gather(*both, return_exceptions=True)
        assert sorted(type(answer).__name__ for answer in answers) == ["Fenced", "NoneType"]
        winner = batches[[isinstance(answer, Fenced) for answer in answers].index(False)]
        assert await held.rows("client") == winner.rows["client"]
        assert await held.store.positions([CASES]) == {CASES: winner.position}

    async def test_an_upserted_row_takes_the_place_of_the_one_before(self, held: Held) -> None:
        await held.store.commit(moved(0, 1, rows={"client": [counted("a", 1), counted("b", 1)]}))
        await held.store.commit(moved(1, 2, rows={"client": [counted("b", 2, None), counted("c", 1)]}))
        expected = [counted("a", 1), counted("b", 2, None), counted("c", 1)]
        assert await held.rows("client") == sorted(expected)

    async def test_appended_rows_add_up(self, held: Held) -> None:
        rows = [("riverbend", ident("ada"), offset, "t", ident(str(offset))) for offset in range(4)]
        await held.store.commit(moved(0, 2, rows={"history": rows[:2]}))
        await held.store.commit(moved(2, 4, rows={"history": rows[2:]}))
        assert await held.rows("history") == rows

    async def test_sums_add_up_over_commits_and_a_fenced_one_adds_nothing(self, held: Held) -> None:
        await held.store.commit(moved(0, 1, rows={"mention": [mentioned("a", 3), mentioned("b", 1)]}))
        await held.store.commit(moved(1, 2, rows={"mention": [mentioned("a", -1, 2), mentioned("c", 5)]}))
        with pytest.raises(Fenced):
            await held.twin.commit(moved(1, 3, rows={"mention": [mentioned("a", 100)]}))
        assert await held.rows("mention") == [mentioned("a", 2, 2), mentioned("b", 1), mentioned("c", 5)]

    async def test_a_commit_with_a_row_that_cannot_be_stored_adds_nothing_to_any_sum(self, held: Held) -> None:
        rows = {"mention": [mentioned("a", 3)], "client": [counted("x", 1, "\x00")]}
        with pytest.raises(RowRefused):
            await held.store.commit(moved(0, 1, rows=rows))
        with pytest.raises(RowRefused) as failure:
            await held.store.commit(moved(0, 1, rows={"mention": [mentioned("a", 3), mentioned("\x00", 1)]}))
        assert failure.value.keys == {1: "22021"}
        assert await held.rows("mention") == []

    async def test_load_gives_those_that_exist(self, held: Held) -> None:
        await held.store.commit(moved(0, 1, rows={"client": [counted("a", 4)], "referral": [counted("a", 5)]}))
        wanted = [key("a"), key("a", "referral"), key("b"), key("a")._replace(record="nobody")]
        assert await held.store.load(wanted[:3]) == {key("a"): Tally(4), key("a", "referral"): Tally(5)}
        assert await held.store.load(wanted[3:]) == {}
        assert await held.store.load([]) == {}

    async def test_seen_finds_what_the_timeline_holds_and_what_waits_for_it(self, held: Held) -> None:
        waits = ident("waits")
        entries = [parked(offset=2, id_=waits), parked("latest", 3, ident("elsewhere"))]
        await held.store.commit(moved(0, 9, rows={"timeline": [told(offset=1)]}, parked=entries))
        ids = (WHO.id, waits, ident("elsewhere"), ident("never"))
        wanted = [*(WHO._replace(id=id_) for id_ in ids), WHO._replace(source=partner("other"))]
        assert await held.store.seen(wanted) == {
            WHO: Seen(1, b"d" * 32),
            WHO._replace(id=waits): Seen(2, b"d" * 32),
        }
        assert await held.store.seen([]) == {}

    async def test_copies_are_counted_where_the_first_one_stands(self, held: Held) -> None:
        waits = WHO._replace(id=ident("waits"))
        await held.store.commit(moved(0, 5, rows={"timeline": [told()]}, parked=[parked(id_=waits.id)]))
        await held.store.commit(moved(5, 9, copies={WHO: 2, waits: 1}))
        await held.store.commit(moved(9, 10, copies={WHO: 1}))
        assert await held.rows("timeline") == [told(copies=3)]

    async def test_copies_count_for_a_row_of_the_same_batch(self, held: Held) -> None:
        await held.store.commit(moved(0, 5, rows={"timeline": [told()]}, copies={WHO: 4}))
        assert await held.rows("timeline") == [told(copies=4)]

    async def test_erasure_clears_what_stands_of_the_person_and_no_more(self, held: Held) -> None:
        stranger = ("riverbend", ident("bo"), *counted("a", 1)[2:])
        await held.store.commit(moved(0, 1, rows={"client": [counted("a", 1), counted("b", 1), stranger]}))
        await held.store.commit(moved(1, 2, rows={"client": [counted("b", 2)]}, erased=[WHO[:2]]))
        expected = [counted("a", 1, None, erased=True), counted("b", 2), stranger]
        assert await held.rows("client") == sorted(expected)

    async def test_erasure_ends_what_was_open_and_nothing_else(self, held: Held) -> None:
        await held.store.commit(moved(0, 1, rows={"client": [counted("a", 1, "it's open"), counted("b", 1, "other")]}))
        await held.store.commit(moved(1, 2, erased=[WHO[:2]]))
        last = list(TABLES["client"].columns).index("last")
        ended = counted("a", 1, None, erased=True)
        expected = [(*ended[:last], "it's ended", *ended[last + 1 :]), counted("b", 1, None, erased=True)]
        assert await held.rows("client") == sorted(expected)

    async def test_refusals_stand_by_their_offset(self, held: Held) -> None:
        unread = Refusal(2, "unreadable", None, 5, None, None, None, b"f" * 32)
        await held.store.commit(moved(0, 5, refusals=[refusal(1), unread]))
        moment = datetime(2026, 3, 2, 12, 0, 0, 123_000, tzinfo=UTC)
        nobody = (None,) * 6
        assert await held.rows("refusal") == [
            (*CASES, 1, "not-permitted", AWKWARD, moment, *WHO, "x.y", "subject", None),
            (*CASES, 2, "unreadable", None, datetime(1970, 1, 1, 0, 0, 0, 5_000, tzinfo=UTC), *nobody, b"f" * 32),
        ]

    async def test_an_entry_that_would_wait_behind_nothing_is_fenced(self, held: Held) -> None:
        await held.store.commit(moved(0, 5, parked=[parked("latest", 1)]))
        await held.store.commit(moved(5, 6, parked=[parked("latest", 5, ident("behind"), None)]))
        waits = [parked("latest", 6, ident("more"), None), parked("history", 6, error=None)]
        with pytest.raises(Fenced):
            await held.store.commit(moved(6, 9, rows={"client": [counted("a", 1)]}, parked=waits))
        assert await held.rows("client") == []
        assert (await held.store.positions([CASES]))[CASES].next_offset == 6

    async def test_parked_views_wait_in_their_partition(self, held: Held) -> None:
        entries = [parked("latest", 1), parked("latest", 2, ident("next"), None), parked("history", 2, ident("next"))]
        await held.store.commit(moved(0, 5, parked=entries))
        await held.store.commit(moved(0, 5, OTHER))
        spots = {Waiting("latest", key("r", "referral")), Waiting("history", key("r", "referral"))}
        assert await held.store.waiting(CASES) == spots
        assert await held.store.waiting(OTHER) == set()
        async with held.source() as source:
            stuck = await source.stuck()
        assert stuck == [(CASES, entries[0]), (CASES, entries[2]), (CASES, entries[1])]

    @pytest.mark.parametrize("text", [AWKWARD, "", " ", "NULL", "\\N", "\\.", "e\u0301", "x" * 100_000])
    async def test_text_comes_back_as_it_went_in(self, held: Held, text: str) -> None:
        await held.store.commit(moved(0, 1, rows={"client": [counted("a", 1, text)]}))
        assert await held.rows("client") == [counted("a", 1, text)]

    async def test_ten_thousand_rows_go_in_at_once(self, held: Held) -> None:
        names = [f"n{number}" for number in range(10_000)]
        rows = {"client": [counted(name, 1) for name in names]}
        appended = [("riverbend", ident("ada"), offset, "t", ident(name)) for offset, name in enumerate(names)]
        refusals = [refusal(offset) for offset in range(10_000)]
        await held.store.commit(moved(0, 10_000, rows={**rows, "history": appended}, refusals=refusals))
        assert await held.rows("history") == appended
        assert await held.rows("client") == sorted(rows["client"])
        assert len(await held.store.load([key(name) for name in names])) == 10_000

    @pytest.mark.parametrize("bad", [("\x00", "22021"), ("\ud800", "22021")])
    async def test_a_row_that_cannot_be_stored_is_named_and_nothing_is_written(
        self, held: Held, bad: tuple[str, str]
    ) -> None:
        text, code = bad
        rows = [counted(f"n{number}", 1, text if number in (3, 77) else "fine") for number in range(100)]
        with pytest.raises(RowRefused) as failure:
            await held.store.commit(moved(0, 5, rows={"history": [], "client": rows}, refusals=[refusal(1)]))
        assert (failure.value.table, failure.value.keys) == ("client", {3: code, 77: code})
        assert await held.rows("client") == await held.rows("refusal") == []
        assert await held.store.positions([CASES]) == {CASES: Position()}

    async def test_a_number_beyond_its_column_is_refused(self, held: Held) -> None:
        rows = [(*counted("a", 1)[:4], 1 << 31, "", None, False)]
        with pytest.raises(RowRefused) as failure:
            await held.store.commit(moved(0, 5, rows={"client": rows}))
        assert failure.value.keys == {0: "22003"}

    async def test_an_appended_row_is_taken_once(self, held: Held) -> None:
        row = ("riverbend", ident("ada"), 1, "t", ident("x"))
        await held.store.commit(moved(0, 5, rows={"history": [row]}))
        for again in ([row], [(*row[:2], 2, *row[3:])] * 2):
            with pytest.raises(RowRefused) as failure:
                await held.store.commit(moved(5, 6, rows={"history": again}))
            assert failure.value.keys == {len(again) - 1: "23505"}
        assert await held.rows("history") == [row]

    async def test_the_timeline_takes_no_event_twice(self, held: Held) -> None:
        await held.store.commit(moved(0, 5, rows={"timeline": [told()]}))
        again = [told(ident("new"), 5), told(offset=6)]
        with pytest.raises(Repeated):
            await held.store.commit(moved(5, 7, rows={"client": [counted("a", 1)], "timeline": again}))
        assert await held.rows("timeline") == [told()]
        assert await held.rows("client") == []
        assert (await held.store.positions([CASES]))[CASES].next_offset == 5

    async def test_the_dump_is_the_same_in_every_store(self, held: Held) -> None:
        await held.store.commit(moved(0, 5, **_everything()))
        reference = MemoryStore(TOY)
        await reference.commit(moved(0, 5, **_everything()))
        async with held.source() as source:
            found = await dump(source, TOY)
            table = [line async for line in lines(source, TABLES["timeline"])]
        assert found == await dump(reference, TOY)
        assert found.left == {Left("latest", "riverbend", ident("ada"))}
        assert [content.rows for content in found.tables.values()] == [4, 5, 1, 2, 0, 2, 1]
        assert table[1].decode().split(",")[-9:] == TIMELINE_ENDS


def _everything() -> dict[str, Any]:
    names = ("b", "a", "c", AWKWARD)
    records = [("riverbend", record, 1, "t", ident(record)) for record in ("Z", "a", "ä", "家", "_")]
    latest = [("riverbend", record, ident("r"), "x", NOON, False) for record in (ident("ada"), "else")]
    rows = {
        "client": [counted(name, 1) for name in names],
        "timeline": [told()],
        "history": records,
        "latest": latest,
        "mention": [mentioned("b", 2), mentioned("a", 1)],
    }
    return {"rows": rows, "refusals": [refusal(1), refusal(2)], "parked": [parked("latest", 4)]}
