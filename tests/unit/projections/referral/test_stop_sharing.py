"""A client's answer that ends a consent reaches every offer that relies on it, however the log is cut."""

import pytest

from projections.dump import compared, differences
from projections.memory import MemoryStore
from projections.referral import REFERRAL
from projections.referral.state import decode_referral
from tests.support.events import Told, ident, lines
from tests.support.folding import folded

FIRST, SECOND = ident("first need"), ident("second need")


@pytest.mark.parametrize("size", [1, 4, 5, 7])
async def test_an_answer_in_the_batch_that_made_its_offer_ends_the_earlier_ones(size: int) -> None:
    told = Told()
    offer = {"offer_id": ident("second offer"), "service_id": ident("another service")}
    events = [
        told("client.registered"),
        told("consent.granted"),
        told("referral.requested", subject=FIRST),
        told("referral.offer_sent", subject=FIRST),
        told("referral.requested", subject=SECOND),
        told("referral.offer_sent", subject=SECOND, **offer),
        told("referral.client_answered", subject=SECOND, offer_id=offer["offer_id"], stop_sharing=True),
    ]
    store, whole = MemoryStore(REFERRAL), MemoryStore(REFERRAL)
    await folded(store, lines(events), size, REFERRAL)
    await folded(whole, lines(events), 100, REFERRAL)
    assert differences(*await compared(whole, store, REFERRAL)) == []
    place = REFERRAL.kinds["referral"].table.place("state")
    states = [decode_referral(row[place]) for row in store.tables["referral"].values()]
    assert [offer.detail for state in states for offer in state.offers] == ["consent-revoked"] * 2
