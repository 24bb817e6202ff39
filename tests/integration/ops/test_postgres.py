"""The embedded PostgreSQL server, alone."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from services.ops.errors import HomeDamaged, PostgresFailed, WrongVersion
from services.ops.local import Postgres
from services.ops.local.cluster import program


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[Postgres]:
    home = tmp_path / "home"
    home.mkdir()
    postgres = Postgres(home)
    yield postgres
    postgres.stop("immediate")


@pytest.fixture
def stranger() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(["/bin/sleep", "600"]) as process:
        yield process
        process.kill()


async def ask(uri: str, query: str) -> object:
    connection = await asyncpg.connect(uri)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def test_server_keeps_rows_and_address_over_every_kind_of_stop(postgres: Postgres) -> None:
    uri = postgres.start()
    await ask(uri, "create table kept (number int)")
    await ask(uri, "insert into kept values (1)")
    assert postgres.restart("fast") == postgres.restart("immediate") == postgres.restart("kill") == uri
    assert await ask(uri, "select number from kept") == 1


async def test_server_sorts_by_code_point_speaks_utc_and_listens_on_no_port(postgres: Postgres) -> None:
    uri = postgres.start()
    assert await ask(uri, "select string_agg(x, '' order by x) from unnest(array['b', 'a', 'B', 'é']) x") == "Babé"
    assert await ask(uri, "show timezone") == "UTC"
    assert await ask(uri, "show listen_addresses") == ""
    assert await ask(uri, "show fsync") == "on"


async def test_errors_quote_no_row_in_the_log(postgres: Postgres) -> None:
    uri = postgres.start()
    await ask(uri, "create table people (name text primary key)")
    await ask(uri, "insert into people values ('Zebulon Quark')")
    with pytest.raises(asyncpg.UniqueViolationError):
        await ask(uri, "insert into people values ('Zebulon Quark')")
    with pytest.raises(asyncpg.InvalidTextRepresentationError):
        await ask(uri, "select 'Zebulon Quark'::uuid")
    log = (postgres.home / "logs" / "postgres.log").read_text()
    assert "ready to accept connections" in log
    assert "Zebulon" not in log


async def test_stale_pid_files_with_a_strangers_number_are_ignored(
    postgres: Postgres, stranger: subprocess.Popen[bytes]
) -> None:
    uri = postgres.start()
    postmaster = postgres.data / "postmaster.pid"
    text = postmaster.read_text()
    postgres.stop("kill")
    postmaster.write_text(text.replace(text.split()[0], str(stranger.pid), 1))
    postgres.daemon.pidfile.write_text(f"{stranger.pid}\n")
    assert not postgres.running()
    postgres.start()
    assert await ask(uri, "select 1") == 1
    postgres.stop()
    assert stranger.poll() is None


def test_half_written_data_is_made_anew(postgres: Postgres) -> None:
    fresh = postgres.folder / "data.new"
    fresh.mkdir(parents=True)
    (fresh / "PG_VERSION").write_text("18\n")
    postgres.start()
    assert postgres.answers()
    assert not fresh.exists()


def test_damaged_data_is_named_and_kept(postgres: Postgres) -> None:
    postgres.data.mkdir(parents=True)
    (postgres.data / "base").write_text("rows")
    with pytest.raises(HomeDamaged):
        postgres.start()
    assert (postgres.data / "base").read_text() == "rows"


def test_data_of_another_version_is_left_alone(postgres: Postgres) -> None:
    postgres.data.mkdir(parents=True)
    (postgres.data / "PG_VERSION").write_text("17\n")
    with pytest.raises(WrongVersion, match="PostgreSQL 17"):
        postgres.start()


def test_server_that_cannot_start_says_why(postgres: Postgres) -> None:
    postgres.start()
    postgres.stop()
    (postgres.data / "postgresql.conf").write_text("no_such_setting = 1\n")
    with pytest.raises(PostgresFailed, match="no_such_setting"):
        postgres.start()
    assert not postgres.running()


@pytest.mark.parametrize("name", ["d" * 110, "a folder, with more"])
async def test_folder_of_any_name_will_do(tmp_path: Path, name: str) -> None:
    home = tmp_path / name
    home.mkdir()
    postgres = Postgres(home)
    try:
        assert await ask(postgres.start(), "select 1") == 1
    finally:
        postgres.stop("immediate")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can try to be somebody else")
def test_nobody_else_can_connect(postgres: Postgres) -> None:
    postgres.start()
    # The account the server itself runs under, which alone besides root can reach the socket.
    owner = postgres.data.stat().st_uid
    command = ["/usr/bin/setpriv", f"--reuid={owner}", f"--regid={owner}", "--clear-groups"]
    as_other = [*command, "--securebits=+no_setuid_fixup", "--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
    query = [program("psql"), "--dbname", postgres.uri, "--command", "select 1"]
    refused = subprocess.run([*as_other, "--", *query], capture_output=True, text=True, check=False)
    assert refused.returncode != 0
    assert "Peer authentication failed" in refused.stderr
