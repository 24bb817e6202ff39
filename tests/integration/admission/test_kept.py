"""What admission writes down beside the log, and for which rows it does not."""

import asyncpg

from events.topics import CASES, DISCLOSURES
from services.admission.admission import Admission
from services.runtime.settings import Settings
from tests.support.admitting import clinic, codes, consent, offer, records, registered, requested
from tests.support.events import SEALED

CANARY = "Zaphrodite Quillfeather"
COUNTS = {
    "client": "select count(*) from keep.client",
    "alias": "select count(*) from keep.alias",
    "data_key": "select count(*) from keep.data_key",
    "register": "select count(*) from keep.register",
}


async def kept(settings: Settings) -> dict[str, int]:
    """Return how many rows there are of everything that admission keeps."""
    connection = await asyncpg.connect(settings.postgres)
    try:
        return {table: await connection.fetchval(query) for table, query in COUNTS.items()}
    finally:
        await connection.close()


async def test_dry_run_keeps_no_keys(admission: Admission, settings: Settings) -> None:
    await admission.admit(clinic, [registered("c1", "own:1")])
    rows = [
        requested("r1", "own:r1", "own:1", details=CANARY),
        registered("c2", "own:2", details=CANARY),
        requested("r2", "own:r2", "own:2", details=CANARY),
        requested("r3", "own:r3", "own:1", details=SEALED),
        requested("r4", "own:r4", "own:2", details=SEALED),
    ]
    before = await kept(settings)
    dry = await admission.admit(clinic, rows, dry_run=True)
    assert await kept(settings) == before == {"client": 1, "alias": 1, "data_key": 1, "register": 0}
    assert codes(dry) == [None, None, None, "seal-invalid", "seal-invalid"]
    assert codes(await admission.admit(clinic, rows)) == codes(dry)


async def test_dry_run_answers_the_same_and_leaves_nothing(admission: Admission, settings: Settings) -> None:
    rows = [registered("c1", "own:1"), requested("r1", "own:r1", "own:1"), offer("o1", "own:r1"), b"{}"]
    before = len(await records(settings, DISCLOSURES))
    dry = await admission.admit(clinic, rows, dry_run=True)
    assert codes(dry) == [None, None, None, "missing-field"]
    assert codes(await admission.admit(clinic, [consent("k", "own:1")])) == ["not-found"]
    assert await records(settings, CASES) == []
    assert len(await records(settings, DISCLOSURES)) == before + 1
    assert codes(await admission.admit(clinic, rows)) == codes(dry)


async def test_rows_about_a_client_whose_registration_is_turned_away_go_with_it(
    admission: Admission, settings: Settings
) -> None:
    """Folds would refuse them, and their ids would be used up."""
    told = [consent("k1", "own:1"), requested("r1", "own:r1", "own:1"), offer("o1", "own:r1")]
    answers = await admission.admit(clinic, [registered("c1", "own:1", details=SEALED), *told])
    assert codes(answers) == ["seal-invalid", "not-found", "not-found", "not-found"]
    assert [answer.problem.pointer for answer in answers[1:] if answer.problem] == ["/client", "/client", "/subject"]
    assert await records(settings, CASES) == []
    assert codes(await admission.admit(clinic, told)) == ["not-found"] * 3
    assert await kept(settings) == {"client": 0, "alias": 0, "data_key": 0, "register": 0}
    assert codes(await admission.admit(clinic, [registered("c1", "own:1", details=CANARY), *told])) == [None] * 4


async def test_client_that_another_row_registers_is_there(admission: Admission) -> None:
    await admission.admit(clinic, [registered("c1", "own:1", details=CANARY)])
    bad, good = registered("c1", "own:1", details=SEALED), registered("c1", "own:1", details=CANARY)
    asked = requested("r1", "own:r1", "own:1")
    assert codes(await admission.admit(clinic, [bad, asked])) == ["seal-invalid", "not-found"]
    assert codes(await admission.admit(clinic, [good, bad, asked])) == [None, "seal-invalid", None]
    assert codes(await admission.admit(clinic, [bad, good, asked])) == ["seal-invalid", None, None]
