from datetime import timedelta

from projections.referral import REFERRAL
from projections.referral.state import Client
from projections.ruling import Refused
from tests.support.events import CONSENT, NOON, OFFER, Told, ident, partner, system
from tests.support.story import History

MINUTE = timedelta(minutes=1)
BACKFILL = {"backfill": ident("backfill")}


def history() -> History:
    return History(REFERRAL)


def test_a_registered_client_is_known_from_then_on() -> None:
    told = Told()
    then = history().given(told("client.registered"))
    assert then.state("client") == Client(by="clinic", registered=NOON, last=NOON + MINUTE)


def test_a_backfilled_client_stands_at_the_time_it_happened() -> None:
    told = Told()
    then = history().given(told("client.registered", admitted=BACKFILL, time=NOON - 400 * MINUTE))
    before = NOON - 400 * MINUTE
    assert then.state("client") == Client(by="clinic", registered=before, last=before, backfilled=True)


def test_a_client_is_registered_once() -> None:
    told = Told()
    then = history().given(told("client.registered"))
    again = told("client.registered", source=partner("shelter"))
    assert then.when(again) == Refused("already-registered")


def test_only_a_partner_registers() -> None:
    told = Told()
    assert history().when(told("client.registered", source=system("vault"))) == Refused("not-permitted")


def test_an_event_about_a_client_has_the_client_as_its_subject() -> None:
    told = Told()
    event = told("client.registered", subject=ident("somebody else"))
    assert history().when(event) == Refused("unknown-subject", "client")


def test_nothing_is_said_of_a_client_who_is_not_registered() -> None:
    told = Told()
    for name in ("client.erased", "consent.granted", "referral.requested", "referral.offer_sent"):
        assert history().when(told(name)) == Refused("unknown-client")


def test_erasure_ends_open_offers_and_forgets_consents() -> None:
    told = Told()
    then = history().given(
        told("client.registered"),
        told("consent.granted"),
        told("referral.requested"),
        told("referral.offer_sent"),
        told("client.erased"),
    )
    assert then.state("client") == Client(by="clinic", registered=NOON, last=NOON + 5 * MINUTE, erased=True)
    offer = then.state("referral").offers[0]
    assert (offer.id, offer.status, offer.detail, offer.closed) == (OFFER, "cancelled", "client-erased", NOON)


def test_an_erasure_stands_though_the_history_before_is_ahead_of_the_brokers_clock() -> None:
    told = Told()
    ahead = {"admitted": BACKFILL, "time": NOON + timedelta(hours=1)}
    names = ("client.registered", "consent.granted", "referral.requested", "referral.offer_sent")
    then = history().given(*(told(name, **ahead) for name in names), told("client.erased"))
    client, referral = then.state("client"), then.state("referral")
    assert (client.erased, client.last, referral.last) == (True, ahead["time"], ahead["time"])
    assert referral.offers[0].detail == "client-erased"


def test_nothing_is_said_of_an_erased_client() -> None:
    told = Told()
    then = history().given(told("client.registered"), told("referral.requested"), told("client.erased"))
    for name in ("client.registered", "client.erased", "consent.granted", "referral.requested", "referral.offer_sent"):
        assert then.when(told(name)) == Refused("client-erased")


def test_erasure_takes_a_part_of_this_system_and_two_persons() -> None:
    told = Told()
    then = history().given(told("client.registered"))
    assert then.when(told("client.erased", source=partner("clinic"))) == Refused("not-permitted")
    assert then.when(told("client.erased", approver=None)) == Refused("needs-second-person")
    assert then.when(told("client.erased", actor=None)) == Refused("needs-second-person")
    same = ident("one person")
    assert then.when(told("client.erased", actor=same, approver=same)) == Refused("needs-second-person")


def test_history_is_loaded_in_order_before_what_is_live() -> None:
    told = Told()
    then = history().given(told("client.registered"), told("referral.requested"))
    late = {"admitted": BACKFILL, "time": NOON - MINUTE}
    assert then.when(told("consent.granted", **late)) == Refused("out-of-order")
    then.given(told("consent.granted"))
    assert then.when(told("referral.offer_sent", **late)) == Refused("out-of-order")
    assert then.when(told("consent.revoked", **late)) == Refused("out-of-order")
    then.given(told("referral.offer_sent", consent_id=CONSENT))
    assert then.when(told("referral.offer_viewed", **late)) == Refused("out-of-order")


def test_an_instant_may_be_the_same_as_the_one_before() -> None:
    told = Told()
    same = {"admitted": BACKFILL, "time": NOON}
    history().given(told("client.registered", **same), told("consent.granted", **same), told("consent.revoked", **same))
