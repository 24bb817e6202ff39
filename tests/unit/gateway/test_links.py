"""Where links lead, what can be said through them, and what forms make of what was typed; told from states alone."""

from datetime import timedelta
from typing import Any

import pytest

from events.authority import AUTHORITY, Who
from events.catalogue import NAMES, short
from events.codelists import standard
from events.door import SAID
from events.referral.contact import Channel, Result
from projections.referral.state import Referral
from projections.referral.transitions import OPEN, TAKEN, TERMINAL
from services.admission.standing import Member, Service, Standing
from services.gateway.links import code
from services.gateway.links.force import is_live, is_own, leads_to, may_be_given, may_have
from services.gateway.links.given import Given
from services.gateway.links.given import Listed as Shown
from services.gateway.links.handed import mail
from services.gateway.links.steps import STEPS, open_steps
from services.gateway.pages.choosing import Listed
from services.gateway.pages.fields import Typed
from services.gateway.pages.words import CHANNELS, RESULTS
from services.gateway.principal import Kind, Principal
from services.gateway.protection import is_guarded
from services.gateway.sight import sight
from services.notifications.letter import letter
from tests.support.events import INITIATIVE, NOON, ident
from tests.unit.gateway.test_sight import FIRST, LATER, SECOND, client, consent, offer, referral

AT = NOON + timedelta(minutes=1)


def given(found: Referral, **changed: Any) -> Given:
    said: dict[str, Any] = {
        "link": ident("link"),
        "kind": "offer",
        "initiative": INITIATIVE,
        "record": ident("client"),
        "partner": FIRST,
        "referral": ident("referral"),
        "offer": found.offers[0].id,
        "guardian": False,
        "made_by": None,
        "ends": LATER,
    }
    return Given(**said | changed)


def standing(programme: str = "general") -> Standing:
    made = Standing(protected=frozenset({"substance-use"}))
    made.services = {"s": Service(FIRST, accepts_referrals=True, programme_class=programme, min_attempts=None)}
    return made


@pytest.mark.parametrize("status", [*OPEN, *TERMINAL, "entered-in-error"])
def test_link_lives_until_the_answer_is_due_and_after_that_as_long_as_somebody_works(status: Any) -> None:
    found = referral(offer(status=status, respond_by=NOON + timedelta(hours=1)))
    early = leads_to(given(found), standing(), found, client(), AT)
    late = leads_to(given(found), standing(), found, client(), NOON + timedelta(hours=1))
    assert (early is not None) == (status in OPEN)
    assert (late is not None) == (status in TAKEN)


def test_whoever_let_the_clock_cancel_can_tell_how_it_ended_for_a_month() -> None:
    over: dict[str, Any] = {"status": "cancelled", "closed": NOON, "accepted": NOON, "respond_by": AT}
    found = referral(offer(detail="cancel-unanswered", **over))
    view = sight(Principal(Kind.STAFF, INITIATIVE, found.sender), found, client(), AT)
    assert view is not None
    for days, lives in ((29, True), (30, False)):
        now = NOON + timedelta(days=days)
        assert (leads_to(given(found), standing(), found, client(), now) is not None) == lives
        assert is_live(listed(found), view, now) == lives
    assert [each.event for each in open_steps(found.offers[0])] == ["referral.outcome_recorded"]
    assert may_have(standing(), found.offers[0]) == "link-over"
    confirmed = referral(offer(detail="cancel-confirmed", **over))
    assert leads_to(given(confirmed), standing(), confirmed, client(), NOON) is None


def test_link_leads_nowhere_else() -> None:
    found = referral(offer())
    assert leads_to(given(found), standing(), found, client(), AT) == found.offers[0]
    for link, where, person in (
        (given(found, partner=SECOND), standing(), client()),
        (given(found, offer=ident("another")), standing(), client()),
        (given(found, ends=AT), standing(), client()),
        (given(found), standing("substance-use"), client()),
        (given(found), standing(), client(erased=True)),
    ):
        assert leads_to(link, where, found, person, AT) is None
    guarded = referral(offer(protected=True))
    assert leads_to(given(guarded), standing(), guarded, client(), AT) is None


def test_what_is_protected_or_over_or_nobody_s_has_no_link() -> None:
    assert may_have(standing(), offer()) is None
    assert may_have(standing(), offer(protected=True)) == "link-protected"
    assert may_have(standing("substance-use"), offer()) == "link-protected"
    assert may_have(standing(), offer(status="completed", detail="served")) == "link-over"
    assert may_have(standing(), offer("", to_class="clinic")) == "link-over"


@pytest.mark.parametrize(("active", "refused"), [(True, None), (False, "link-over"), (None, "link-over")])
def test_nobody_is_given_a_link_for_a_partner_that_takes_no_part(active: bool | None, refused: str | None) -> None:
    known = standing()
    if active is not None:
        member = Member(active=active, agreed=True, aggregate_only=False, classes=(), networks=())
        known.members = {FIRST: member}
    assert may_be_given(known, offer(respond_by=LATER), AT) == refused
    assert not is_guarded(standing(), "nobody")


def listed(found: Referral, **changed: Any) -> Shown:
    said: dict[str, Any] = {
        "link": ident("link"),
        "kind": "offer",
        "initiative": INITIATIVE,
        "record": ident("client"),
        "partner": FIRST,
        "referral": ident("referral"),
        "offer": found.offers[0].id,
        "guardian": False,
        "made_by": SECOND,
        "made_by_person": None,
        "made": NOON,
        "ends": LATER,
        "revoked": None,
        "revoked_by": None,
        "tries": 5,
        "codes": 0,
    }
    return Shown(**said | changed)


@pytest.mark.parametrize("status", [*OPEN, *TERMINAL, "entered-in-error"])
def test_link_is_listed_as_in_force_where_it_leads_somewhere(status: Any) -> None:
    found = referral(offer(status=status, respond_by=LATER))
    view = sight(Principal(Kind.STAFF, INITIATIVE, found.sender), found, client(), AT)
    assert view is not None
    for at in (AT, LATER):
        leads = leads_to(given(found), standing(), found, client(), at) is not None
        assert is_live(listed(found), view, at) is leads
    assert not is_live(listed(found, revoked=NOON), view, AT)
    assert not is_live(listed(found, tries=0), view, AT)
    assert not is_live(listed(found, offer=ident("another")), view, AT)
    own = listed(found, kind="client", offer=None)
    assert (is_live(own, view, AT), is_live(own, view, LATER)) == (True, False)
    gone = sight(Principal(Kind.STAFF, INITIATIVE, found.sender), found, client(erased=True), AT)
    assert gone is not None
    assert not is_live(own, gone, AT)


def test_client_s_own_ends_by_itself_and_with_them() -> None:
    link = given(referral(offer()), kind="client")
    assert is_own(link, client(), AT)
    assert not is_own(link, client(), LATER)
    assert not is_own(link, client(erased=True), AT)


def test_holder_of_a_link_sees_its_offer_alone() -> None:
    found = referral(offer(FIRST), offer(SECOND))
    who = given(found).principal
    assert who.kind is Kind.LINK
    view = sight(who, found, client(consent()), AT)
    assert view is not None
    assert (view.role, view.offers, view.withheld) == ("recipient", found.offers[:1], None)
    without = sight(who, found, client(), AT)
    assert without is not None
    assert without.withheld == "consent-not-in-force"
    assert sight(given(found, partner=SECOND).principal, found, client(consent()), AT) is None
    assert sight(who, found, client(consent(), erased=True), AT) is None
    assert sight(who, referral(offer(protected=True)), client(consent()), AT) is None


def test_steps_are_all_that_links_may_say_but_looking_and_correcting() -> None:
    may = {short(full) for full, row in AUTHORITY.items() if Who.LINK in row.all}
    assert {each.event for each in STEPS.values()} == may - {"referral.offer_viewed", "referral.outcome_corrected"}
    assert [each.name for each in open_steps(offer())] == ["offer-accepted", "offer-declined"]
    assert "cancel-confirmed" in [e.name for e in open_steps(offer(status="accepted", detail="cancel-requested"))]


@pytest.mark.parametrize("step", STEPS.values(), ids=list(STEPS))
def test_fields_are_the_event_s_own(step: Any) -> None:
    data = SAID[NAMES[step.event]].model_fields["data"].annotation
    assert data is not None
    said = step.shape({each.name: "typed" for each in step.fields})
    assert set(said) <= set(data.model_fields)
    for each in step.fields:
        if isinstance(each, Listed) and each.of:
            assert standard()[each.of]


def test_words_are_there_for_every_channel_and_result() -> None:
    assert set(CHANNELS) == set(Channel.__args__)  # type: ignore[attr-defined]
    assert set(RESULTS) == set(Result.__args__)  # type: ignore[attr-defined]


def test_code_s_field_never_shows_what_was_typed() -> None:
    shown = code.Code(name="code", label="Code", hint="Digits").show(Typed([("code", "123")]), lambda _: (), "Wrong")
    assert 'for="f-code"' in shown
    assert 'aria-describedby="f-code-hint f-code-fault"' in shown
    assert "123" not in shown


def test_codes_are_eight_digits_however_they_are_typed() -> None:
    found = {code.fresh() for _ in range(200)}
    assert len(found) > 190
    assert {len(each) for each in found} == {8}
    assert all(each.isdecimal() for each in found)
    assert code.typed(" 1234-5678\u00a0") == "12345678"
    assert code.typed(code.spaced("12345678")) == "12345678"


def test_mail_with_a_client_s_link_says_nothing_else() -> None:
    made = mail("a@b.example", "https://door.example/c/secret")
    for text in (made.text, made.html):
        assert "https://door.example/c/secret" in text
    assert "a@b.example" not in made.text + made.html + repr(made)


def test_letter_leads_somewhere_and_says_nothing() -> None:
    carried = letter("offer-arrived", "a@b.example", "https://door.example", "secret")
    for text in (carried.text, carried.html):
        assert "https://door.example/l/secret" in text
    assert "https://door.example/work" in letter("offer-arrived", "a@b.example", "https://door.example", None).text
    assert "a@b.example" not in carried.text + carried.html + repr(carried)
