from datetime import UTC, datetime
from itertools import permutations

import pytest

from events.catalogue import TYPES
from events.door import PLACES
from events.fields import Sealed
from projections.projection import At, Entry
from projections.record import Partition
from projections.referral import REFERRAL
from projections.referral.projection import offer_detail
from projections.referral.sealed import SEALED_FIELDS, SealedText
from projections.referral.state import Offer
from projections.referral.status import Loop, standing
from projections.referral.transitions import Status
from projections.ruling import APPLIED, Refused
from tests.support.events import CLIENT, NOON, OFFER, SEALED, SERVICE, Told, partner
from tests.support.events import REFERRAL as REFERRAL_ID
from tests.support.story import History

AT = At(Partition("a-topic", 0), 0, NOON, NOON)


def offer(status: Status, detail: str = "") -> Offer:
    return Offer(
        id=status + detail,
        recipient="shelter",
        service=SERVICE,
        status=status,
        detail=detail,
        consent="c",
        purpose="p",
        data_classes=(),
        respond_by=NOON,
        sent=NOON,
    )


@pytest.mark.parametrize(
    ("offers", "status", "loop"),
    [
        ((), "draft", "not-opened"),
        ((offer("requested"),), "requested", "open"),
        ((offer("rejected"), offer("requested")), "requested", "open"),
        ((offer("requested"), offer("accepted")), "accepted", "open"),
        ((offer("accepted"), offer("in-progress")), "in-progress", "open"),
        ((offer("on-hold"), offer("requested")), "on-hold", "open"),
        ((offer("completed"), offer("in-progress")), "completed", "closed-served"),
        ((offer("rejected"),), "in-progress", "open"),
        ((offer("failed"), offer("cancelled", "consent-revoked")), "in-progress", "open"),
        ((offer("completed"), offer("cancelled", "client-erased")), "completed", "closed-served"),
    ],
)
def test_a_referrals_status_follows_from_its_offers_in_any_order(
    offers: tuple[Offer, ...], status: Status, loop: Loop
) -> None:
    for order in permutations(offers):
        assert standing(order)[:2] == (status, loop)


def test_of_offers_equally_far_the_latest_speaks() -> None:
    first, second = offer("rejected", "a"), offer("cancelled", "b")
    assert standing((first, second)).offer is second


def test_a_need_without_an_offer_has_a_row() -> None:
    told = Told()
    then = History(REFERRAL).given(told("client.registered"), told("referral.requested", area="north"))
    row = then.row("referral")
    assert row.pop("state")
    assert {name: value for name, value in row.items() if value is not None} == {
        "initiative": "riverbend",
        "record": CLIENT,
        "id": REFERRAL_ID,
        "status": "draft",
        "loop": "not-opened",
        "sender": "clinic",
        "taxonomy": "open-eligibility",
        "need": "shelter",
        "area": "north",
        "urgency": "soon",
        "protected": False,
        "requested_at": NOON,
        "offers": 0,
        "backfilled": False,
        "erased": False,
    }


def test_a_row_tells_of_the_offer_that_leads() -> None:
    told = Told()
    then = History(REFERRAL).given(
        told("client.registered"),
        told("consent.granted"),
        told("referral.requested"),
        told("referral.offer_sent", admitted={"programme_class": "general", "protected": False}),
        told("referral.offer_viewed"),
        told("referral.offer_accepted"),
        told("referral.outcome_recorded", outcome="not-delivered", reason="no-show", outputs=[]),
    )
    row = then.row("referral")
    names = ("status", "detail", "loop", "recipient", "service", "programme_class", "outcome", "reason", "offers")
    assert tuple(row[name] for name in names) == (
        "in-progress",
        "not-served",
        "open",
        "shelter",
        SERVICE,
        "general",
        "not-delivered",
        "no-show",
        1,
    )
    times = ("sent_at", "responded_at", "accepted_at", "started_at", "closed_at", "acknowledged_at", "respond_by")
    due = datetime(2026, 3, 9, 12, tzinfo=UTC)
    assert tuple(row[name] for name in times) == (NOON, NOON, NOON, None, NOON, None, due)


def test_a_clients_row_counts_what_is_in_force() -> None:
    told = Told()
    then = History(REFERRAL).given(
        told("client.registered"),
        told("consent.granted"),
        told("referral.requested"),
        told("referral.offer_sent"),
    )
    assert (then.row("client")["consents"], then.row("client")["open_offers"]) == (1, 1)
    then.given(told("consent.revoked"))
    assert (then.row("client")["consents"], then.row("client")["open_offers"]) == (0, 0)


def test_sealed_text_is_kept_for_the_place_it_was_sealed_for() -> None:
    told = Told()
    event = told("referral.outcome_recorded", note=SEALED)
    rows = list(SealedText().rows(Entry(event, APPLIED, AT, {})))
    assert rows == [
        (
            "riverbend",
            CLIENT,
            partner("shelter"),
            event.id,
            "/data/note",
            REFERRAL_ID,
            OFFER,
            "org.manyhands.referral.outcome_recorded.v1",
            Sealed.model_validate(SEALED).model_dump_json(),
            False,
        )
    ]


def test_sealed_text_of_a_client_belongs_to_no_referral() -> None:
    event = Told()("client.registered", details=SEALED)
    (row,) = SealedText().rows(Entry(event, APPLIED, AT, {}))
    assert row[4:7] == ("/data/details", None, None)


def test_nothing_is_kept_of_a_refused_event_or_one_without_sealed_text() -> None:
    told = Told()
    refused = Entry(told("client.registered", details=SEALED), Refused("already-registered"), AT, {})
    plain = Entry(told("referral.requested"), APPLIED, AT, {})
    assert [list(SealedText().rows(entry)) for entry in (refused, plain)] == [[], []]


def test_every_sealed_place_of_a_case_has_its_row() -> None:
    kept = {(event, (name,)) for event, names in SEALED_FIELDS.items() for name in names}
    there = {
        (TYPES[full], place.path)
        for full, places in PLACES.items()
        for place in places
        if place.marker is Sealed and full.split(".")[2] in ("client", "consent", "referral", "episode")
    }
    assert kept == there


def test_the_timeline_tells_how_the_entry_left_the_offer() -> None:
    told = Told()
    then = History(REFERRAL).given(
        told("client.registered"), told("consent.granted"), told("referral.requested"), told("referral.offer_sent")
    )
    changed = {key: state for key, state in then.states.items() if key.kind == "referral"}
    assert offer_detail(Entry(told("referral.offer_viewed"), APPLIED, AT, changed)) == "sent"
    assert offer_detail(Entry(told("referral.offer_viewed"), Refused("not-your-offer"), AT, {})) is None
    assert offer_detail(Entry(told("referral.requested"), APPLIED, AT, changed)) is None
