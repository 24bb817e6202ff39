"""What a row is judged by, made by hand: an initiative that needs no servers."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from events.codelists import standard
from services.admission.caller import Caller
from services.admission.context import Context, Draft, Found, Held
from services.admission.digest import Naming
from services.admission.examine import examine
from services.admission.parse import Parsed, parse
from services.admission.problem import Problem, TurnedAway
from services.admission.standing import Member, Service, Standing, Window
from services.admission.wiring import SUPPORTED
from tests.support.admitting import BACKBONE, CLINIC, NEWCOMER, REFUGE, REGISTRAR, SHELTER, clinic
from tests.support.events import ident

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
KEY = bytes(range(32))
NAMING = Naming(KEY)
LONG_AGO, GONE, FULL = ident("long ago"), "gone", ident("full")
CLIENT, REFERRAL, FOREIGN = ident("a client"), ident("a referral"), ident("a foreign referral")


def standing() -> Standing:
    """Return an initiative with partners of every kind, two services and one open backfill."""
    made = Standing(
        offset=7,
        zone=ZoneInfo("America/Chicago"),
        backbone=BACKBONE,
        registrars=frozenset({REGISTRAR}),
        protected=frozenset({"substance-use"}),
        min_attempts=3,
        codelists={name: frozenset(codes) for name, codes in standard().items()},
    )
    usual = Member(active=True, agreed=True, aggregate_only=False, classes=("clinic",), networks=("all",))
    members = {
        BACKBONE: replace(usual, classes=()),
        CLINIC: usual,
        SHELTER: usual,
        REFUGE: replace(usual, aggregate_only=True),
        NEWCOMER: replace(usual, agreed=False),
        GONE: replace(usual, active=False),
    }
    for name, member in members.items():
        made.take_member(name, member)
    made.services = {
        ident("beds"): Service(SHELTER, accepts_referrals=True, programme_class="substance-use", min_attempts=5),
        FULL: Service(SHELTER, accepts_referrals=False, programme_class="general", min_attempts=None),
        ident("gone"): Service(GONE, accepts_referrals=True, programme_class="general", min_attempts=None),
    }
    since, until = datetime(2023, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
    made.windows = {LONG_AGO: Window(frozenset({CLINIC}), since, until)}
    return made


def context(caller: Caller = clinic, **changed: Any) -> Context:
    """Return what the caller's rows are judged by: it knows one client and takes part in one referral."""
    found = Found(
        clients={"own:1": CLIENT},
        held={
            REFERRAL: Held(CLIENT, CLINIC, {SHELTER}, published=True),
            FOREIGN: Held(ident("somebody"), BACKBONE, set(), published=True),
        },
    )
    made = Context(caller, standing(), NAMING, NOW, found, SUPPORTED)
    return replace(made, **changed)


def judged(row: bytes, scene: Context | None = None) -> Draft | Problem:
    """Return what admission makes of the row before it seals and publishes."""
    said = parse(row)
    if isinstance(said, Problem):
        return said
    try:
        return examine(scene or context(), 0, said)
    except TurnedAway as away:
        return away.problem


def drafted(row: bytes, scene: Context | None = None) -> Draft:
    """Return the draft of a row that passes."""
    found = judged(row, scene)
    assert isinstance(found, Draft), found
    return found


def parsed(row: bytes) -> Parsed:
    """Return what a row says that its schema accepts."""
    found = parse(row)
    assert isinstance(found, Parsed), found
    return found


def refused(row: bytes, scene: Context | None = None) -> tuple[str, str]:
    """Return code and pointer of a row that does not pass."""
    found = judged(row, scene)
    assert isinstance(found, Problem), found
    return found.code, found.pointer


def data_of(draft: Draft) -> Mapping[str, Any]:
    return draft.parsed.data
