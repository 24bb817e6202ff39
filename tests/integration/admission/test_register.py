"""The register: written before publishing, made again from the log, and nothing gets past it."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from services.admission.admission import Admission
from services.admission.store import RegisterStore
from services.ops.register import judged, rebuilt
from services.runtime.settings import Settings
from services.runtime.store import connect
from tests.support.admitting import (
    BACKBONE,
    CLINIC,
    SHELTER,
    clinic,
    codes,
    consent,
    offer,
    registered,
    registrar,
    requested,
    said,
)
from tests.support.events import INITIATIVE, ident

Rows = list[tuple[str, str, str, list[str], bool]]


async def rows(settings: Settings) -> Rows:
    connection = await asyncpg.connect(settings.postgres)
    try:
        found = await connection.fetch("select * from keep.register order by initiative, subject")
    finally:
        await connection.close()
    return [(str(row[1]), str(row[2]), row[3], row[4], row[5]) for row in found]


async def emptied(settings: Settings) -> None:
    connection = await asyncpg.connect(settings.postgres)
    await connection.execute("delete from keep.register")
    await connection.close()


async def loaded(admission: Admission, count: int = 5) -> None:
    for each in range(count):
        told = [
            registered(f"c{each}", f"own:{each}"),
            consent(f"k{each}", f"own:{each}", programme_classes=["substance-use"]),
            requested(f"r{each}", f"own:r{each}", f"own:{each}"),
            offer(f"o{each}", f"own:r{each}"),
        ]
        assert codes(await admission.admit(clinic, told)) == [None] * 4


async def test_register_is_made_again_from_the_log(admission: Admission, settings: Settings) -> None:
    await loaded(admission)
    before = await rows(settings)
    assert [row[2:] for row in before] == [(CLINIC, [SHELTER], True)] * 5
    connection = await asyncpg.connect(settings.postgres)
    await connection.execute("delete from keep.register where subject <> $1", before[0][0])
    await connection.execute("update keep.register set record = $1", ident("wrong"))
    await connection.close()
    assert await rebuilt(settings) == 5
    assert await rows(settings) == before


async def test_what_folds_refuse_is_not_in_the_register_made_again(admission: Admission, settings: Settings) -> None:
    """Admission lets an offer without consent pass, and the recipient in; the fold refuses it."""
    told = [registered("c", "own:c"), requested("r", "own:r", "own:c"), offer("o", "own:r")]
    assert codes(await admission.admit(clinic, told)) == [None] * 3
    assert [row[2:] for row in await rows(settings)] == [(CLINIC, [SHELTER], True)]
    assert await rebuilt(settings) == 1
    assert [row[2:] for row in await rows(settings)] == [(CLINIC, [SHELTER], True)], "whoever was let in stays"
    await emptied(settings)
    assert await rebuilt(settings) == 1
    assert [row[2:] for row in await rows(settings)] == [(CLINIC, [], True)]


async def test_whoever_joins_while_the_log_is_read_stays(
    admission: Admission, settings: Settings, store: RegisterStore
) -> None:
    await loaded(admission, 2)
    made = await judged(settings)
    desk = {"service_id": ident("desk"), "name": "Desk", "needs": ["shelter"], "accepts_referrals": True}
    desk["programme_class"] = "general"
    joining = [offer("o", "own:r0", recipient=BACKBONE, service_id=ident("desk"))]
    assert codes(await admission.admit(registrar, [said("partner.service_published", "desk", desk)])) == [None]
    assert codes(await admission.admit(clinic, joining)) == [None]
    opening = [requested("r2", "own:r2", "own:0"), offer("o2", "own:r2")]
    assert codes(await admission.admit(clinic, opening)) == [None, None]
    before = await rows(settings)
    assert sorted(row[3] for row in before) == [[SHELTER], [SHELTER], [SHELTER, BACKBONE]]
    assert await made.write(store) == 2
    assert await rows(settings) == before


async def test_row_that_the_log_knows_otherwise_is_written_over(
    admission: Admission, settings: Settings, store: RegisterStore
) -> None:
    await loaded(admission, 1)
    before = await rows(settings)
    connection = await asyncpg.connect(settings.postgres)
    await connection.execute(
        "update keep.register set record = $1, participants = '{stranger}', published = false", ident("wrong")
    )
    await connection.close()
    assert await rebuilt(settings) == 1
    assert await rows(settings) == before


async def test_register_made_again_lets_the_same_partners_in(admission: Admission, settings: Settings) -> None:
    await loaded(admission, 1)
    await emptied(settings)
    assert codes(await admission.admit(clinic, [offer("again", "own:r0")])) == ["not-found"]
    await rebuilt(settings)
    assert codes(await admission.admit(clinic, [offer("again", "own:r0")])) == [None]


@pytest.fixture
async def store(admission: Admission, settings: Settings) -> AsyncIterator[RegisterStore]:
    assert admission.initiatives == [INITIATIVE]
    pool = await connect(settings.postgres, application="test")
    yield RegisterStore(pool)
    await pool.close()


async def test_unpublished_subject_moves_with_its_opener(store: RegisterStore) -> None:
    subject, first, second = ident("s"), ident("first"), ident("second")
    assert await store.open(INITIATIVE, CLINIC, [(subject, first, ())]) == {subject}
    assert await store.open(INITIATIVE, SHELTER, [(subject, second, ())]) == set()
    assert (await store.find(INITIATIVE, [subject]))[subject].record == first
    assert await store.open(INITIATIVE, CLINIC, [(subject, second, ())]) == {subject}
    assert (await store.find(INITIATIVE, [subject]))[subject].record == second
    await store.published(INITIATIVE, [subject])
    assert await store.open(INITIATIVE, CLINIC, [(subject, first, ())]) == set()
    assert (await store.find(INITIATIVE, [subject]))[subject].record == second
    assert await store.find("elsewhere", [subject]) == {}


async def test_joining_twice_is_joining_once(store: RegisterStore) -> None:
    subject = ident("s")
    await store.open(INITIATIVE, CLINIC, [(subject, ident("client"), ())])
    for partners in ([SHELTER, BACKBONE], [SHELTER]):
        await store.join(INITIATIVE, [(subject, partner) for partner in partners])
    assert (await store.find(INITIATIVE, [subject]))[subject].participants == {SHELTER, BACKBONE}


async def test_joining_with_the_opening_adds_to_who_is_there(store: RegisterStore) -> None:
    subject, record = ident("s"), ident("client")
    assert await store.open(INITIATIVE, CLINIC, [(subject, record, [SHELTER])]) == {subject}
    assert await store.open(INITIATIVE, CLINIC, [(subject, record, [SHELTER])]) == set()
    assert await store.open(INITIATIVE, CLINIC, [(subject, record, [BACKBONE])]) == {subject}
    assert (await store.find(INITIATIVE, [subject]))[subject].participants == {SHELTER, BACKBONE}


async def test_opening_again_lets_others_join_what_is_published(admission: Admission, settings: Settings) -> None:
    await loaded(admission, 1)
    again = [requested("r0", "own:r0", "own:0"), offer("o1", "own:r0", recipient=BACKBONE, service_id=ident("desk"))]
    desk = {"service_id": ident("desk"), "name": "Desk", "needs": ["shelter"], "accepts_referrals": True}
    desk["programme_class"] = "general"
    assert codes(await admission.admit(registrar, [said("partner.service_published", "desk", desk)])) == [None]
    assert codes(await admission.admit(clinic, again)) == [None, None]
    assert [row[2:] for row in await rows(settings)] == [(CLINIC, [SHELTER, BACKBONE], True)]


async def test_foreign_partner_gets_in_where_the_register_is_not_asked(
    admission: Admission, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A register that counts everybody in: what keeps foreign partners out is the register and nothing else."""
    await loaded(admission, 1)
    [(subject, *_)] = await rows(settings)
    viewed = said("referral.offer_viewed", "v", {"offer_id": "own:o", "by": "person"}, subject=subject)
    assert codes(await admission.admit(registrar, [viewed])) == ["not-found"]
    honest = RegisterStore.find

    async def everybody(self: RegisterStore, initiative: str, subjects: list[str]) -> object:
        held = await honest(self, initiative, subjects)
        for row in held.values():
            row.participants |= {BACKBONE}
        return held

    monkeypatch.setattr(RegisterStore, "find", everybody)
    assert codes(await admission.admit(registrar, [viewed])) == [None]
