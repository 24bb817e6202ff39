"""Who may say a row that its schema accepts, and of when: a caller that may not is turned away."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.admission.caller import Partner, System
from services.admission.context import Context
from services.admission.resolve import owner
from services.admission.standing import Standing
from tests.support.admitting import (
    SHELTER,
    newcomer,
    refuge,
    registrar,
    said,
    shelter,
)
from tests.support.events import INITIATIVE, ident
from tests.support.scene import (
    CLIENT,
    GONE,
    LONG_AGO,
    NOW,
    context,
    drafted,
    refused,
)
from tests.support.telling import AT, joined, role, viewed

by_anyone = replace(registrar, actor=None)
stranger = Partner(INITIATIVE, "stranger")
gone = Partner(INITIATIVE, GONE)
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
    "a registrar's word by one who acts as staff": (
        joined(),
        context(replace(registrar, as_registrar=False)),
        "not-authorised",
        "",
    ),
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
}


@pytest.mark.parametrize(("row", "scene", "code", "pointer"), TURNED_AWAY.values(), ids=TURNED_AWAY.keys())
def test_row_is_turned_away_with_code_and_place(row: bytes, scene: Context, code: str, pointer: str) -> None:
    assert refused(row, scene) == (code, pointer)


def test_second_person_lets_a_coordinator_in() -> None:
    assert drafted(role(approver=ident("second")), context(registrar)).actor == registrar.actor


def test_partner_named_like_a_part_of_the_system_has_ids_of_its_own() -> None:
    assert owner(Partner(INITIATIVE, "init")) != owner(System(INITIATIVE, "init"))
