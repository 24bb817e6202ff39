"""Who finds a referral beside those whom the board names, and that nothing is written while that stays so."""

from datetime import datetime
from typing import Any

import pytest

from events.catalogue import Event
from projections.projection import At, Entry, Row
from projections.record import Partition
from projections.referral import REFERRAL
from projections.referral.asked import Asked
from projections.referral.rules import OPENED
from projections.ruling import APPLIED
from tests.support.events import NOON, OFFER, Told, ident
from tests.support.story import History
from tests.unit.projections.referral.beginnings import CLASS, TO_CLASS, claim

AT = At(Partition("a-topic", 0), 0, NOON, NOON)
SECOND, BEDS = ident("second offer"), ident("other beds")


class Finding(History):
    """A history that keeps the view's rows, as their table would."""

    def __init__(self, at: datetime = OPENED) -> None:
        super().__init__(REFERRAL, at)
        self.rows: dict[str, Row] = {}
        #: How often each event wrote a row.
        self.written: list[int] = []

    def when(self, event: Event) -> Any:
        before = dict(self.states)
        ruling = super().when(event)
        changed = {key: state for key, state in self.states.items() if before.get(key) is not state}
        rows = tuple(Asked().rows(Entry(event, APPLIED, AT, changed, before)))
        self.rows |= {row[3]: row for row in rows}
        self.written.append(len(rows))
        return ruling

    def finds(self) -> set[tuple[str, str | None, str | None]]:
        """Return each offer that something finds, with the partner or the class that does."""
        return {row[3:6] for row in self.rows.values() if row[4:6] != (None, None)}


def begun(told: Told, **consent: Any) -> Finding:
    return Finding().given(
        told("client.registered"), told("consent.granted", **CLASS | consent), told("referral.requested")
    )


def second(told: Told, **said: Any) -> Event:
    return told("referral.offer_sent", **{"offer_id": SECOND, "recipient": "pantry", "service_id": BEDS, **said})


def test_of_one_offer_to_one_partner_nothing_is_written() -> None:
    told = Told()
    names = ("offer_sent", "offer_viewed", "offer_accepted", "service_started", "outcome_recorded")
    then = begun(told).given(*(told(f"referral.{name}") for name in names))
    assert not any(then.written)


def test_from_the_second_offer_on_each_partner_finds_it_whatever_becomes_of_them() -> None:
    told = Told()
    then = begun(told).given(told("referral.offer_sent"), second(told))
    both = {(OFFER, "shelter", None), (SECOND, "pantry", None)}
    assert (then.finds(), then.written[-2:]) == (both, [0, 2])
    then.given(told("referral.offer_declined"), told("referral.offer_recalled", offer_id=SECOND))
    then.given(second(told, offer_id=ident("third"), service_id=ident("third")))
    assert then.written[-3:] == [0, 0, 1]
    assert then.finds() == {*both, (ident("third"), "pantry", None)}


def test_class_finds_it_until_it_is_claimed() -> None:
    told = Told()
    then = begun(told).given(told("referral.offer_sent", **TO_CLASS))
    assert then.finds() == {(OFFER, None, "housing")}
    then.given(claim(told))
    # The board names the claimer from then on.
    assert (then.finds(), then.written[-2:]) == (set(), [1, 1])
    then.given(second(told))
    assert then.finds() == {(OFFER, "shelter", None), (SECOND, "pantry", None)}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("referral.offer_recalled", {}),
        ("consent.revoked", {}),
        ("client.erased", {}),
    ],
)
def test_class_finds_nothing_that_waits_for_nobody(name: str, said: dict[str, Any]) -> None:
    told = Told()
    then = begun(told).given(told("referral.offer_sent", **TO_CLASS), second(told))
    assert then.finds() == {(OFFER, None, "housing"), (SECOND, "pantry", None)}
    then.given(told(name, **said))
    assert then.finds() == {(SECOND, "pantry", None)}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("referral.offer_sent", {"offer_id": SECOND, "service_id": BEDS, "replaces": OFFER}),
        ("referral.closed", {}),
        ("referral.entered_in_error", {}),
    ],
)
def test_class_finds_what_ran_out_as_long_as_its_sender_waits(name: str, said: dict[str, Any]) -> None:
    told = Told()
    then = begun(told).given(told("referral.offer_sent", **TO_CLASS))
    [row] = then.rows.values()
    then.given(told("referral.offer_expired"))
    assert (then.finds(), then.written[-1]) == ({(OFFER, None, "housing")}, 0)
    assert row[6] == datetime.fromisoformat("2026-03-09T12:00:00Z")
    then.given(told(name, **said))
    assert (OFFER, None, "housing") not in then.finds()
