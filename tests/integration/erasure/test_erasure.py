"""An erasure from the asking to the certificate: two persons, a wait, the event first and the key after it."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from events.fields import Sealed
from events.topics import CASES
from projections.memory import MemoryStore
from projections.projector import Projector
from projections.record import Partition
from projections.referral import REFERRAL
from services.admission.admission import Admission
from services.ops.erasure import ApproverUnfit, ClientUnknown, Erasing, ErasureBegun, ErasureRefused, ErasureUnknown
from services.runtime.log import create_topics, read, spans
from services.runtime.placement import placement
from services.runtime.settings import Settings
from services.runtime.store import Pool, connect
from services.vault import KeyDestroyed, SealPlace, Secrets, Vault
from services.vault.certificate import check
from services.vault.erasures import Erasures
from services.vault.errors import SamePerson
from tests.support.admitting import (
    BACKBONE,
    CLINIC,
    REGISTRAR,
    SECOND,
    clinic,
    codes,
    registrar,
    requested,
    riverbend,
    said,
)
from tests.support.events import INITIATIVE, ident

CANARY = "Alva Canary"
OWN = "own:alva-1"


class Crash(Exception):
    """The process dies here."""


class Dying(Vault):
    """A vault whose process dies before it destroys anything."""

    async def destroy(self, initiative: str, client: str) -> None:
        raise Crash


@dataclass(frozen=True)
class House:
    settings: Settings
    admission: Admission
    pool: Pool
    secrets: Secrets
    vault: Vault

    def erasing(self, vault: Vault | None = None) -> Erasing:
        return Erasing(self.admission, vault or self.vault, Erasures(self.pool), self.secrets)

    async def logged(self) -> list[dict[str, Any]]:
        """Return the cases' events, as they stand on the log."""
        return [
            json.loads(record.value) for _, records in [each async for each in self.batches()] for record in records
        ]

    async def batches(self) -> AsyncIterator[tuple[Partition, Any]]:
        async for partition, records in read(self.settings, await spans(self.settings, [CASES])):
            yield partition, records


@pytest.fixture
async def house(kafka: str, database: str, topic_prefix: str, tmp_path: Path) -> AsyncIterator[House]:
    """An initiative with two registrars and no waiting period, and one client whose details are sealed."""
    settings = Settings(tmp_path, kafka, database, topic_prefix=topic_prefix, partitions=1)
    await create_topics(settings)
    async with riverbend(settings) as admission, await connect(database, application="test") as pool:
        secrets = Secrets(tmp_path / "secrets")
        second = said("partner.role_assigned", "second", {"person_id": SECOND, "role": "registrar"}, subject=BACKBONE)
        told = await admission.admit(registrar, [second, policy("no-wait", 0)])
        told += await admission.admit(clinic, [said("client.registered", "c1", {"details": CANARY}, client=OWN)])
        assert codes(told) == [None] * 3
        yield House(settings, admission, pool, secrets, Vault(pool, secrets))


def policy(emitted: str, days: int) -> bytes:
    return said("initiative.policy_set", emitted, {"erasure_wait_days": days})


async def approved(steps: Erasing) -> str:
    certificate = await steps.ask(INITIATIVE, CLINIC, OWN)
    await steps.approve(certificate, REGISTRAR)
    await steps.approve(certificate, SECOND)
    return certificate


async def certificates(steps: Erasing) -> list[dict[str, Any]]:
    return [each async for each in steps.run()]


async def details(house: House) -> tuple[SealPlace, Sealed]:
    """Return the client's sealed details as the log has them, and their place."""
    [event] = [each for each in await house.logged() if each["type"].endswith("client.registered.v1")]
    place = SealPlace(INITIATIVE, event["partitionkey"], event["source"], event["id"], event["type"], "/data/details")
    return place, Sealed.model_validate(event["data"]["details"])


async def test_erased_client_is_gone_from_log_readers_and_partners(house: House) -> None:
    place, sealed = await details(house)
    assert await house.vault.open(place, sealed) == CANARY
    certificate = await approved(house.erasing())
    [signed] = await certificates(house.erasing())
    assert signed["certificate"] == certificate
    with pytest.raises(KeyDestroyed):
        await house.vault.open(place, sealed)
    assert await house.vault.find(INITIATIVE, CLINIC, [OWN]) == {}
    [erased] = [each for each in await house.logged() if each["type"].endswith("client.erased.v1")]
    assert erased["partitionkey"] == place.owner
    assert {erased["actor"], erased["approver"]} == {REGISTRAR, SECOND}
    assert await certificates(house.erasing()) == []


async def test_old_export_sent_again_registers_the_person_anew(house: House) -> None:
    export = [
        said("client.registered", "c1", {"details": CANARY}, client=OWN),
        requested("r1", "own:need", OWN),
        requested("r2", "own:new", OWN),
    ]
    assert codes(await house.admission.admit(clinic, export[:2])) == [None, None]
    await approved(house.erasing())
    await certificates(house.erasing())
    [before] = {each["partitionkey"] for each in await house.logged() if "erased" in each["type"]}
    assert codes(await house.admission.admit(clinic, export)) == [None, "subject-taken", None]
    [*_, registered, _] = await house.logged()
    assert registered["type"].endswith("client.registered.v1")
    assert registered["partitionkey"] != before


async def test_certificate_is_signed_and_names_nobody(house: House) -> None:
    place, _ = await details(house)
    certificate = await approved(house.erasing())
    [signed] = await certificates(house.erasing())
    check(signed, signed["key"])
    assert house.erasing().certificate(await house.erasing().find(certificate)) == signed
    assert place.owner not in json.dumps(signed)


async def test_run_that_dies_after_the_event_goes_on_with_the_same_event(house: House) -> None:
    place, sealed = await details(house)
    await approved(house.erasing())
    with pytest.raises(Crash):
        await certificates(house.erasing(Dying(house.pool, house.secrets)))
    assert await house.vault.open(place, sealed) == CANARY
    assert len(await certificates(house.erasing())) == 1
    with pytest.raises(KeyDestroyed):
        await house.vault.open(place, sealed)
    erased = [each for each in await house.logged() if each["type"].endswith("client.erased.v1")]
    assert len(erased) == 2
    assert erased[0] == erased[1]
    projector = Projector(REFERRAL, MemoryStore(REFERRAL), placement(1))
    async for partition, records in house.batches():
        outcome = await projector.project(partition, (await projector.open(partition)).next_offset, records)
        assert (outcome.refused, outcome.duplicates) == (0, 1)


async def test_one_person_is_not_enough(house: House) -> None:
    steps = house.erasing()
    certificate = await steps.ask(INITIATIVE, CLINIC, OWN)
    assert (await steps.approve(certificate, REGISTRAR)).due_at is None
    with pytest.raises(SamePerson):
        await steps.approve(certificate, REGISTRAR)
    assert await certificates(steps) == []
    assert (await steps.approve(certificate, SECOND)).due_at is not None


async def test_person_without_the_role_neither_approves_nor_holds(house: House) -> None:
    steps = house.erasing()
    certificate = await steps.ask(INITIATIVE, CLINIC, OWN)
    with pytest.raises(ApproverUnfit):
        await steps.approve(certificate, ident("passer-by"))
    with pytest.raises(ApproverUnfit):
        await steps.hold(INITIATIVE, CLINIC, OWN, ident("passer-by"))


async def test_waiting_period_of_the_policy_is_waited_for(house: House) -> None:
    assert codes(await house.admission.admit(registrar, [policy("wait", 14)])) == [None]
    certificate = await approved(house.erasing())
    found = await house.erasing().find(certificate)
    assert found.due_at is not None
    assert (found.due_at - found.asked_at).days == 14
    assert await certificates(house.erasing()) == []


async def test_client_with_a_duty_to_keep_is_not_erased_until_it_ends(house: House) -> None:
    steps = house.erasing()
    await steps.hold(INITIATIVE, CLINIC, OWN, REGISTRAR)
    await approved(steps)
    assert await certificates(steps) == []
    await steps.release(INITIATIVE, CLINIC, OWN, SECOND)
    assert len(await certificates(steps)) == 1
    acts = await house.pool.fetch("select code from keep.act order by at")
    assert [act["code"] for act in acts] == ["hold-placed", "hold-released"]


async def test_duty_to_keep_that_comes_too_late_says_so(house: House) -> None:
    await approved(house.erasing())
    with pytest.raises(Crash):
        await certificates(house.erasing(Dying(house.pool, house.secrets)))
    with pytest.raises(ErasureBegun):
        await house.erasing().hold(INITIATIVE, CLINIC, OWN, REGISTRAR)


async def test_asking_again_finds_the_same_erasure_and_nobody_is_erased_for_an_unknown_name(house: House) -> None:
    steps = house.erasing()
    assert await steps.ask(INITIATIVE, CLINIC, OWN) == await steps.ask(INITIATIVE, CLINIC, OWN)
    with pytest.raises(ClientUnknown):
        await steps.ask(INITIATIVE, CLINIC, "own:nobody")
    with pytest.raises(ErasureUnknown):
        await steps.approve(ident("nothing"), REGISTRAR)


async def test_key_outlives_an_event_that_the_log_did_not_take(house: House) -> None:
    place, sealed = await details(house)
    certificate = await approved(house.erasing())
    # Admission turns away what is said in an initiative that was never opened.
    await house.pool.execute("update keep.erasure set initiative = 'nowhere' where certificate = $1", certificate)
    with pytest.raises(ErasureRefused, match="wrong-initiative"):
        await certificates(house.erasing())
    assert await house.vault.open(place, sealed) == CANARY
