"""What one event ends is told of each offer under an id of its own: nobody sees by it that two are one person's."""

from collections import Counter
from typing import Any

import pytest

from events.catalogue import Event
from events.ids import Keyed, derived_id
from projections.communication import COMMUNICATION
from projections.communication.feed import WITHHELD
from projections.memory import MemoryStore
from projections.referral.rules import OPENED
from tests.support.caselog import log
from tests.support.events import OFFER, REFERRAL, Told, ident, partner
from tests.support.folding import folded
from tests.unit.projections.communication.test_feed import OPENING, asked_of_class, claimed, feed

SECOND = {"offer_id": ident("second"), "service_id": ident("other service")}
ENDINGS = ("consent.revoked", "consent.entered_in_error", "client.erased")
Rows = list[dict[str, Any]]


def two_asked(told: Told) -> list[Event]:
    """Return what stands on the log once a class was asked twice for one person, for two needs."""
    looked_up = {"class_members": ["shelter", "pantry"], "protected": False}
    again = {**SECOND, "recipient": None, "to_class": "housing", "subject": ident("other need"), "admitted": looked_up}
    other = told("referral.requested", subject=ident("other need"))
    return [*asked_of_class(told), other, told("referral.offer_sent", **again)]


def shared(rows: Rows) -> dict[str, int]:
    """Return the ids under which more than one offer is spoken of."""
    offers = {(row["event"], row["referral"], row["offer"]) for row in rows if row["kind"] != "refused"}
    return {event: count for event, count in Counter(event for event, *_ in offers).items() if count > 1}


@pytest.mark.parametrize("ending", ENDINGS)
async def test_members_of_two_offers_that_end_at_once_are_told_of_each_apart(ending: str) -> None:
    told = Told()
    end = told(ending)
    gone = [row for row in await feed([*two_asked(told), end], when=OPENED) if row["kind"] == "offer-gone"]
    assert len(gone) == 4
    assert {row["type"] for row in gone} == {WITHHELD}
    assert end.id not in {row["event"] for row in gone}
    assert shared(gone) == {}


@pytest.mark.parametrize("ending", ENDINGS)
async def test_sides_of_two_offers_that_end_at_once_are_told_so_openly_and_of_each_apart(ending: str) -> None:
    told = Told()
    end = told(ending)
    rows = await feed([*map(told, OPENING), told("referral.offer_sent", **SECOND), end])
    ended = [row for row in rows if row["kind"] == "offer-cancelled"]
    assert len(ended) == 4
    assert ({row["type"] for row in ended}, {row["code"] for row in ended} - {None}) == ({ending}, {ended[0]["code"]})
    assert end.id not in {row["event"] for row in ended}
    assert shared(ended) == {}


async def test_that_the_client_answered_elsewhere_is_not_told_with_the_end_of_another_offer() -> None:
    told = Told()
    answer = told("referral.client_answered", stop_sharing=True, source="urn:manyhands:client-link:c")
    rows = await feed([*map(told, OPENING), told("referral.offer_sent", **SECOND), answer])
    named = {(row["offer"] == OFFER, row["event"] == answer.id, row["type"]) for row in rows[2:]}
    assert named == {(True, True, "referral.client_answered"), (False, False, WITHHELD)}


async def test_who_claimed_it_is_not_known_by_the_id_of_the_claim() -> None:
    told = Told()
    claim = claimed(told, "shelter", "housing")
    rows = await feed([*asked_of_class(told), claim], when=OPENED)
    assert {row["kind"]: row["event"] == claim.id for row in rows[2:]} == {"offer-claimed": True, "offer-gone": False}


async def test_whoever_knows_the_event_and_the_offer_cannot_work_it_out() -> None:
    """The digest is the key, and stands on the log alone; with another one the id is another."""
    told = Told()
    end = told("client.erased")
    *_, gone = await feed([*asked_of_class(told), end], when=OPENED)
    digest = end.data.admitted.digest
    assert gone["event"] == derived_id(Keyed(bytes.fromhex(digest)), "told", REFERRAL, OFFER)
    for known in (end.id, end.source, OFFER, ""):
        assert gone["event"] != derived_id(Keyed(known.encode()), "told", REFERRAL, OFFER)


async def test_what_is_told_of_one_offer_alone_keeps_its_event() -> None:
    told = Told()
    events = [*map(told, OPENING), told("referral.offer_declined"), told("referral.offer_declined")]
    arrived, declined, refused = await feed(events)
    assert [row["event"] for row in (arrived, declined, refused)] == [each.id for each in events[3:]]


async def test_in_a_log_with_everything_on_it_no_id_joins_two_offers() -> None:
    assert shared(await everything()) == {}


async def test_an_id_that_joins_them_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: told under the event's own id, offers of one person are joined."""
    monkeypatch.setattr("projections.communication.feed.derived_id", lambda *_: ident("the event's own"))
    assert shared(await everything())


async def everything() -> Rows:
    store = MemoryStore(COMMUNICATION)
    await folded(store, log(7, 120), 50, COMMUNICATION)
    columns = tuple(COMMUNICATION.views[1].table.columns)
    return [dict(zip(columns, row, strict=True)) for row in store.tables["feed"].values()]


LEFT_OUT = {"except_recipients": ["pantry"]}


async def test_who_is_left_out_hears_that_it_is_gone_at_once_and_no_more() -> None:
    told = Told()
    narrowed = told("consent.narrowed", **LEFT_OUT)
    later = [told("referral.reminded"), told("referral.offer_recalled")]
    rows = await feed([*asked_of_class(told), narrowed, *later], when=OPENED)
    assert [(row["partner"], row["kind"], row["record_offset"]) for row in rows if row["why"] == "class-member"] == [
        ("shelter", "offer-open-to-class", 3),
        ("pantry", "offer-open-to-class", 3),
        ("pantry", "offer-gone", 4),
        ("shelter", "offer-gone", 6),
    ]
    # The sender's offer has not ended.
    assert [row["kind"] for row in rows if row["partner"] == "clinic"] == []


@pytest.mark.parametrize("size", [1, 100])
@pytest.mark.parametrize("claims_first", [True, False])
async def test_who_is_left_out_is_refused_as_of_what_is_not_there(claims_first: bool, size: int) -> None:
    told = Told()
    first = [claimed(told, "shelter", "housing")] if claims_first else []
    events = [*asked_of_class(told), told("consent.narrowed", **LEFT_OUT), *first, claimed(told, "pantry", "housing")]
    *_, last = await feed(events, size, OPENED)
    assert (last["partner"], last["kind"], last["code"]) == ("pantry", "refused", "unknown-subject")


async def test_who_was_asked_of_an_erased_client_hears_nothing_of_that() -> None:
    told = Told()
    erased = [*asked_of_class(told), told("client.erased"), claimed(told, "pantry", "housing")]
    *_, last = await feed(erased, when=OPENED)
    assert (last["partner"], last["kind"], last["code"]) == ("pantry", "refused", "unknown-subject")


async def test_a_narrowing_that_leaves_nobody_out_is_no_news(monkeypatch: pytest.MonkeyPatch) -> None:
    told = Told()
    rows = await feed([*asked_of_class(told), told("consent.narrowed", except_recipients=["school"])], when=OPENED)
    assert [row["kind"] for row in rows] == ["offer-open-to-class"] * 2
    # A control: as long as nobody is taken from the offer, whoever is left out hears of its end once more.
    monkeypatch.setattr("projections.referral.evolve._left_out", lambda offer, _: offer)
    told = Told()
    narrowed = [*asked_of_class(told), told("consent.narrowed", **LEFT_OUT), told("referral.offer_recalled")]
    gone = [row for row in await feed(narrowed, when=OPENED) if row["kind"] == "offer-gone"]
    assert [(row["partner"], row["record_offset"]) for row in gone] == [("shelter", 5), ("pantry", 5)]


async def test_a_stranger_is_told_what_whoever_is_left_out_is_told() -> None:
    told = Told()
    events = [*asked_of_class(told, **LEFT_OUT), claimed(told, "pantry", "housing"), claimed(told, "school", "food")]
    unknown = told("referral.offer_claimed", source=partner("pantry"), offer_id=ident("no such offer"))
    *_, left_out, stranger, nothing = await feed([*events, unknown], when=OPENED)
    shown = ("kind", "next", "code", "counterpart", "protected")
    assert len({tuple(row[name] for name in shown) for row in (left_out, stranger, nothing)}) == 1
