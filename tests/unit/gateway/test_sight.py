"""Who sees what of a referral, told from states alone."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from projections.referral.state import Client, Consent, Handoff, Offer, Referral
from services.gateway import sight as sights
from services.gateway.principal import Kind, Principal
from services.gateway.shapes import summary, whole
from services.gateway.sight import NO_CLAIMER, Claimer, Sight, named, relied_on, sight
from services.vault.names import Name
from tests.support.events import INITIATIVE, NOON, ident

SENDER, FIRST, SECOND, BACKBONE = "clinic", "shelter", "pantry", "together"
LATER = NOON + timedelta(days=365)


def consent(**changed: Any) -> Consent:
    said: dict[str, Any] = {
        "id": "c",
        "partners": (FIRST, BACKBONE),
        "purposes": ("care",),
        "data_classes": ("contact",),
        "redisclosure": "none",
        "valid_from": NOON,
    }
    return Consent(**said | changed)


def offer(recipient: str = FIRST, **changed: Any) -> Offer:
    said: dict[str, Any] = {
        "id": ident(f"offer {recipient}"),
        "recipient": recipient,
        "service": ident("beds"),
        "status": "requested",
        "detail": "sent",
        "consent": "c",
        "purpose": "care",
        "data_classes": ("contact",),
        "respond_by": LATER,
        "sent": NOON,
    }
    return Offer(**said | changed)


def referral(*offers: Offer) -> Referral:
    return Referral(
        sender=SENDER, taxonomy="manyhands", need="shelter", urgency="soon", requested=NOON, last=NOON, offers=offers
    )


def client(*consents: Consent, erased: bool = False) -> Client:
    return Client(by=SENDER, registered=NOON, last=NOON, consents=consents, erased=erased)


#: Who sees what their partner does; what of it they are shown is for the table of access to say.
OF_PARTNERS = (Kind.PARTNER_SYSTEM, Kind.STAFF, Kind.AUDITOR)


def seen(partner: str, found: Referral, person: Client, kind: Kind = Kind.PARTNER_SYSTEM) -> Sight | None:
    return sight(Principal(kind, INITIATIVE, partner), found, person, NOON + timedelta(minutes=1))


def test_sender_sees_everything_and_recipients_their_own() -> None:
    found = referral(offer(FIRST, status="rejected", detail="declined"), offer(SECOND))
    person = client(consent(partners=(FIRST, SECOND)))
    for partner, offers in ((SENDER, found.offers), (FIRST, found.offers[:1]), (SECOND, found.offers[1:])):
        for kind in OF_PARTNERS:
            view = seen(partner, found, person, kind)
            assert view is not None
            assert (view.offers, view.withheld) == (offers, None)
    assert seen("nobody", found, person) is None


@pytest.mark.parametrize("kind", [each for each in Kind if each not in OF_PARTNERS])
def test_others_see_nothing_as_partners(kind: Kind) -> None:
    assert seen(SENDER, referral(offer()), client(consent()), kind) is None


@pytest.mark.parametrize(
    "changed",
    [
        {"ended": "revoked"},
        {"unread": True},
        {"valid_from": LATER},
        {"expires_at": NOON},
        {"by_guardian": True, "guardian_until": NOON},
        {"partners": (BACKBONE,)},
        {"except_recipients": (FIRST,)},
        {"purposes": ("research",)},
        {"data_classes": ("health",)},
        {"programme_classes": ("other",)},
        {"id": "another"},
    ],
)
def test_without_a_consent_that_covers_it_the_need_is_withheld_from_the_recipient(changed: dict[str, Any]) -> None:
    person = client(consent(**changed))
    view = seen(FIRST, referral(offer(programme_class="general")), person)
    assert view is not None
    assert view.withheld == "consent-not-in-force"
    told = summary(view, "r", None)
    assert [told[name] for name in ("need", "area", "urgency", "programme")] == [None] * 4
    assert told["status"] == "requested"
    own = seen(SENDER, referral(offer(programme_class="general")), person)
    assert own is not None
    assert own.withheld is None


def test_erased_person_s_need_is_shown_to_nobody() -> None:
    person = client(consent(), erased=True)
    for partner in (SENDER, FIRST):
        view = seen(partner, referral(offer()), person)
        assert view is not None
        assert view.withheld == "erased"
        assert whole(view, "r", None, NOON, str)["next"] is None
    assert seen(BACKBONE, referral(offer()), person, Kind.COORDINATOR) is None


def test_coordinator_sees_what_names_its_partner_and_nothing_protected() -> None:
    plain, person = referral(offer()), client(consent())
    view = seen(BACKBONE, plain, person, Kind.COORDINATOR)
    assert view is not None
    assert view.offers == plain.offers
    beside = referral(offer(), offer(SECOND, protected=True))
    networked = client(consent(partners=(FIRST,), network_members=(BACKBONE,), class_members=(BACKBONE,)))
    for found, whom in (
        (beside, person),
        (plain, networked),
        (plain, client(consent(ended="revoked"))),
        (plain, client(consent(except_recipients=(BACKBONE,)))),
        (referral(), person),
    ):
        assert seen(BACKBONE, found, whom, Kind.COORDINATOR) is None


def test_protected_offer_is_relied_on_only_where_its_programme_was_named() -> None:
    guarded = offer(protected=True, programme_class="substance-use")
    covering = consent(programme_classes=("substance-use",), names_programmes=True)
    assert relied_on(client(covering), guarded, NOON) == covering
    assert relied_on(client(consent()), guarded, NOON) is None
    assert named(client(covering), guarded, BACKBONE, NOON) is None


def test_who_owes_the_next_step() -> None:
    person = client(consent())
    due = NOON - timedelta(days=1)
    for made, expected in (
        ((), ("sender", False)),
        ((offer(respond_by=due),), ("recipient", True)),
        ((offer(),), ("recipient", False)),
        ((offer(status="accepted", detail="accepted", accepted=NOON, start_by=due),), ("recipient", True)),
        ((offer(status="in-progress", detail="serving", started=NOON, start_by=due),), ("recipient", False)),
        ((offer(status="rejected", detail="declined"),), ("sender", False)),
        ((offer(status="failed", detail="not-served"),), ("sender", False)),
        ((offer(status="completed", detail="served"),), ("sender", False)),
        ((offer(status="completed", detail="served", acknowledged=NOON),), None),
    ):
        view = seen(SENDER, referral(*made), person)
        assert view is not None
        owed = whole(view, "r", None, NOON, str)["next"]
        assert (owed and (owed["who"], owed["overdue"])) == expected, made


def test_of_several_offers_that_one_is_owed_which_was_due_first_and_is_late() -> None:
    hour, day = timedelta(hours=1), timedelta(days=1)
    late, later, soon = (offer("late", respond_by=NOON - day), offer("later", respond_by=NOON - hour), offer("soon"))
    wished = offer("w", status="in-progress", detail="cancel-requested", confirm_by=NOON - 2 * day, started=NOON)
    begun = offer("b", status="accepted", detail="accepted", accepted=NOON, start_by=NOON - 3 * day)
    at_work = offer("x", status="in-progress", detail="serving", started=NOON, start_by=NOON - 4 * day)
    over = offer("y", status="cancelled", detail="expired-no-response", respond_by=NOON - 5 * day)
    for made, expected in (
        ((late, soon), ("late", True)),
        ((later, late, soon), ("late", True)),
        ((late, wished, at_work), ("w", True)),
        ((begun, wished, late), ("b", True)),
        ((at_work, soon), ("x", False)),
        ((over, soon), ("soon", False)),
        ((late, offer("z", status="completed", detail="served")), ("z", False)),
    ):
        found = owed(referral(*made))
        assert found is not None
        assert (found["offer"], found["overdue"]) == (ident(f"offer {expected[0]}"), expected[1]), expected


def owed(found: Referral, partner: str = SENDER, *, erased: bool = False) -> dict[str, Any] | None:
    view = seen(partner, found, client(consent(), erased=erased))
    assert view is not None
    told: dict[str, Any] | None = whole(view, "r", None, NOON, str)["next"]
    return told


def test_nobody_owes_a_step_once_the_need_was_given_up() -> None:
    declined = replace(referral(offer(status="rejected", detail="declined")), closed=NOON)
    silent = replace(referral(offer(status="cancelled", detail="expired-no-response")), closed=NOON)
    assert owed(declined) is owed(silent) is owed(replace(referral(), closed=NOON)) is None
    # Nobody tells the recipient that its sender gave up.
    told = owed(declined, FIRST)
    assert told is not None
    assert told["who"] == "sender"


def test_of_what_was_arranged_outside_its_sender_tells_what_it_hears_and_offers_nothing() -> None:
    outside = Handoff(id=ident("outside"), reported=NOON, channel="phone")
    told = owed(replace(referral(), handoff=outside))
    assert told is not None
    assert (told["who"], told["events"], told["offer"]) == (
        "sender",
        ["referral.outcome_reported_by_sender"],
        ident("outside"),
    )
    heard = replace(outside, heard="delivered", heard_at=NOON)
    assert owed(replace(referral(), handoff=heard)) is None


def test_time_that_ran_backwards_is_no_duration() -> None:
    made = replace(offer(), responded=NOON - timedelta(hours=1), accepted=NOON + timedelta(hours=1))
    view = seen(SENDER, referral(made), client(consent()))
    assert view is not None
    [told] = whole(view, "r", None, NOON, str)["offers"]
    assert told["seconds"] == {"to_response": None, "to_acceptance": 3600.0, "to_start": None, "to_closure": None}


MEMBER_S = (frozenset({"food-bank"}), frozenset({("general", False), ("substance-use", True)}))
MEMBER = Claimer(*MEMBER_S, timedelta(days=14))


def open_offer(**changed: Any) -> Offer:
    said = {"recipient": "", "id": ident("open"), "to_class": "food-bank", "members": (FIRST, SECOND)}
    return offer(**said | changed)


def seen_by_member(found: Referral, person: Client, claimer: Claimer = MEMBER, partner: str = FIRST) -> Sight | None:
    return sight(Principal(Kind.STAFF, INITIATIVE, partner), found, person, NOON + timedelta(minutes=1), claimer)


def test_member_sees_of_a_class_s_offer_what_it_needs_and_by_nothing_whose_it_is() -> None:
    asked = replace(referral(open_offer(replaces="r")), area="north", programme="winter")
    view = seen_by_member(asked, client(consent()))
    assert view is not None
    assert (view.role, view.withheld) == ("class-member", None)
    told = whole(view, "r", Name("our own alias", "4711"), NOON, str)
    assert (told["need"]["code"], told["urgency"], told["area"]) == ("shelter", "soon", "north")
    assert [told[name] for name in ("client", "client_own", "sender", "service", "programme", "recipient")] == [
        None
    ] * 6
    [shown] = told["offers"]
    assert [shown[name] for name in ("service", "consent", "replaces", "recipient")] == [None] * 4
    assert told["next"]["events"] == ["referral.offer_claimed"]


#: For so long a member is shown what nobody answered in time, where nobody says otherwise.
DAYS = timedelta(days=14)
EXPIRED: dict[str, Any] = {"status": "cancelled", "detail": "expired-no-response", "respond_by": NOON}


def test_member_sees_what_nobody_claimed_in_time_until_the_days_are_over_or_nobody_waits() -> None:
    late, person = open_offer(**EXPIRED), client(consent())
    view = seen_by_member(referral(late), person)
    assert view is not None
    assert (view.role, summary(view, "r", None)["detail"]) == ("class-member", "expired-no-response")
    step = whole(view, "r", None, NOON + timedelta(minutes=1), str)["next"]
    assert (step["events"], step["overdue"]) == (["referral.offer_claimed"], True)
    assert seen_by_member(referral(late), person, Claimer(*MEMBER_S, timedelta(0))) is None
    assert seen_by_member(referral(late, offer("third", replaces=late.id)), person) is None
    assert seen_by_member(replace(referral(late), closed=NOON), person) is None
    assert seen_by_member(referral(late), client(consent(), erased=True)) is None


@pytest.mark.parametrize(
    ("changed", "agreed", "claimer"),
    [
        ({"members": (SECOND,)}, {}, MEMBER),
        ({"to_class": "clinic"}, {}, MEMBER),
        ({"status": "cancelled", "detail": "recalled"}, {}, MEMBER),
        ({"status": "cancelled", "detail": "expired-no-response", "respond_by": NOON - DAYS}, {}, MEMBER),
        ({"recipient": SECOND, "members": (), "status": "accepted", "detail": "claimed"}, {}, MEMBER),
        ({}, {"except_recipients": (FIRST,)}, MEMBER),
        ({}, {"partners": (SECOND,)}, MEMBER),
        ({}, {"ended": "revoked"}, MEMBER),
        ({}, {"expires_at": NOON}, MEMBER),
        ({}, {"purposes": ("research",)}, MEMBER),
        ({}, {"data_classes": ("health",)}, MEMBER),
        ({}, {"programme_classes": ("other",)}, MEMBER),
        # A service that only a consent that names its programme carries, and no service at all.
        ({}, {}, Claimer(MEMBER.classes, frozenset({("substance-use", True)}))),
        ({}, {}, Claimer(MEMBER.classes)),
        ({}, {}, Claimer(programmes=MEMBER.programmes)),
        ({}, {}, NO_CLAIMER),
    ],
)
def test_whoever_could_not_claim_it_sees_nothing(
    changed: dict[str, Any], agreed: dict[str, Any], claimer: Claimer
) -> None:
    assert seen_by_member(referral(open_offer()), client(consent())) is not None
    assert seen_by_member(referral(open_offer(**changed)), client(consent(**agreed)), claimer) is None


def test_protected_programme_is_claimed_where_the_consent_names_it_and_the_member() -> None:
    guarded = Claimer(MEMBER.classes, frozenset({("substance-use", True)}))
    terms: dict[str, Any] = {"programme_classes": ("substance-use",), "names_programmes": True}
    assert seen_by_member(referral(open_offer()), client(consent(**terms)), guarded) is not None
    networked = consent(**terms, partners=(), network_members=(FIRST,))
    assert seen_by_member(referral(open_offer()), client(networked), guarded) is None


def test_member_that_was_asked_itself_too_stays_a_recipient() -> None:
    found = referral(offer(FIRST, status="rejected", detail="declined"), open_offer(), offer(SECOND))
    view = seen_by_member(found, client(consent(partners=(FIRST, SECOND))))
    assert view is not None
    assert (view.role, view.offers, view.withheld) == ("recipient", found.offers[:2], None)
    assert summary(view, "r", Name("name"))["status"] == "requested"
    alone = seen_by_member(found, client(consent(partners=(FIRST, SECOND))), NO_CLAIMER)
    assert alone is not None
    assert alone.offers == found.offers[:1]


def test_control_without_the_consent_s_reach_an_excluded_member_would_see_it(monkeypatch: pytest.MonkeyPatch) -> None:
    excluded = client(consent(except_recipients=(FIRST,)))
    assert seen_by_member(referral(open_offer()), excluded) is None
    monkeypatch.setattr(sights, "uncovered", lambda consent, ask: None)
    assert seen_by_member(referral(open_offer()), excluded) is not None
