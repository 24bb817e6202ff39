"""What a row says: held against codelists, the directory and the calendar, and added to where it passes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.codec import read
from events.consent import Granted
from events.topics import CASES
from services.admission.compose import compose
from services.admission.context import Context, Draft
from tests.support.admitting import (
    CLINIC,
    SHELTER,
    clinic,
    offer,
    registrar,
    said,
    shelter,
)
from tests.support.events import INITIATIVE, ident
from tests.support.scene import (
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
from tests.support.telling import AT, asked, granted, joined, offered, published, timed


def claimed(service: str) -> bytes:
    data = {"offer_id": ident("open offer"), "service_id": service}
    return said("referral.offer_claimed", "c", data, subject=REFERRAL, **AT)


by_inbox = replace(clinic, door="inbox")
LOADING = context(backfill=LONG_AGO)

TURNED_AWAY: dict[str, tuple[bytes, Context, str, str]] = {
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
    "a claim for a closed service": (claimed(FULL), context(shelter), "service-closed", "/data/service_id"),
    "a claim for another partner's service": (
        claimed(ident("gone")),
        context(shelter),
        "unknown-service",
        "/data/service_id",
    ),
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


def test_own_ids_become_ids_that_say_nothing() -> None:
    draft = drafted(offered(), context())
    assert data_of(draft)["offer_id"] == NAMING.own(INITIATIVE, CLINIC, "offer", "o")
    assert draft.id == NAMING.event(INITIATIVE, clinic.source, "o")
    assert draft.subject == REFERRAL


def test_an_open_service_is_claimed_for() -> None:
    """Negative control: the service being closed is all that stands in a claim's way."""
    assert drafted(claimed(ident("beds")), context(shelter)).admitted["programme_class"] == "substance-use"


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
        # The second and the fourth business day after that Monday, to their ends in Chicago.
        "remind_at": datetime(2026, 3, 5, 5, 59, 59, 999999, tzinfo=UTC),
        "escalate_at": datetime(2026, 3, 7, 5, 59, 59, 999999, tzinfo=UTC),
    }


def test_consent_carries_who_belonged_when_it_was_granted() -> None:
    found = drafted(granted(recipients={"classes": ["clinic"], "networks": ["all"]})).admitted
    assert found["class_members"] == ["clinic", "newcomer", "refuge", "shelter"]
    assert found["network_members"] == ["clinic", "newcomer", "refuge", "shelter", "together"]


@pytest.mark.parametrize(
    ("programmes", "protected"), [([], False), (["general"], False), (["general", "substance-use"], True)]
)
def test_consent_carries_whether_it_names_what_is_protected(programmes: list[str], protected: bool) -> None:
    assert drafted(granted(programme_classes=programmes)).admitted["protected"] is protected


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
