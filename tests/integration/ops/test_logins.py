"""A login for each service: by the password in its own file, with the rights of its own roles."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from services.ops import local, logins
from services.ops.local.state import replace_text
from services.ops.logins import FILE, LOGINS, login
from services.runtime.roles import Role
from services.runtime.settings import Settings
from services.runtime.store import DatabaseAway, RoleDenied, connect, upgrade


@pytest.fixture(scope="module")
async def own(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Settings]:
    """A database server of its own, that asks services' logins for their passwords."""
    home = tmp_path_factory.mktemp("own")
    server = local.Postgres(home)
    try:
        await asyncio.to_thread(server.start)
        settings = Settings(home, "", server.uri)
        await upgrade(settings.postgres)
        await logins._make(settings, home / "logins")
        hba = server.data / "pg_hba.conf"
        names = ",".join(map(login, LOGINS))
        replace_text(hba, f"local all {names} scram-sha-256\n{hba.read_text()}")
        owner = await asyncpg.connect(settings.postgres)
        await owner.execute("select pg_reload_conf()")
        await owner.close()
        yield settings
    finally:
        await asyncio.to_thread(server.stop)


def uri(settings: Settings, service: str, owner: str | None = None) -> str:
    """Return how a service reaches the database, with its own password file or another service's."""
    place = settings.postgres.replace("//manyhands@", f"//{login(service)}@")
    return f"{place}&passfile={settings.home / 'logins' / (owner or service) / FILE}"


@pytest.mark.parametrize("service", LOGINS)
async def test_service_logs_in_and_takes_its_roles_and_no_other(own: Settings, service: str) -> None:
    assert await upgrade(uri(own, service)) == []
    for role in Role:
        if role in LOGINS[service]:
            async with await connect(uri(own, service), application="test", size=1, role=role) as pool:
                assert await pool.fetchval("select current_user") == role
        else:
            with pytest.raises(RoleDenied):
                await connect(uri(own, service), application="test", size=1, role=role)


async def test_password_is_asked_for_and_no_other_service_s_will_do(own: Settings) -> None:
    file = own.home / "logins" / "gateway" / FILE
    wrong = own.home / "wrong"
    wrong.touch(mode=0o600)
    wrong.write_text(file.read_text().replace(":manyhands_login_gateway:", ":manyhands_login_gateway:x"))
    for address in (uri(own, "gateway", "intake"), uri(own, "gateway").replace(str(file), str(wrong))):
        with pytest.raises(DatabaseAway):
            await connect(address, application="test", size=1)


async def test_password_stays_is_for_its_owner_alone_and_its_text_is_nowhere_else(own: Settings) -> None:
    files = [own.home / "logins" / each / FILE for each in LOGINS]
    before = [file.read_text() for file in files]
    assert len(set(before)) == len(LOGINS)
    await logins._make(own, own.home / "logins")
    assert [file.read_text() for file in files] == before
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    owner = await asyncpg.connect(own.postgres)
    try:
        kept = {row[0]: row[1] for row in await owner.fetch("select rolname, rolpassword from pg_authid")}
    finally:
        await owner.close()
    for service, text in zip(LOGINS, before, strict=True):
        assert kept[login(service)].startswith("SCRAM-SHA-256$4096:")
        assert text.strip().rpartition(":")[2] not in kept[login(service)]


async def test_password_that_was_lost_is_made_anew_and_a_right_too_many_is_taken(own: Settings) -> None:
    owner = await asyncpg.connect(own.postgres)
    try:
        await owner.execute("grant manyhands_operator to manyhands_login_referral")
        (own.home / "logins" / "referral" / FILE).unlink()
        with pytest.raises(DatabaseAway):
            await connect(uri(own, "referral"), application="test", size=1)
        await logins._make(own, own.home / "logins")
        assert not await owner.fetchval(
            "select pg_has_role('manyhands_login_referral', 'manyhands_operator', 'member')"
        )
    finally:
        await owner.close()
    async with await connect(uri(own, "referral"), application="test", size=1, role=Role.PROCESSOR) as pool:
        assert await pool.fetchval("select 1") == 1


async def test_somebody_who_owns_nothing_is_told_so(own: Settings, tmp_path: Path) -> None:
    stranger = Settings(tmp_path, "", uri(own, "intake"))
    with pytest.raises(RoleDenied):
        await logins._make(stranger, tmp_path / "logins")
