"""Nobody is named in the clear: not on disk, not in what is shown, also when things go wrong."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.acceptance.life import ENTRY, SEALED, Life, lived
from tests.acceptance.logged import records
from tests.support.admitting import CLINIC
from tests.support.canary import LEAKED, NAMES, SMUGGLED, Hit, Search, ascii_name
from tests.support.casework import Person, lines
from tests.support.deployment import Deployment, Ran

SEARCH = Search([*NAMES, *map(ascii_name, NAMES), SMUGGLED])


@pytest.fixture(scope="module")
async def life(home: Path, lone: Deployment) -> Life:
    """A life in which every name was said and everything went wrong once, with all of it on disk."""
    made = await lived(home, lone)
    await lone.rows("checkpoint")
    return made


def test_every_sealed_field_of_every_type_had_a_name_in_it(life: Life) -> None:
    assert life.planted == SEALED


async def test_no_name_in_any_file(life: Life) -> None:
    """Kafka's logs, PostgreSQL's pages and log of writes, log files, run files, temporary files."""
    kafka = life.deployment.home / "kafka"
    hits = SEARCH.folder(life.deployment.home)
    assert _but_smuggled(hits) == []
    assert {hit.where.startswith(str(kafka)) for hit in hits} == {True}, "only the log keeps what was written to it"


async def test_no_name_on_the_log(life: Life) -> None:
    found = await records(life.deployment)
    assert len(found) > 150
    assert _but_smuggled(SEARCH.text("log", b"\n".join(found))) == []


async def test_no_name_in_any_table(life: Life) -> None:
    hits = [hit for name, said in (await _tables(life.deployment)).items() for hit in SEARCH.text(name, said)]
    assert hits == []


def test_no_name_in_what_commands_and_processors_answered(life: Life) -> None:
    shown = [hit for arguments, ran in life.deployment.ran for hit in SEARCH.text(" ".join(arguments), _shown(ran))]
    assert shown == []
    assert len(life.deployment.answers) > 4
    assert SEARCH.text("http", b"\n".join(life.deployment.answers)) == set()


def test_faults_were_provoked_and_told_without_what_they_quoted(life: Life) -> None:
    said = (life.deployment.home / "logs" / "faulty.log").read_bytes()
    assert b"RuntimeError" in said
    assert b"cannot judge" not in said
    traced = [(arguments, ran.err) for arguments, ran in life.deployment.ran if b"Traceback" in ran.err]
    assert not traced, b"\n\n".join(err for _, err in traced).decode()


async def test_search_finds_what_a_door_that_seals_nothing_lets_through(life: Life) -> None:
    search = Search([LEAKED])
    assert search.folder(life.deployment.home) == set()
    await _leaked(life.deployment, "unsealed")
    assert search.text("log", b"\n".join(await records(life.deployment)))
    assert search.folder(life.deployment.home / "kafka")


async def test_search_finds_what_a_seal_that_hides_nothing_lets_through(life: Life) -> None:
    search = Search([LEAKED])
    await _leaked(life.deployment, "encoded")
    async with life.deployment.processor():
        await life.deployment.caught_up()
    await life.deployment.rows("checkpoint")
    assert any(search.text(name, said) for name, said in (await _tables(life.deployment)).items())
    assert {hit.form[:6] for hit in search.folder(life.deployment.home / "postgres")} == {"base64"}


async def test_search_finds_own_ids_that_are_kept_unsealed(life: Life) -> None:
    search = Search([LEAKED])
    assert not search.text("aliases", (await _tables(life.deployment))["keep.alias"])
    await _leaked(life.deployment, "bare", Person(LEAKED).registered())
    assert search.text("aliases", (await _tables(life.deployment))["keep.alias"])
    await life.deployment.rows("checkpoint")
    hits = search.folder(life.deployment.home / "postgres")
    assert {hit.form for hit in hits if not hit.form.startswith("base64")}


async def _leaked(deployment: Deployment, program: str, row: bytes | None = None) -> None:
    said = lines(row or Person(f"leaked {program}").registered(details=LEAKED))
    ran = await deployment("publish", "-", "--as", CLINIC, said=said, program=(*ENTRY, program))
    assert ran.code == 0, ran.err


def _but_smuggled(hits: Iterable[Hit]) -> list[Hit]:
    return [hit for hit in hits if hit.word not in SMUGGLED.split()]


def _shown(ran: Ran) -> bytes:
    """Return what the command wrote, without the emitter's own ids, which only it is told again."""
    try:
        rows: list[Any] = [{**row, "id": None} for row in ran.rows]
    except (orjson.JSONDecodeError, TypeError):
        return ran.out + b"\n" + ran.err
    return orjson.dumps(rows) + b"\n" + ran.err


async def _tables(deployment: Deployment) -> dict[str, bytes]:
    """Return every row of every table, as text, by the table's name."""
    names = await deployment.rows(
        "select format('%I.%I', schemaname, tablename) from pg_tables"
        " where schemaname not in ('pg_catalog', 'information_schema')"
    )
    found = {}
    for [name] in names:
        rows = await deployment.rows(f"select t::text from {name} t")  # noqa: S608 - PostgreSQL quoted the name
        found[name] = "\n".join(row[0] for row in rows).encode()
    return found
