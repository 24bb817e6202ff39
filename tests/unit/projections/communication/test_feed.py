"""Who is told what: each side of an offer, once, and nobody else."""

from datetime import datetime
from typing import Any, get_args

import pytest

from events.catalogue import Event
from projections.communication import COMMUNICATION
from projections.communication.feed import FEED
from projections.communication.notes import GONE, NOTES, REFUSED, TO_CLASS, UNAWAITED, Kind, Next, Why
from projections.dump import compared, differences
from projections.memory import MemoryStore
from projections.referral.rules import DESERTED, OPENED
from projections.referral.transitions import Fact
from tests.support.caselog import log
from tests.support.events import CLIENT, NOON, OFFER, REFERRAL, Told, ident, lines, partner, system
from tests.support.folding import folded

OPENING = ("client.registered", "consent.granted", "referral.requested", "referral.offer_sent")


async def feed(events: list[Event], size: int = 100, when: datetime = NOON) -> list[dict[str, Any]]:
    """Return what partners are told of these events, in the log's order."""
    store = MemoryStore(COMMUNICATION)
    await folded(store, lines(events, recorded=when), size, COMMUNICATION)
    rows = sorted(store.tables["feed"].values(), key=lambda row: row[2:5])
    return [dict(zip(FEED.columns, row, strict=True)) for row in rows]


def shown(rows: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    return [(row["partner"], row["kind"], row["next"]) for row in rows]


def test_every_fact_has_its_notes_and_every_word_is_used() -> None:
    assert set(NOTES) == set(get_args(Fact))
    notes = [*(note for told in NOTES.values() for note in told), TO_CLASS, GONE, UNAWAITED, REFUSED]
    assert {note.kind for note in notes} == set(get_args(Kind))
    assert {note.to for note in notes} == set(get_args(Why))
    assert {note.next for note in notes} == set(get_args(Next))


async def test_each_side_hears_what_the_other_did() -> None:
    told = Told()
    rest = ("offer_viewed", "offer_accepted", "service_started", "outcome_recorded", "outcome_acknowledged")
    rows = await feed([told(name) for name in (*OPENING, *(f"referral.{name}" for name in rest))])
    assert shown(rows) == [
        ("shelter", "offer-arrived", "answer-offer"),
        ("clinic", "offer-viewed", "nothing"),
        ("clinic", "offer-accepted", "nothing"),
        ("clinic", "service-started", "nothing"),
        ("clinic", "offer-served", "acknowledge-outcome"),
        ("shelter", "outcome-acknowledged", "nothing"),
    ]
    assert {(row["referral"], row["offer"], row["counterpart"]) for row in rows[1:5]} == {(REFERRAL, OFFER, "shelter")}
    assert [row["record_offset"] for row in rows] == [3, 4, 5, 6, 7, 8]


async def test_a_decline_says_its_reason() -> None:
    told = Told()
    *_, last = await feed([told(name) for name in (*OPENING, "referral.offer_declined")])
    assert (last["partner"], last["kind"], last["code"], last["next"]) == (
        "clinic",
        "offer-declined",
        "no-capacity",
        "offer-elsewhere",
    )


async def test_looking_again_is_no_news_and_a_system_s_fetch_never_is() -> None:
    told = Told()
    views = [told("referral.offer_viewed", by=by) for by in ("system", "person", "link", "person")]
    events = [*map(told, OPENING), *views, told("referral.offer_declined")]
    events += [told("referral.outcome_acknowledged"), told("referral.outcome_acknowledged")]
    assert [row["kind"] for row in await feed(events)] == [
        "offer-arrived",
        "offer-viewed",
        "offer-declined",
        "outcome-acknowledged",
    ]


@pytest.mark.parametrize("size", [1, 2, 100])
@pytest.mark.parametrize(
    ("ending", "code", "step"),
    [
        ("consent.revoked", "consent-revoked", "ask-for-consent"),
        ("consent.entered_in_error", "consent-revoked", "ask-for-consent"),
        ("client.erased", "client-erased", "nothing"),
    ],
)
async def test_an_end_of_sharing_reaches_both_sides_of_every_open_offer(
    ending: str, code: str, step: str, size: int
) -> None:
    told = Told()
    second = {"offer_id": ident("second"), "service_id": ident("other service")}
    *_, (a), (b), (c), (d) = await feed(
        [*map(told, OPENING), told("referral.offer_sent", **second), told(ending)], size
    )
    assert [(row["partner"], row["offer"], row["next"], row["ordinal"]) for row in (a, b, c, d)] == [
        ("shelter", OFFER, "stop-sharing", 0),
        ("clinic", OFFER, step, 1),
        ("shelter", second["offer_id"], "stop-sharing", 2),
        ("clinic", second["offer_id"], step, 3),
    ]
    assert {row["code"] for row in (a, b, c, d)} == {code}


@pytest.mark.parametrize(
    ("reason", "recipient", "sender"),
    [
        ("sender-left", ("offer-recalled", "stop-sharing"), ("offer-withdrawn", "offer-elsewhere")),
        ("sender-suspended", ("offer-recalled", "stop-sharing"), ("offer-withdrawn", "offer-elsewhere")),
        ("consent-expired", ("offer-cancelled", "stop-sharing"), ("offer-cancelled", "ask-for-consent")),
    ],
)
async def test_what_the_clock_withdraws_reaches_both_sides(
    reason: str, recipient: tuple[str, str], sender: tuple[str, str]
) -> None:
    told = Told()
    over = {"reason": reason, "deadline": "2026-03-05T00:00:00Z", "source": system("timekeeper")}
    agreed = told("consent.granted", expires_at="2026-03-05T00:00:00Z")
    opening = [agreed if name == "consent.granted" else told(name) for name in OPENING]
    *_, asked, asks = await feed([*opening, told("referral.withdrawn", **over)])
    assert [(row["partner"], row["kind"], row["next"]) for row in (asked, asks)] == [
        ("shelter", *recipient),
        ("clinic", *sender),
    ]
    assert asked["code"] == asks["code"] == reason.replace("suspended", "left")


async def test_members_of_a_class_hear_only_that_what_they_were_asked_is_gone() -> None:
    told = Told()
    gone = told("referral.withdrawn", source=system("timekeeper"), reason="sender-left")
    rows = (await feed([*asked_of_class(told), gone], when=OPENED))[2:]
    heard = [(row["partner"], row["kind"], row["code"], row["counterpart"], row["type"]) for row in rows]
    assert heard == [
        ("clinic", "offer-withdrawn", "sender-left", None, "referral.withdrawn"),
        ("shelter", "offer-gone", None, None, "withheld"),
        ("pantry", "offer-gone", None, None, "withheld"),
    ]


@pytest.mark.parametrize(
    ("of_class", "asked"),
    [
        (False, [("shelter", "offer-recalled", "stop-sharing")]),
        (True, [("shelter", "offer-gone", "nothing"), ("pantry", "offer-gone", "nothing")]),
    ],
)
async def test_what_ran_out_is_told_to_be_gone_once_as_its_sender_left(of_class: bool, asked: list[Any]) -> None:
    told = Told()
    opening = asked_of_class(told) if of_class else [*map(told, OPENING)]
    left = told("referral.withdrawn", source=system("timekeeper"), reason="sender-left")
    rows = await feed([*opening, told("referral.offer_expired"), left, told("referral.closed")], when=DESERTED)
    heard = shown([row for row in rows if row["record_offset"] > len(opening)])
    assert sorted(heard) == sorted([("clinic", "offer-withdrawn", "offer-elsewhere"), *asked])


def asked_of_class(told: Told, **agreed: Any) -> list[Event]:
    """Return what stands on the log once a class was asked, under a consent that names it."""
    meant = {"recipients": {"classes": ["housing"]}, "admitted": {"class_members": ["shelter", "pantry"]}}
    consent: dict[str, Any] = {**meant, **agreed}
    looked_up = {"class_members": ["shelter", "pantry"], "protected": False}
    offer = {"recipient": None, "to_class": "housing", "admitted": looked_up}
    opening = [told("client.registered"), told("consent.granted", **consent), told("referral.requested")]
    return [*opening, told("referral.offer_sent", **offer)]


def claimed(told: Told, who: str, *classes: str) -> Event:
    looked_up = {"recipient_classes": list(classes), "programme_class": "general", "protected": False}
    return told("referral.offer_claimed", source=partner(who), admitted=looked_up)


@pytest.mark.parametrize(
    ("agreed", "hear"),
    [
        ({"except_recipients": ["pantry"]}, ["shelter"]),
        ({"recipients": {"partners": ["pantry"]}, "admitted": {}}, ["pantry"]),
        ({"recipients": {"partners": ["school"]}, "admitted": {}}, []),
    ],
)
async def test_members_whom_the_person_did_not_mean_hear_nothing(agreed: dict[str, Any], hear: list[str]) -> None:
    told = Told()
    rows = await feed([*asked_of_class(told, **agreed), told("referral.offer_recalled")], when=OPENED)
    assert [row["partner"] for row in rows if row["kind"] == "offer-open-to-class"] == hear
    assert [row["partner"] for row in rows if row["kind"] == "offer-gone"] == hear


async def test_a_class_is_told_what_it_may_claim_and_who_was_not_first_hears_so() -> None:
    told = Told()
    claims = [claimed(told, "shelter", "housing"), claimed(told, "pantry", "housing"), claimed(told, "school", "food")]
    rows = await feed([*asked_of_class(told), *claims], when=OPENED)
    assert [(row["partner"], row["kind"], row["counterpart"], row["code"]) for row in rows] == [
        ("shelter", "offer-open-to-class", None, None),
        ("pantry", "offer-open-to-class", None, None),
        ("clinic", "offer-claimed", "shelter", None),
        ("pantry", "offer-gone", None, None),
        ("pantry", "refused", None, "already-claimed"),
        ("school", "refused", None, "unknown-subject"),
    ]


async def test_of_what_nobody_claimed_its_sender_is_told() -> None:
    told = Told()
    rows = await feed([*asked_of_class(told), told("referral.offer_expired")], when=OPENED)
    [last] = [row for row in rows if row["why"] == "sender"]
    assert (last["partner"], last["kind"], last["counterpart"], last["code"]) == (
        "clinic",
        "offer-expired",
        None,
        "expired-no-response",
    )


@pytest.mark.parametrize("size", [1, 100])
@pytest.mark.parametrize("ending", ["offer_claimed", "offer_recalled", "entered_in_error", "consent.revoked"])
async def test_members_hear_that_an_open_offer_is_gone_and_nothing_else_of_it(ending: str, size: int) -> None:
    """Whatever ended it, everybody who could claim it is told the same, once."""
    told = Told()
    end = claimed(told, "shelter", "housing") if ending == "offer_claimed" else told(_full(ending))
    late = [told("referral.offer_accepted")] if ending == "offer_claimed" else []
    rows = await feed([*asked_of_class(told), end, *late], size, OPENED)
    gone = [row for row in rows if row["kind"] == "offer-gone"]
    assert [row["partner"] for row in gone] == (["pantry"] if ending == "offer_claimed" else ["shelter", "pantry"])
    for row in gone:
        assert (row["why"], row["next"], row["counterpart"], row["code"]) == ("class-member", "nothing", None, None)
        assert (row["type"], row["offer"], row["protected"]) == ("withheld", OFFER, False)


@pytest.mark.parametrize("size", [1, 100])
@pytest.mark.parametrize("ending", ["offer_claimed", "offer_sent", "closed", "entered_in_error"])
async def test_members_are_told_that_what_ran_out_can_be_claimed_and_when_it_is_gone(ending: str, size: int) -> None:
    told = Told()
    instead = {"offer_id": ident("second"), "recipient": "school", "service_id": ident("other"), "replaces": OFFER}
    meant = {"recipients": {"classes": ["housing"], "partners": ["school"]}}
    end = claimed(told, "shelter", "housing") if ending == "offer_claimed" else told(_full(ending))
    if ending == "offer_sent":
        end = told("referral.offer_sent", **instead)
    rows = await feed([*asked_of_class(told, **meant), told("referral.offer_expired"), end], size, OPENED)
    news = [(row["partner"], row["kind"], row["next"]) for row in rows if row["why"] == "class-member"]
    gone = ["pantry"] if ending == "offer_claimed" else ["shelter", "pantry"]
    assert news[2:] == [
        ("shelter", "offer-expired", "claim-offer"),
        ("pantry", "offer-expired", "claim-offer"),
        *((name, "offer-gone", "nothing") for name in gone),
    ]


def _full(ending: str) -> str:
    return ending if "." in ending else f"referral.{ending}"


async def test_nobody_hears_that_it_is_gone_as_long_as_it_can_be_claimed() -> None:
    """Negative control: what is said of an open offer without ending it is no news to its class."""
    told = Told()
    rows = await feed([*asked_of_class(told), told("referral.client_asked")], when=OPENED)
    assert [row["kind"] for row in rows] == ["offer-open-to-class"] * 2


@pytest.mark.parametrize("source", ["urn:manyhands:client-link:c", partner("clinic")])
@pytest.mark.parametrize("stops", [True, False])
async def test_a_client_s_answer_reaches_both_sides_and_so_does_an_end_of_sharing(stops: bool, source: str) -> None:
    """That they answered is news beside what it ended, whoever passed it on; of other offers the end alone is."""
    told = Told()
    second = {"offer_id": ident("second"), "service_id": ident("other service")}
    event = told("referral.client_answered", stop_sharing=stops, source=source)
    rows = await feed([*map(told, OPENING), told("referral.offer_sent", **second), event])
    found = {(row["partner"], row["kind"], row["offer"] == OFFER) for row in rows[2:]}
    answered = {("clinic", "client-answered", True), ("shelter", "client-answered", True)}
    ended = {(each, "offer-cancelled", own) for each in ("clinic", "shelter") for own in (True, False)}
    assert found == (answered | ended if stops else answered)
    assert len(rows[2:]) == len(found)


async def test_whoever_said_what_is_refused_is_told_why() -> None:
    told = Told()
    events = [*map(told, OPENING), told("referral.service_started")]
    *_, last = await feed(events)
    assert (last["partner"], last["kind"], last["why"], last["code"], last["type"]) == (
        "shelter",
        "refused",
        "author",
        "illegal-transition",
        "referral.service_started",
    )
    assert last["event"] == events[-1].id


async def test_an_id_used_again_for_something_else_is_told_too() -> None:
    told = Told()
    first = told("client.registered")
    reused = told("consent.granted").model_copy(update={"id": first.id})
    for size in (1, 2):
        (row,) = await feed([first, reused], size)
        assert (row["partner"], row["kind"], row["code"], row["referral"]) == ("clinic", "refused", "id-reused", None)


STRANGE = [
    ("referral.offer_accepted", {"source": partner("stranger")}),
    ("referral.outcome_acknowledged", {"source": partner("stranger")}),
    ("referral.requested", {"source": partner("stranger")}),
    ("referral.offer_sent", {"source": partner("stranger"), "offer_id": ident("another")}),
    ("consent.revoked", {"source": partner("stranger")}),
    ("referral.offer_accepted", {"source": partner("stranger"), "subject": ident("nothing there")}),
]


@pytest.mark.parametrize(("name", "said"), STRANGE)
async def test_to_one_who_takes_no_part_everything_looks_alike(name: str, said: dict[str, Any]) -> None:
    told = Told()
    protected = {"admitted": {"programme_class": "substance-use", "protected": True}}
    opening = [told("client.registered"), told("consent.granted", programme_classes=["substance-use"])]
    opening += [told("referral.requested"), told("referral.offer_sent", **protected)]
    rows = await feed([*opening, told(name, **said)])
    (arrived,) = rows[:-1]
    assert (arrived["kind"], arrived["protected"]) == ("offer-arrived", True)
    last = rows[-1]
    assert (last["partner"], last["code"], last["counterpart"]) == ("stranger", "unknown-subject", None)
    assert last["protected"] is False


async def test_history_loaded_later_is_no_news_but_what_is_refused_of_it_is() -> None:
    told = Told()
    late = {"admitted": {"backfill": ident("backfill")}}
    rows = await feed([told(name, **late) for name in (*OPENING, "referral.service_started")])
    assert shown(rows) == [("shelter", "refused", "say-it-again-corrected")]


async def test_only_the_two_sides_of_an_offer_hear_of_it_and_nothing_holds_the_client() -> None:
    store = MemoryStore(COMMUNICATION)
    await folded(store, log(7, 60), 50, COMMUNICATION)
    rows = [dict(zip(FEED.columns, row, strict=True)) for row in store.tables["feed"].values()]
    clients = {row[1] for row in store.tables["client"].values()}
    assert rows
    assert not any(str(value) in clients for row in rows for value in row.values())
    told = [row for row in rows if row["kind"] != "refused"]
    asked = [row for row in told if row["why"] == "class-member"]
    assert {(row["partner"], row["counterpart"]) for row in asked} == {("shelter", None), ("pantry", None)}
    between = {(row["partner"], row["counterpart"]) for row in told if row["why"] != "class-member"}
    # Of an offer that nobody claimed its sender alone is told.
    assert between == {("clinic", "shelter"), ("shelter", "clinic"), ("clinic", None)}


@pytest.mark.parametrize("seed", range(3))
async def test_any_cut_into_batches_tells_the_same(seed: int) -> None:
    records = log(seed, 12)
    whole = MemoryStore(COMMUNICATION)
    await folded(whole, records, len(records), COMMUNICATION)
    for size, cache in ((1, 50_000), (7, 50_000), (7, 3), (20, 0)):
        store = MemoryStore(COMMUNICATION)
        await folded(store, records, size, COMMUNICATION, cache)
        assert differences(*await compared(whole, store, COMMUNICATION)) == []
    assert not whole.parked


async def test_what_is_told_carries_both_times() -> None:
    told = Told()
    (row,) = await feed([told(name) for name in OPENING])
    assert (row["happened"], row["recorded"], row["initiative"]) == (NOON, NOON, "riverbend")
    assert CLIENT not in map(str, row.values())
