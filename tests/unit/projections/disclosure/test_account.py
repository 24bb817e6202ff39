"""Disclosures folded: one row for each, by whoever may say so, once."""

from typing import get_args

from events.catalogue import DisclosureEvent, Event, type_of
from projections.disclosure import DISCLOSURE
from projections.disclosure.account import ACCOUNT
from projections.disclosure.rules import RULES
from projections.memory import MemoryStore
from projections.refusal import REFUSAL
from tests.support.events import CLIENT, NOON, RECIPIENT, REFERRAL, SENDER, Told, ident, lines, partner, system
from tests.support.folding import CASES, folded


async def made(*events: Event) -> MemoryStore:
    store = MemoryStore(DISCLOSURE)
    await folded(store, lines(events), 10, DISCLOSURE)
    return store


def test_every_type_of_the_topic_has_a_rule() -> None:
    assert {type_of(each) for each in get_args(DisclosureEvent)} == RULES.types


async def test_a_reading_and_a_file_have_a_row_each() -> None:
    told = Told()
    who = {"actor": ident("somebody"), "consent_id": ident("consent")}
    store = await made(
        told("disclosure.opened", subject=REFERRAL, fields=["details", "note"], **who),
        told("disclosure.exported", subject=SENDER, partitionkey=SENDER, reader=SENDER),
    )
    rows = [dict(zip(ACCOUNT.columns, row, strict=True)) for row in store.tables[ACCOUNT.name].values()]
    told_of = [
        {name: row[name] for name in ("record", "type", "subject", "reader", "fields", "filters")} for row in rows
    ]
    assert told_of == [
        {
            "record": CLIENT,
            "type": "disclosure.opened",
            "subject": REFERRAL,
            "reader": RECIPIENT,
            "fields": "details note",
            "filters": "",
        },
        {
            "record": SENDER,
            "type": "disclosure.exported",
            "subject": SENDER,
            "reader": SENDER,
            "fields": "id status",
            "filters": "status",
        },
    ]
    assert (rows[0]["actor"], rows[0]["consent"]) == (who["actor"], who["consent_id"])
    assert [(row["record_offset"], row["partition"], row["happened"]) for row in rows] == [
        (0, CASES.number, NOON),
        (1, CASES.number, NOON),
    ]


async def test_glass_broken_by_no_partner_is_its_source_s() -> None:
    told = Told()
    store = await made(told("disclosure.broke_glass"), told("disclosure.broke_glass", reader=partner(RECIPIENT)))
    readers = [row[ACCOUNT.place("reader")] for row in store.tables[ACCOUNT.name].values()]
    assert readers == [system("operator"), RECIPIENT]


async def test_what_was_turned_away_has_no_row() -> None:
    store = await made(Told()("admission.refused", source=system("admission"), subject=SENDER, partitionkey=SENDER))
    assert store.tables[ACCOUNT.name] == store.tables[REFUSAL.name] == {}


async def test_nobody_but_the_system_says_who_read() -> None:
    store = await made(Told()("disclosure.opened", source=partner(SENDER)))
    assert store.tables[ACCOUNT.name] == {}
    [row] = store.tables[REFUSAL.name].values()
    assert row[REFUSAL.place("code")] == "not-permitted"


async def test_the_same_reading_told_again_is_one() -> None:
    event = Told()("disclosure.opened")
    store = await made(event, event)
    assert len(store.tables[ACCOUNT.name]) == 1
