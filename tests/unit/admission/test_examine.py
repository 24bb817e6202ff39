"""What admission holds against a row that its schema accepts, and what it writes into one that passes."""

from dataclasses import replace
from datetime import UTC, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.codec import read
from events.consent import Granted
from events.topics import CASES
from services.admission.caller import Partner, System
from services.admission.compose import compose
from services.admission.context import Context, Draft, Held
from services.admission.resolve import owner
from services.admission.standing import Standing
from tests.support.admitting import (
    BACKBONE,
    CLINIC,
    SHELTER,
    clinic,
    consent,
    newcomer,
    offer,
    refuge,
    registrar,
    requested,
    said,
    shelter,
)
from tests.support.events import INITIATIVE, ident
from tests.support.scene import (
    CLIENT,
    FOREIGN,
    FULL,
    GONE,
    LONG_AGO,
    NAMING,
    NOW,
    REFERRAL,
    context,
    data_of,
    drafted,
    judged,
    refused,
)

AT = {"time": NOW.isoformat()}


def viewed(**attributes: str) -> bytes:
    about = {"subject": REFERRAL, **AT, **attributes}
    return said("referral.offer_viewed", "v", {"offer_id": "own:o", "by": "person"}, **about)


def asked(**changed: object) -> bytes:
    return timed(requested("r", "own:new", "own:1", **changed))


def offered(**changed: object) -> bytes:
    return timed(offer("o", REFERRAL, **changed))


def granted(**changed: object) -> bytes:
    return timed(consent("k", "own:1", **changed))


def timed(row: bytes, **attributes: str) -> bytes:
    """Return the row as of the scene's own time."""
    return orjson.dumps(orjson.loads(row) | AT | attributes)


def role(**changed: object) -> bytes:
    data = {"person_id": ident("somebody"), "role": "coordinator"}
    return said("partner.role_assigned", "p", data, subject=CLINIC, **AT, **changed)


def joined(**changed: object) -> bytes:
    data = {"name": "N", "sector": "health", "reporting": "client-level", **changed}
    return said("partner.joined", "j", data, subject="somebody", **AT)


def published(**changed: object) -> bytes:
    data = {"service_id": ident("new"), "name": "Desk", "needs": ["shelter"], "accepts_referrals": True, **changed}
    return said("partner.service_published", "s", data, **AT)


by_anyone = replace(registrar, actor=None)
stranger = Partner(INITIATIVE, "stranger")
gone = Partner(INITIATIVE, GONE)
by_inbox = replace(clinic, door="inbox")
backbone = Partner(INITIATIVE, BACKBONE)
AHEAD = (NOW + timedelta(minutes=6)).isoformat()
LATE = (NOW - timedelta(days=36)).isoformat()
UNOPENED = context(standing=Standing())
LOADING = context(backfill=LONG_AGO)
UNSUPPORTED = context(supported=())

TURNED_AWAY: dict[str, tuple[bytes, Context, str, str]] = {
    "another's source": (
        viewed(source="urn:manyhands:partner:shelter"),
        context(),
        "foreign-source",
        "/source",
    ),
    "another initiative": (viewed(initiative="elsewhere"), context(), "wrong-initiative", "/initiative"),
    "a caller that never joined": (viewed(), context(stranger), "wrong-initiative", ""),
    "a person with a line break behind": (
        viewed(),
        context(replace(shelter, actor=f"{ident('staff')}\n")),
        "invalid-value",
        "/actor",
    ),
    "a person given by name": (viewed(), context(replace(shelter, actor="John Smith")), "invalid-value", "/actor"),
    "an initiative never opened": (viewed(), UNOPENED, "wrong-initiative", ""),
    "the system before the opening": (
        said("client.erased", "e", {"certificate_id": ident("c")}, partitionkey=CLIENT, **AT),
        context(System(INITIATIVE, "vault"), standing=Standing()),
        "wrong-initiative",
        "",
    ),
    "a key of one's own": (viewed(partitionkey=CLIENT), context(), "reserved-field", "/partitionkey"),
    "a type without a rule": (viewed(), UNSUPPORTED, "not-supported-yet", "/type"),
    "a partner that left": (viewed(), context(gone), "not-authorised", ""),
    "a partner of aggregates": (viewed(), context(refuge), "aggregate-only", ""),
    "a partner without agreement": (viewed(), context(newcomer), "agreement-missing", ""),
    "a system's word": (
        said("client.erased", "e", {"certificate_id": ident("c")}, **AT),
        context(),
        "not-authorised",
        "",
    ),
    "a registrar's word by a partner": (joined(), context(), "not-authorised", ""),
    "a registrar's word by nobody": (joined(), context(by_anyone), "not-authorised", ""),
    "another partner's profile": (
        said("partner.profile_changed", "p", {"name": "N"}, subject=SHELTER, **AT),
        context(),
        "not-authorised",
        "",
    ),
    "another person than the caller": (
        viewed(actor=ident("x")),
        context(replace(shelter, actor=ident("y"))),
        "not-authorised",
        "/actor",
    ),
    "a coordinator by one person": (role(), context(registrar), "second-person-required", "/approver"),
    "a coordinator approved by oneself": (
        role(approver=registrar.actor),
        context(registrar),
        "second-person-required",
        "/approver",
    ),
    "an erasure by one person": (
        said("client.erased", "e", {"certificate_id": ident("c")}, partitionkey=CLIENT, actor=ident("x"), **AT),
        context(System(INITIATIVE, "vault")),
        "second-person-required",
        "/approver",
    ),
    "too soon": (viewed(time=AHEAD), context(), "time-in-future", "/time"),
    "too late": (viewed(time=LATE), context(shelter), "late-without-reason", "/latereason"),
    "a reason of no list": (
        viewed(time=LATE, latereason="because"),
        context(shelter),
        "unknown-code",
        "/latereason",
    ),
    "outside the window": (viewed(), LOADING, "outside-backfill", "/time"),
    "another's window": (viewed(time=LATE), context(shelter, backfill=LONG_AGO), "outside-backfill", "/time"),
    "no such window": (viewed(), context(backfill=ident("none")), "outside-backfill", "/time"),
    "an unknown referral": (viewed(subject=ident("none")), context(), "not-found", "/subject"),
    "a foreign referral": (viewed(subject=FOREIGN), context(), "not-found", "/subject"),
    "a referral that is no id": (viewed(subject="clinic"), context(), "invalid-value", "/subject"),
    "the sender in the recipient's place": (viewed(), context(), "not-authorised", "/subject"),
    "the recipient in the sender's place": (offered(), context(shelter), "not-authorised", "/subject"),
    "an unknown client": (timed(consent("k", "own:2")), context(), "not-found", "/client"),
    "another's alias": (timed(consent("k", ident("alias"))), context(), "not-found", "/client"),
    "an alias to register": (
        said("client.registered", "c", {}, client=ident("alias"), **AT),
        context(),
        "not-found",
        "/client",
    ),
    "no client": (said("client.registered", "c", {}, **AT), context(), "missing-field", "/client"),
    "a subject of a client's own": (
        said("client.registered", "c", {}, client="own:1", subject="own:1", **AT),
        context(),
        "reserved-field",
        "/subject",
    ),
    "a client beside a subject": (viewed(client="own:1"), context(shelter), "unknown-field", ""),
    "a client in an initiative's event": (
        said("partner.profile_changed", "p", {"name": "N"}, client="own:1", **AT),
        context(),
        "unknown-field",
        "",
    ),
    "no partner to join": (
        said("partner.joined", "j", {"name": "N", "sector": "health", "reporting": "client-level"}, **AT),
        context(registrar),
        "missing-field",
        "/subject",
    ),
    "another's own id for a partner": (
        said(
            "partner.joined",
            "j",
            {"name": "N", "sector": "health", "reporting": "client-level"},
            subject="own:1",
            **AT,
        ),
        context(registrar),
        "invalid-value",
        "/subject",
    ),
    "another initiative's policy": (
        said("initiative.policy_set", "p", {"k": 5}, subject="elsewhere", **AT),
        context(registrar),
        "invalid-value",
        "/subject",
    ),
    "no key from the system": (
        said(
            "client.erased",
            "e",
            {"certificate_id": ident("c")},
            actor=ident("x"),
            approver=ident("y"),
            **AT,
        ),
        context(System(INITIATIVE, "vault")),
        "missing-field",
        "/partitionkey",
    ),
    "somebody else's subject": (
        timed(requested("r", FOREIGN, "own:1")),
        context(),
        "subject-taken",
        "/subject",
    ),
    "a need of no list": (
        asked(need={"taxonomy": "local", "code": "castle"}),
        context(),
        "unknown-code",
        "/data/need/code",
    ),
    "a class of no list": (joined(classes=["clinic", "castle"]), context(registrar), "unknown-code", "/data/classes/1"),
    "a day that never was": (granted(expires_at="2026-02-30"), context(), "bad-date", "/data/expires_at"),
    "a day beyond the bounds in its zone": (
        granted(expires_at="2199-12-31"),
        context(),
        "out-of-bounds",
        "/data/expires_at",
    ),
    "a minus of another alphabet": (
        granted(expires_at="2026-03-08T09:00:00\u221205:00"),
        context(),
        "invalid-value",
        "/data/expires_at",
    ),
    "an unknown recipient": (offered(recipient="nobody"), context(), "unknown-partner", "/data/recipient"),
    "an unknown partner in a consent": (
        granted(recipients={"partners": [SHELTER, "nobody"]}),
        context(),
        "unknown-partner",
        "/data/recipients/partners/1",
    ),
    "an unknown partner kept out": (
        granted(except_recipients=["nobody"]),
        context(),
        "unknown-partner",
        "/data/except_recipients/0",
    ),
    "an unknown partner's agreement": (
        said(
            "partner.agreement_signed",
            "a",
            {"agreement_id": "own:a", "version": "1", "signed_at": "2026-01-01"},
            subject="nobody",
            **AT,
        ),
        context(registrar),
        "unknown-partner",
        "/subject",
    ),
    "an unknown service": (offered(service_id=ident("none")), context(), "unknown-service", "/data/service_id"),
    "another partner's service": (offered(service_id=ident("gone")), context(), "unknown-service", "/data/service_id"),
    "a service that is not one's own": (
        said("partner.capacity_reported", "c", {"service_id": ident("beds"), "status": "capacity"}, **AT),
        context(),
        "unknown-service",
        "/data/service_id",
    ),
    "a service of no programme": (published(), context(shelter), "missing-field", "/data/programme_class"),
    "a service of a programme of no list": (
        published(programme_class="castle"),
        context(shelter),
        "unknown-code",
        "/data/programme_class",
    ),
    "a recipient that left": (
        offered(recipient=GONE, service_id=ident("gone")),
        context(),
        "recipient-inactive",
        "/data/recipient",
    ),
    "a closed service": (offered(service_id=FULL), context(), "service-closed", "/data/service_id"),
    "clear text through an inbox": (asked(details="text"), context(by_inbox), "unsealed", "/data/details"),
    "a zone of no map": (
        said("initiative.policy_set", "p", {"zone": "Middle/Earth"}, **AT),
        context(registrar),
        "invalid-value",
        "/data/zone",
    ),
}


@pytest.mark.parametrize(("row", "scene", "code", "pointer"), TURNED_AWAY.values(), ids=TURNED_AWAY.keys())
def test_row_is_turned_away_with_code_and_place(row: bytes, scene: Context, code: str, pointer: str) -> None:
    assert refused(row, scene) == (code, pointer)


def test_unknown_and_foreign_look_alike() -> None:
    assert refused(viewed(subject=ident("none"))) == refused(viewed(subject=FOREIGN))


def test_foreign_partner_gets_in_when_the_register_is_ignored() -> None:
    """The register alone keeps it out: with everybody in it, the test above would fail."""
    scene = context(backbone)
    assert refused(viewed(), scene) == ("not-found", "/subject")
    scene.found.held[REFERRAL] = Held(CLIENT, CLINIC, {BACKBONE, SHELTER}, published=True)
    assert drafted(viewed(), scene).record == CLIENT


def test_own_ids_become_ids_that_say_nothing() -> None:
    draft = drafted(offered(), context())
    assert data_of(draft)["offer_id"] == NAMING.own(INITIATIVE, CLINIC, "offer", "o")
    assert draft.id == NAMING.event(INITIATIVE, clinic.source, "o")
    assert draft.subject == REFERRAL


def test_record_key_comes_from_the_register_and_the_alias() -> None:
    assert drafted(viewed(), context(shelter)).record == CLIENT
    assert drafted(asked()).record == CLIENT


def test_later_row_finds_what_an_earlier_one_opened() -> None:
    scene = context()
    opened = drafted(timed(requested("r", "own:new", "own:1")), scene)
    leaning = drafted(timed(offer("o", "own:new")), scene)
    assert (leaning.subject, leaning.record, leaning.leans) == (opened.subject, CLIENT, True)
    answer = drafted(viewed(subject=opened.subject), replace(scene, caller=shelter))
    assert answer.record == CLIENT


def test_later_row_finds_the_client_that_an_earlier_one_registers() -> None:
    scene = context()
    assert refused(timed(requested("r", "own:new", "own:2")), scene) == ("not-found", "/client")
    drafted(said("client.registered", "c", {}, client="own:2", **AT), scene)
    assert drafted(timed(requested("r", "own:new", "own:2")), scene).record == "own:2"


def test_client_that_was_turned_away_is_not_found_later() -> None:
    scene = context()
    assert refused(said("client.registered", "c", {"categories": ["castle"]}, client="own:2", **AT), scene)
    assert refused(timed(requested("r", "own:new", "own:2")), scene) == ("not-found", "/client")


def test_unpublished_subject_may_be_opened_again_by_its_opener_alone() -> None:
    scene = context()
    subject = ident("unpublished")
    scene.found.held[subject] = Held(ident("another client"), CLINIC)
    assert drafted(timed(requested("r", subject, "own:1")), scene).record == CLIENT
    scene.found.held[subject] = Held(ident("another client"), SHELTER)
    assert refused(timed(requested("r", subject, "own:1")), scene) == ("subject-taken", "/subject")
    scene.found.held[subject] = Held(ident("another client"), CLINIC, published=True)
    assert refused(timed(requested("r", subject, "own:1")), scene) == ("subject-taken", "/subject")


def test_offer_carries_what_its_rule_needs() -> None:
    assert {**drafted(offered()).admitted, "digest": ""} == {
        "digest": "",
        "directory": 7,
        "door": "cli",
        "programme_class": "substance-use",
        "protected": True,
        "recipient_classes": ("clinic",),
        "recipient_networks": ("all",),
        "min_attempts": 5,
    }


def test_consent_carries_who_belonged_when_it_was_granted() -> None:
    found = drafted(granted(recipients={"classes": ["clinic"], "networks": ["all"]})).admitted
    assert found["class_members"] == ["clinic", "newcomer", "refuge", "shelter"]
    assert found["network_members"] == ["clinic", "newcomer", "refuge", "shelter", "together"]


def test_backfill_is_written_down_and_asks_only_that_they_were_there() -> None:
    then = (NOW - timedelta(days=400)).isoformat()
    row = timed(offer("o", REFERRAL, recipient=GONE, service_id=ident("gone")), time=then)
    assert drafted(row, LOADING).admitted["backfill"] == LONG_AGO


def on_the_log(draft: Draft) -> dict[str, Any]:
    """Return the draft's data as it is written."""
    data: dict[str, Any] = orjson.loads(compose(clinic, NAMING, draft).value)["data"]
    return data


def test_days_become_instants_in_the_initiative_s_zone() -> None:
    data = on_the_log(drafted(granted(valid_from="2026-03-08", expires_at="2026-03-08")))
    assert data["valid_from"] == "2026-03-08T06:00:00+00:00"
    assert data["expires_at"] == "2026-03-09T04:59:59.999999+00:00"


def test_instant_keeps_its_offset() -> None:
    data = on_the_log(drafted(granted(valid_from="2026-03-08 09:00:00+02:00")))
    assert data["valid_from"] == "2026-03-08T09:00:00+02:00"


def test_second_person_lets_a_coordinator_in() -> None:
    assert drafted(role(approver=ident("second")), context(registrar)).actor == registrar.actor


TIMES = st.from_regex(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt _][0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]{1,9})?)?([Zz]|[+-][0-9:]{2,5})?)?",
    fullmatch=True,
)


@given(TIMES | st.dates().map(str) | st.datetimes(timezones=st.just(UTC)).map(str))
def test_any_time_is_readable_on_the_log_or_turned_away(said_time: str) -> None:
    found = judged(granted(expires_at=said_time))
    if isinstance(found, Draft):
        record = compose(clinic, NAMING, found)
        assert isinstance(read(CASES, record.key.encode(), record.value), Granted)


def test_partner_named_like_a_part_of_the_system_has_ids_of_its_own() -> None:
    assert owner(Partner(INITIATIVE, "init")) != owner(System(INITIATIVE, "init"))
