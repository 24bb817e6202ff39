"""The account of disclosures by the command line: asked for, also of an erased client, and rebuilt from the log."""

import asyncio
import csv
import io
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import orjson
import pytest
from typer.testing import CliRunner, Result

from projections.disclosure import DISCLOSURE
from services.gateway.parts import Parts
from services.ops import accounted, main
from services.ops.rebuild.orders import environ
from tests.support import doors
from tests.support.admitting import CLINIC, SHELTER
from tests.support.events import INITIATIVE, ident
from tests.support.reading import NAME, agreed, erased, referred

Command = Callable[..., Awaitable[Result]]


@pytest.fixture
def manyhands(told: Parts, monkeypatch: pytest.MonkeyPatch) -> Command:
    """The command line, for this deployment."""
    for name, value in environ(told.settings).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("COLUMNS", "250")  # no cell of a table is folded

    async def run(*arguments: str) -> Result:
        return await asyncio.to_thread(CliRunner().invoke, main.app, list(arguments))

    return run


async def asked(manyhands: Command, *arguments: str) -> Any:
    answer = await manyhands(*arguments, "--json")
    assert answer.exit_code == 0, answer.exception or answer.output
    return orjson.loads(answer.stdout)


async def looked_at(parts: Parts, clinic: httpx.AsyncClient, times: int = 3) -> str:
    """Have a person of the shelter look at what it was sent, all of it folded; return the client's id."""
    async with doors.folding(parts.settings, DISCLOSURE):
        await agreed(clinic, "1")
        referral = await referred(clinic, "1")
        async with doors.partner(parts, SHELTER, ident("somebody")) as door:
            for _ in range(times):
                assert (await door.get(f"/v1/referrals/{referral}")).status_code == 200
        assert (await clinic.get("/v1/clients/own:1/disclosures")).status_code == 200
    [client] = (await parts.vault.find(INITIATIVE, CLINIC, ["own:1"])).values()
    return client


async def test_operator_is_told_by_name_and_by_id_page_by_page(
    told: Parts, clinic: httpx.AsyncClient, manyhands: Command
) -> None:
    client = await looked_at(told, clinic)
    found = await asked(manyhands, "disclosures", client)
    assert found == await asked(manyhands, "disclosures", "own:1", "--as", CLINIC)
    assert (found["client"], found["behind"], found["next"]) == (client, 0, None)
    assert [(each["recipient"], each["person"]) for each in found["disclosures"]] == [
        *[("Shelter", ident("somebody"))] * 3,
        ("Shelter", None),
    ]
    assert [(each["kind"], each["sent_by_name"]) for each in found["disclosures"]] == [
        *[("disclosure.opened", None)] * 3,
        ("referral.offer_sent", "Clinic"),
    ]
    first = await asked(manyhands, "disclosures", client, "--limit", "2")
    rest = await asked(manyhands, "disclosures", client, "--after", str(first["next"]))
    assert first["disclosures"] + rest["disclosures"] == found["disclosures"]
    assert (await manyhands("disclosures", client, "--after", "somewhere")).exit_code == 2
    shown = await manyhands("disclosures", client, "--zone", "America/Chicago")
    assert "how the referral stands" in shown.stdout
    assert NAME not in shown.stdout


async def test_whole_account_is_a_file_however_many_a_page_has(
    told: Parts, clinic: httpx.AsyncClient, manyhands: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await looked_at(told, clinic)
    monkeypatch.setattr(accounted, "MOST", 1)
    answer = await manyhands("disclosures", client, "--csv", "--limit", "2", "--zone", "America/Chicago")
    assert answer.exit_code == 0, answer.exception or answer.output
    rows = list(csv.DictReader(io.StringIO(answer.stdout, newline="")))
    found = (await asked(manyhands, "disclosures", client))["disclosures"]
    names = ("event", "kind", "recipient", "description", "consent")
    assert [[row[name] for name in names] for row in rows] == [[each[name] or "" for name in names] for each in found]
    assert rows[0]["disclosed_local"][-6:] in ("-06:00", "-05:00")
    assert NAME.split()[0] not in answer.stdout


async def test_erased_client_is_answered_for(told: Parts, clinic: httpx.AsyncClient, manyhands: Command) -> None:
    client = await looked_at(told, clinic)
    before = await asked(manyhands, "disclosures", client)
    await erased(told, "1")
    assert await asked(manyhands, "disclosures", client) == before
    unnamed = await manyhands("disclosures", "own:1", "--as", CLINIC)
    assert getattr(unnamed.exception, "code", None) == "not-found"
    unclear = await manyhands("disclosures", "own:1")
    assert getattr(unclear.exception, "code", None) == "not-found"


async def test_what_is_not_folded_yet_is_said(told: Parts, clinic: httpx.AsyncClient, manyhands: Command) -> None:
    client = await looked_at(told, clinic, times=1)
    async with doors.partner(told, SHELTER, ident("somebody")) as door:
        await door.get("/v1/referrals")
    found = await asked(manyhands, "disclosures", client)
    assert (len(found["disclosures"]), found["behind"]) == (2, 1)
    behind = "1 records are not counted yet"
    assert behind in (await manyhands("disclosures", client)).stdout
    file = await manyhands("disclosures", client, "--csv")
    assert (behind in file.stderr, behind in file.stdout) == (True, False)


async def test_rebuild_equals_what_was_folded_live(told: Parts, clinic: httpx.AsyncClient, manyhands: Command) -> None:
    await looked_at(told, clinic)
    found = await asked(manyhands, "rebuild", "disclosure", "--workers", "1")
    assert found["equal"]
    rows = {table["table"]: table["rows"] for table in found["tables"]}
    assert rows["disclosure"]["served"] == rows["disclosure"]["rebuilt"] == 3
    dump = await asked(manyhands, "dump", "disclosure")
    assert dump["vector"] == found["vector"]
    lines = [line for line in await asked(manyhands, "lag") if line["projection"] == "disclosure"]
    assert lines
    assert {line["behind"] for line in lines} == {0}
