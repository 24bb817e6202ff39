"""Whose right to read live stands, looked at as time goes: tokens, sessions, and what people act as."""

from dataclasses import replace

import pytest

from services.gateway.feeds.rights import lost
from services.gateway.parts import Parts
from services.gateway.principal import Kind, Principal
from tests.support import doors, people
from tests.support.admitting import BACKBONE, CLINIC, REGISTRAR, SECOND, SHELTER, registrar, said
from tests.support.events import INITIATIVE

EMAIL = "registrar@together.example"


@pytest.fixture
async def signed_in(parts: Parts) -> Principal:
    """The registrar, with a session in which they act as one."""
    await people.add(parts.settings, EMAIL, REGISTRAR, BACKBONE)
    text = await parts.people.sessions.open(REGISTRAR)
    session = await parts.people.sessions.find(text)
    assert session is not None
    await parts.people.sessions.act(session.session, Kind.REGISTRAR)
    return Principal(Kind.REGISTRAR, INITIATIVE, BACKBONE, REGISTRAR, frozenset(), f"session:{session.session}")


async def ended(parts: Parts, who: Principal) -> str | None:
    return (await lost(parts.keep, parts.admission, [who])).get(who)


def session_of(who: Principal) -> str:
    return who.credential.partition(":")[2]


async def test_session_in_force_keeps_its_right_and_one_that_ended_does_not(parts: Parts, signed_in: Principal) -> None:
    assert await ended(parts, signed_in) is None
    assert await parts.people.sessions.end(session_of(signed_in), REGISTRAR)
    assert await ended(parts, signed_in) == "unauthenticated"


async def test_person_that_is_let_in_no_longer_reads_no_further(parts: Parts, signed_in: Principal) -> None:
    await people.deactivate(parts.settings, REGISTRAR)
    assert await ended(parts, signed_in) == "unauthenticated"


async def test_person_that_acts_as_what_reads_no_feed_is_stopped(parts: Parts, signed_in: Principal) -> None:
    second = {"person_id": SECOND, "role": "registrar"}
    auditor = {"person_id": REGISTRAR, "role": "auditor"}
    answers = await parts.admission.admit(
        registrar,
        [
            said("partner.role_assigned", "second", second, subject=BACKBONE),
            said("partner.role_assigned", "auditor", auditor, subject=BACKBONE),
        ],
    )
    assert [each.problem for each in answers] == [None, None]
    await parts.admission.catch_up(answers[-1].at)
    await parts.people.sessions.act(session_of(signed_in), Kind.STAFF)
    assert await ended(parts, signed_in) is None
    await parts.people.sessions.act(session_of(signed_in), Kind.AUDITOR)
    assert await ended(parts, signed_in) == "forbidden"


async def test_many_are_looked_at_at_once_and_each_for_itself(parts: Parts, signed_in: Principal) -> None:
    texts = [await doors.token(parts, partner) for partner in (CLINIC, SHELTER)]
    scopes = frozenset({"feed.read"})
    clinic, shelter = (
        Principal(Kind.PARTNER_SYSTEM, INITIATIVE, partner, None, scopes, f"token:{text.split('_')[1]}")
        for partner, text in zip((CLINIC, SHELTER), texts, strict=True)
    )
    nobody = replace(clinic, credential="test:nobody")
    await parts.tokens.revoke(texts[0].split("_")[1])
    found = await lost(parts.keep, parts.admission, [clinic, shelter, nobody, signed_in])
    assert found == {clinic: "unauthenticated", nobody: "unauthenticated"}
    with people.suspended(parts, SHELTER):
        assert await ended(parts, shelter) == "unauthenticated"
