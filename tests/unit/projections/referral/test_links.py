"""Two ids of one person: two persons say so, no record moves, and the same two may take it back."""

from typing import Any

import pytest

from projections.referral import REFERRAL
from projections.referral.state import Client
from projections.ruling import Refused
from tests.support.events import NOON, Told, ident, partner
from tests.support.story import History
from tests.unit.projections.referral.beginnings import MINUTE, offered

OTHER = ident("other client")


def registered(told: Told) -> History:
    return History(REFERRAL).given(told("client.registered"))


def test_a_link_is_a_pointer_and_moves_nothing() -> None:
    told = Told()
    then = offered(told)
    before = then.state("referral")
    then.given(told("client.linked"))
    client: Client = then.state("client")
    assert (client.linked, client.last, len(client.open_offers)) == ((OTHER,), NOON + 5 * MINUTE, 1)
    assert then.state("referral") == before


def test_it_is_said_once_and_never_of_oneself() -> None:
    told = Told()
    then = registered(told).given(told("client.linked"))
    assert then.when(told("client.linked")) == Refused("already-exists", "link")
    assert then.when(told("client.linked", other_client=told.client)) == Refused("already-exists", "link")


def test_it_is_taken_back_and_may_be_found_again() -> None:
    told = Told()
    then = registered(told)
    assert then.when(told("client.unlinked")) == Refused("unknown-subject", "link")
    then.given(told("client.linked"), told("client.unlinked"))
    assert then.state("client").linked == ()
    assert then.when(told("client.unlinked")) == Refused("unknown-subject", "link")
    then.given(told("client.linked"))


@pytest.mark.parametrize("name", ["linked", "unlinked"])
@pytest.mark.parametrize(
    ("said", "refused"),
    [
        ({"source": partner("clinic")}, Refused("not-permitted")),
        ({"source": "urn:manyhands:client-link:c"}, Refused("not-permitted")),
        ({"approver": None}, Refused("needs-second-person")),
        ({"actor": None}, Refused("needs-second-person")),
        ({"approver": ident("coordinator")}, Refused("needs-second-person")),
        ({"subject": ident("somebody")}, Refused("unknown-subject", "client")),
    ],
)
def test_two_persons_say_so_through_a_part_of_this_system(name: str, said: dict[str, Any], refused: Refused) -> None:
    told = Told()
    assert registered(told).when(told(f"client.{name}", **said)) == refused


def test_links_are_bounded() -> None:
    told = Told()
    then = registered(told)
    for number in range(20):
        then.given(told("client.linked", other_client=ident(f"other {number}")))
    assert then.when(told("client.linked", other_client=ident("one more"))) == Refused("too-many", "links")


def test_nothing_is_linked_before_what_is_known_nor_after_erasure() -> None:
    told = Told()
    then = registered(told)
    early = {"admitted": {"backfill": ident("backfill")}, "time": NOON - MINUTE}
    assert then.when(told("client.linked", **early)) == Refused("out-of-order")
    then.given(told("client.erased"))
    assert then.when(told("client.linked")) == Refused("client-erased")
