"""A partner's names for people over HTTP, and finding out that two partners know the same one."""

from hashlib import sha256

import httpx
import pytest

from services.gateway.parts import Parts
from tests.support.admitting import CLINIC, codes, registrar, said
from tests.support.reading import erased, prepared

ONE, TWO, THREE = (sha256(each).hexdigest() for each in (b"1", b"2", b"3"))


@pytest.fixture
async def matching(parts: Parts) -> Parts:
    """The parts of an initiative whose partners agreed to match."""
    policy = said("initiative.policy_set", "matching", {"client_matching": True})
    assert codes(await parts.admission.admit(registrar, [policy])) == [None]
    return parts


async def resolved(door: httpx.AsyncClient, own: str, *tokens: str) -> tuple[str, bool]:
    answer = await door.post("/v1/clients/resolve", json={"client": f"own:{own}", "tokens": tokens})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    return told["alias"], told["matched"]


async def client(parts: Parts, partner: str, own: str) -> str:
    [found] = (await parts.vault.find("riverbend", partner, [f"own:{own}"])).values()
    return found


async def test_nobody_is_matched_where_the_policy_does_not_say_so(clinic: httpx.AsyncClient) -> None:
    answer = await clinic.post("/v1/clients/resolve", json={"client": "own:1", "tokens": [ONE]})
    assert (answer.status_code, answer.json()["code"]) == (403, "matching-not-allowed")


async def test_same_tokens_name_the_same_person(
    matching: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient
) -> None:
    alias, matched = await resolved(clinic, "1", ONE, TWO)
    assert not matched
    assert await resolved(clinic, "1", ONE, TWO) == (alias, False)
    other, matched = await resolved(shelter, "s-1", TWO, ONE)
    assert matched
    assert other != alias
    assert await client(matching, CLINIC, "1") == await client(matching, "shelter", "s-1")
    assert await resolved(shelter, "s-1", ONE) == (other, False)


async def test_all_tokens_must_be_those_of_one_person(
    matching: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient
) -> None:
    await resolved(clinic, "1", ONE, TWO)
    await resolved(clinic, "2", TWO, THREE)
    assert [(await resolved(shelter, own, *tokens))[1] for own, tokens in (("a", (TWO,)), ("b", (ONE, THREE)))] == [
        False,
        False,
    ]
    alias = (await shelter.post("/v1/clients", json={"client": "own:c"})).json()["alias"]
    assert await resolved(shelter, "c", ONE, TWO) == (alias, False)


async def test_erased_person_is_known_by_nothing(
    matching: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient
) -> None:
    await prepared(matching)
    await resolved(clinic, "1", ONE)
    await erased(matching, "1", wait=False)
    assert (await resolved(shelter, "a", ONE))[1] is False


@pytest.mark.parametrize("tokens", [[], ["Zaphrodite"], [ONE.upper()], [ONE] * 11, "x", None])
async def test_tokens_are_hashes(clinic: httpx.AsyncClient, tokens: object) -> None:
    answer = await clinic.post("/v1/clients/resolve", json={"client": "own:1", "tokens": tokens})
    assert (answer.status_code, answer.json()["code"]) == (422, "bad-parameter")
    assert "Zaphrodite" not in answer.text
