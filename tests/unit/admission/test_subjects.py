"""Whom a row is about: found by alias and register, or turned away as an unknown one would be."""

from dataclasses import replace

import pytest

from services.admission.caller import Partner, System
from services.admission.context import Context, Held
from tests.support.admitting import (
    BACKBONE,
    CLINIC,
    SHELTER,
    consent,
    offer,
    registrar,
    requested,
    said,
    shelter,
)
from tests.support.events import INITIATIVE, ident
from tests.support.scene import (
    CLIENT,
    FOREIGN,
    NAMING,
    REFERRAL,
    context,
    drafted,
    refused,
)
from tests.support.telling import AT, asked, offered, timed, viewed

backbone = Partner(INITIATIVE, BACKBONE)

TURNED_AWAY: dict[str, tuple[bytes, Context, str, str]] = {
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
        "invalid-value",
        "/subject",
    ),
    "a subject that may be somebody else's": (
        timed(requested("r", ident("nobody's"), "own:1")),
        context(),
        "invalid-value",
        "/subject",
    ),
    "a subject of one's own by its id on the log": (
        timed(requested("r", REFERRAL, "own:1")),
        context(),
        "invalid-value",
        "/subject",
    ),
}


@pytest.mark.parametrize(("row", "scene", "code", "pointer"), TURNED_AWAY.values(), ids=TURNED_AWAY.keys())
def test_row_is_turned_away_with_code_and_place(row: bytes, scene: Context, code: str, pointer: str) -> None:
    assert refused(row, scene) == (code, pointer)


def test_unknown_and_foreign_look_alike() -> None:
    assert refused(viewed(subject=ident("none"))) == refused(viewed(subject=FOREIGN))


def test_opening_tells_nothing_of_what_others_opened() -> None:
    scene, theirs = context(), NAMING.own(INITIATIVE, BACKBONE, "referral", "mine")
    scene.found.held[theirs] = Held(ident("somebody"), BACKBONE, set(), published=True)
    assert drafted(timed(requested("r", "own:mine", "own:1")), scene).subject != theirs
    unused = refused(timed(requested("r", ident("unused"), "own:1")), scene)
    assert refused(timed(requested("r", theirs, "own:1")), scene) == unused


def test_foreign_partner_gets_in_when_the_register_is_ignored() -> None:
    """The register alone keeps it out: with everybody in it, the test above would fail."""
    scene = context(backbone)
    assert refused(viewed(), scene) == ("not-found", "/subject")
    scene.found.held[REFERRAL] = Held(CLIENT, CLINIC, {BACKBONE, SHELTER}, published=True)
    assert drafted(viewed(), scene).record == CLIENT


def test_record_key_comes_from_the_register_and_the_alias() -> None:
    assert drafted(viewed(), context(shelter)).record == CLIENT
    assert drafted(asked()).record == CLIENT


def test_later_row_finds_what_an_earlier_one_opened() -> None:
    scene = context()
    opened = drafted(timed(requested("r", "own:new", "own:1")), scene)
    leaning = drafted(timed(offer("o", "own:new", respond_by="2026-03-12")), scene)
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
    subject = NAMING.own(INITIATIVE, CLINIC, "referral", "mine")
    scene.found.held[subject] = Held(ident("another client"), CLINIC)
    assert drafted(timed(requested("r", "own:mine", "own:1")), scene).record == CLIENT
    scene.found.held[subject] = Held(ident("another client"), SHELTER)
    assert refused(timed(requested("r", "own:mine", "own:1")), scene) == ("subject-taken", "/subject")
    scene.found.held[subject] = Held(ident("another client"), CLINIC, published=True)
    assert refused(timed(requested("r", "own:mine", "own:1")), scene) == ("subject-taken", "/subject")
