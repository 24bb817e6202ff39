"""The gateway measures since when the epoch's key is in use, and sees that it was changed."""

from datetime import UTC, datetime

import pytest

from services.gateway import keyage
from services.gateway.parts import Parts
from services.runtime.roles import Role
from services.runtime.store import connect
from services.vault.vault import Vault
from tests.support.wait import until


def measured(parts: Parts) -> float:
    """Return what is measured, 0 before the first look."""
    name = "manyhands_epoch_since_seconds "
    lines = parts.telemetry.text().decode().splitlines()
    return next(float(line.removeprefix(name)) for line in lines if line.startswith(name))


async def test_age_of_the_key_is_measured_and_a_new_one_is_young(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    await until(lambda: measured(parts))
    age = datetime.now(UTC).timestamp() - measured(parts)
    assert 0 <= age < 86_400, "since the initiative of these tests was founded"
    monkeypatch.setattr(keyage, "LOOK_S", 0.01)
    async with await connect(parts.settings.postgres, application="test", role=Role.OPERATOR, size=2) as pool:
        await pool.execute("update keep.secret set since = now() - interval '40 days'")
        async with keyage.measured(parts.vault, parts.telemetry):
            await until(lambda: datetime.now(UTC).timestamp() - measured(parts) > 39 * 86_400)
            await Vault(pool, parts.secrets).rotate()
            await until(lambda: datetime.now(UTC).timestamp() - measured(parts) < 86_400)
