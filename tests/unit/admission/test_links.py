"""What the holder of a link may say: of its own offer, or of what is the client's own, and nothing else."""

from dataclasses import replace
from typing import Any

import pytest

from events.authority import AUTHORITY, CLIENT_LINK, LINK, Who
from events.catalogue import short
from services.admission.caller import Caller, ClientLink, Link
from services.admission.standing import Standing
from services.admission.turned import Turned
from tests.support.admitting import CLINIC, SHELTER, consent, said, shelter
from tests.support.events import INITIATIVE, ident
from tests.support.scene import CLIENT, FOREIGN, GONE, NOW, REFERRAL, context, data_of, drafted, refused
from tests.support.telling import AT, asked, joined, offered, timed

OFFER, RANDOM = ident("an offer"), ident("random")
link = Link(INITIATIVE, SHELTER, OFFER, REFERRAL, CLIENT, RANDOM)
client = ClientLink(INITIATIVE, CLIENT, RANDOM)


def told(name: str, data: dict[str, Any], **attributes: Any) -> bytes:
    return said(f"referral.{name}", name, {"offer_id": OFFER, **data}, subject=REFERRAL, **AT, **attributes)


#: One row for everything that a link to an offer may say.
ANSWERS = {
    "offer_viewed": told("offer_viewed", {"by": "link"}),
    "offer_accepted": told("offer_accepted", {}),
    "offer_declined": told("offer_declined", {"reason": "other", "note": "No room"}),
    "contact_attempted": told("contact_attempted", {"channel": "phone", "result": "reached"}),
    "service_started": told("service_started", {}),
    "waitlisted": told("waitlisted", {}),
    "put_on_hold": told("put_on_hold", {"reason": "other"}),
    "resumed": told("resumed", {}),
    "outcome_recorded": told("outcome_recorded", {"outcome": "not-delivered", "reason": "other"}),
    "outcome_corrected": told(
        "outcome_corrected", {"outcome": "not-delivered", "reason": "other", "because": "wrong-entry"}
    ),
    "cancel_confirmed": told("cancel_confirmed", {}),
    "withdrawn": told("withdrawn", {"reason": "other"}),
}
CONSENT = {"consent_id": ident("consent")}
ENDED = {**CONSENT, "reason": "client-asked"}
#: And for everything that a client's own may.
OWN = {
    "consent.granted": timed(consent("k", CLIENT)),
    "consent.narrowed": said("consent.narrowed", "n", CONSENT, **AT),
    "consent.revoked": said("consent.revoked", "r", ENDED, client=CLIENT, **AT),
    "consent.entered_in_error": said("consent.entered_in_error", "e", ENDED, **AT),
    "referral.client_answered": told("client_answered", {"need_met": "partly"}),
}


def test_rows_are_all_that_the_table_gives() -> None:
    def of(who: Who) -> set[str]:
        return {short(full) for full, row in AUTHORITY.items() if who in row.all}

    assert {f"referral.{name}" for name in ANSWERS} == of(Who.LINK)
    assert set(OWN) == of(Who.CLIENT)


@pytest.mark.parametrize("name", ANSWERS)
def test_link_says_it_of_its_offer_for_the_partner_it_was_made_for(name: str) -> None:
    draft = drafted(ANSWERS[name], context(link))
    assert (draft.subject, draft.record, draft.actor) == (REFERRAL, CLIENT, None)
    assert (draft.admitted["on_behalf"], draft.admitted["door"]) == (SHELTER, "link")
    assert (draft.opens, draft.registers, draft.joins) == (False, False, ())


@pytest.mark.parametrize("name", OWN)
def test_client_says_it_of_themself(name: str) -> None:
    draft = drafted(OWN[name], context(client))
    subject = REFERRAL if name.startswith("referral.") else CLIENT
    assert (draft.subject, draft.record, draft.actor) == (subject, CLIENT, None)
    assert draft.admitted["door"] == "link"
    assert "on_behalf" not in draft.admitted


def test_sources_name_the_link_and_nobody() -> None:
    assert (link.source, client.source) == (LINK + RANDOM, CLIENT_LINK + RANDOM)


@pytest.mark.parametrize("name", set(OWN) - {"referral.client_answered"})
def test_link_to_an_offer_says_nothing_that_is_the_client_s(name: str) -> None:
    assert refused(OWN[name], context(link)) == ("not-authorised", "")


@pytest.mark.parametrize("name", ANSWERS)
def test_client_says_nothing_that_is_the_recipient_s(name: str) -> None:
    assert refused(ANSWERS[name], context(client)) == ("not-authorised", "")


@pytest.mark.parametrize("caller", [link, client])
@pytest.mark.parametrize(
    "row", [offered(), asked(), joined(), said("client.registered", "c", {}, client="own:1", **AT)]
)
def test_neither_says_what_is_a_sender_s_or_a_registrar_s(caller: Caller, row: bytes) -> None:
    assert refused(row, context(caller)) == ("not-authorised", "")


OTHERS: dict[str, tuple[bytes, Caller, tuple[str, str]]] = {
    "another offer of its referral": (
        told("offer_accepted", {"offer_id": ident("another")}),
        link,
        ("not-found", "/data/offer_id"),
    ),
    "an offer by an id of its own": (
        told("offer_accepted", {"offer_id": "own:o"}),
        link,
        ("not-found", "/data/offer_id"),
    ),
    "its offer under another referral": (
        said("referral.offer_accepted", "a", {"offer_id": OFFER}, subject=FOREIGN, **AT),
        link,
        ("not-found", "/subject"),
    ),
    "a look that is a system's": (told("offer_viewed", {"by": "system"}), link, ("invalid-value", "/data/by")),
    "a client beside its offer": (told("resumed", {}, client="own:1"), link, ("unknown-field", "")),
    "a client's answer beside a client": (
        told("client_answered", {"need_met": "no"}, client=CLIENT),
        client,
        ("unknown-field", ""),
    ),
    "another client's referral": (
        said("referral.client_answered", "a", {"offer_id": OFFER, "need_met": "no"}, subject=FOREIGN, **AT),
        client,
        ("not-found", "/subject"),
    ),
    "a referral that is not there": (
        said("referral.client_answered", "a", {"offer_id": OFFER, "need_met": "no"}, subject=ident("none"), **AT),
        client,
        ("not-found", "/subject"),
    ),
    "no referral": (
        said("referral.client_answered", "a", {"offer_id": OFFER, "need_met": "no"}, **AT),
        client,
        ("missing-field", "/subject"),
    ),
    "another client's consent": (
        said("consent.revoked", "r", ENDED, client=ident("somebody"), **AT),
        client,
        ("not-found", "/client"),
    ),
    "a client by a partner's name for them": (
        said("consent.revoked", "r", ENDED, client="own:1", **AT),
        client,
        ("not-found", "/client"),
    ),
    "a subject beside its consent": (
        said("consent.revoked", "r", ENDED, subject=CLIENT, **AT),
        client,
        ("reserved-field", "/subject"),
    ),
    "a person": (told("resumed", {}, actor=ident("somebody")), link, ("not-authorised", "/actor")),
    "a person at a client's": (
        told("client_answered", {"need_met": "no"}, actor=ident("somebody")),
        client,
        ("not-authorised", "/actor"),
    ),
    "a second person": (told("resumed", {}, approver=ident("s")), link, ("second-person-required", "/approver")),
    "a record key": (told("resumed", {}, partitionkey=CLIENT), link, ("reserved-field", "/partitionkey")),
    "a partner's source": (told("resumed", {}, source=shelter.source), link, ("foreign-source", "/source")),
    "another link's source": (
        told("resumed", {}, source=LINK + ident("another")),
        link,
        ("foreign-source", "/source"),
    ),
    "what happened tomorrow": (
        said("referral.resumed", "r", {"offer_id": OFFER}, time="2026-03-03T12:00:00Z"),
        link,
        ("time-in-future", "/time"),
    ),
    "for a partner that left": (told("resumed", {}), replace(link, partner=GONE), ("not-authorised", "")),
    "for a partner that never was": (told("resumed", {}), replace(link, partner="stranger"), ("wrong-initiative", "")),
}


@pytest.mark.parametrize("case", OTHERS)
def test_what_is_not_theirs_is_not_there(case: str) -> None:
    row, caller, wanted = OTHERS[case]
    assert refused(row, context(caller)) == wanted


@pytest.mark.parametrize(("caller", "row"), [(link, ANSWERS["resumed"]), (client, OWN["consent.revoked"])])
def test_nothing_is_said_before_the_initiative_is_open(caller: Caller, row: bytes) -> None:
    assert refused(row, context(caller, standing=Standing())) == ("wrong-initiative", "")


def test_partner_cannot_say_for_whom_a_link_speaks() -> None:
    draft = drafted(told("offer_accepted", {}), context(shelter))
    assert "on_behalf" not in draft.admitted
    assert "admitted" not in data_of(draft)


def test_refusals_of_a_link_are_told_to_its_partner_and_a_client_s_to_nobody() -> None:
    turned = Turned()
    [row] = turned.note(link, None, "not-found", NOW)
    assert link.source.encode() in row
    assert SHELTER.encode() in row
    assert turned.note(client, None, "not-found", NOW) == []
    assert CLINIC.encode() not in row
