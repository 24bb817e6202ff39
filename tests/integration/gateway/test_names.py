"""By what the doors call a person: to each partner its own id, to nobody another's."""

from typing import Any

import asyncpg
import httpx
import orjson
import pytest

from services.gateway.parts import Parts
from tests.support.admitting import BACKBONE, CLINIC, requested
from tests.support.canary import Search
from tests.support.events import INITIATIVE
from tests.support.reading import COORDINATOR, EVERYBODY, JSON, agreed, answered, erased, partner, referred, tell

OWN = "wrenfield-4711"


async def story(clinic: httpx.AsyncClient, shelter: httpx.AsyncClient) -> str:
    """Refer somebody to the shelter, which takes them on; return the referral's id."""
    await agreed(clinic, OWN, recipients={"partners": EVERYBODY})
    referral = await referred(clinic, OWN)
    await tell(shelter, answered("offer_accepted", OWN, referral))
    return referral


async def read(door: httpx.AsyncClient, referral: str) -> dict[str, bytes]:
    """Return all that the door tells of the referral."""
    client = (await door.get(f"/v1/referrals/{referral}")).json().get("client")
    places = [
        "/v1/referrals",
        f"/v1/referrals/{referral}",
        f"/v1/referrals/{referral}/timeline",
        f"/v1/clients/{client or referral}/journey",
        "/v1/referrals/export?format=ndjson",
        "/v1/referrals/export?format=csv",
    ]
    answers = [await door.get(place) for place in places]
    return {place: answer.content for place, answer in zip(places, answers, strict=True)}


async def test_each_partner_reads_its_own_id_and_no_other(
    told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient, newcomer: httpx.AsyncClient
) -> None:
    referral = await story(clinic, shelter)
    mine = await read(clinic, referral)
    single = orjson.loads(mine[f"/v1/referrals/{referral}"])
    assert (single["client_own"], single["client"]) == (OWN, await alias(told, CLINIC))
    assert [each["client_own"] for each in orjson.loads(mine["/v1/referrals"])["referrals"]] == [OWN]
    way = orjson.loads(mine[f"/v1/clients/{single['client']}/journey"])
    assert [way["client_own"], *(leg["client_own"] for leg in way["legs"])] == [OWN, OWN]
    assert orjson.loads(mine["/v1/referrals/export?format=ndjson"])["client_own"] == OWN
    async with partner(told, BACKBONE, COORDINATOR) as coordinator:
        others = [await read(door, referral) for door in (shelter, coordinator)]
        others.append(await read(newcomer, referral))
    # Negative control: what the clinic is told has it in, so the search would find it.
    search = Search([OWN])
    assert search.text("mine", b"".join(mine.values()))
    for found in others:
        assert not search.text("others", b"".join(found.values()))
    theirs = orjson.loads(others[0][f"/v1/referrals/{referral}"])
    assert theirs["client"] is not None
    assert theirs["client_own"] is None


async def alias(parts: Parts, name: str) -> str:
    [client] = (await parts.vault.find(INITIATIVE, CLINIC, [f"own:{OWN}"])).values()
    return (await parts.vault.aliases(INITIATIVE, name, [client]))[client]


@pytest.mark.parametrize("way", ["event", "dry run", "alias", "search"])
async def test_id_of_before_shows_from_when_it_is_said_again(
    told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient, way: str
) -> None:
    referral = await story(clinic, shelter)
    connection = await asyncpg.connect(told.settings.postgres)
    await connection.execute("update keep.alias set own_sealed = null")
    await connection.close()
    assert await called(clinic, referral) is None
    dry = {"dry_run": "true"} if way == "dry run" else {}
    if way in ("event", "dry run"):
        row = requested("r 2", "own:r 2", f"own:{OWN}")
        answer = await clinic.post("/v1/events", content=row, headers=JSON, params=dry)
    elif way == "alias":
        answer = await clinic.post("/v1/clients", json={"client": f"own:{OWN}"})
    else:
        answer = await clinic.get("/v1/referrals", params={"client": f"own:{OWN}"})
    assert answer.is_success, answer.text
    # What is only tried keeps nothing.
    assert await called(clinic, referral) == (None if way == "dry run" else OWN)


async def called(door: httpx.AsyncClient, referral: str) -> Any:
    return (await door.get(f"/v1/referrals/{referral}")).json()["client_own"]


async def test_id_of_an_erased_person_is_told_to_nobody(
    told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient
) -> None:
    referral = await story(clinic, shelter)
    assert await called(clinic, referral) == OWN
    await erased(told, OWN)
    assert await called(clinic, referral) is None
    found = await read(clinic, referral)
    assert not Search([OWN]).text("mine", b"".join(found.values()))
