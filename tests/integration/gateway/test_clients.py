"""A partner's names for people over HTTP, and finding out that two partners know the same one."""

from hashlib import sha256

import httpx
import orjson
import pytest

from events.topics import DISCLOSURES
from services.gateway.parts import Parts
from tests.support.admitting import CLINIC, SHELTER, codes, records, registrar, said
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


async def disclosed(parts: Parts) -> list[tuple[str, dict[str, object]]]:
    """Return about whom something was disclosed, and what."""
    said_ = [orjson.loads(each.value or b"") for each in await records(parts.settings, DISCLOSURES)]
    return [
        (each["subject"], {name: value for name, value in each["data"].items() if name != "admitted"})
        for each in said_
        if each["type"] == "org.manyhands.disclosure.opened.v1"
    ]


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


async def test_match_is_on_record_and_nothing_else_is(
    matching: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient
) -> None:
    await resolved(clinic, "1", ONE)
    await resolved(shelter, "other", TWO)
    assert await disclosed(matching) == []
    await resolved(shelter, "s-1", ONE)
    person = await client(matching, CLINIC, "1")
    assert await disclosed(matching) == [(person, {"reader": SHELTER, "purpose": "care", "fields": ["matched"]})]
    await resolved(shelter, "s-1", ONE)
    assert len(await disclosed(matching)) == 1


async def test_token_of_two_persons_matches_nobody(
    matching: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient, newcomer: httpx.AsyncClient
) -> None:
    """Whoever says somebody's token first gains nothing once it is said of another: neither is matched by it."""
    await resolved(clinic, "squatted", ONE)
    await resolved(shelter, "true", ONE, TWO)
    await prepared(matching)
    assert (await resolved(newcomer, "n", ONE, TWO))[1] is False
    assert await disclosed(matching) == []


async def test_person_whom_others_named_gets_no_more_tokens(
    matching: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient
) -> None:
    await resolved(clinic, "1", ONE)
    await resolved(shelter, "s-1", ONE)
    await resolved(shelter, "s-1", TWO)
    assert (await resolved(clinic, "2", TWO))[1] is False
    assert await client(matching, CLINIC, "2") != await client(matching, CLINIC, "1")


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
