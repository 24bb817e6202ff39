"""Referrals as files: what is in them, what is on record before they leave, and how much is held at once."""

import csv
import io
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import orjson
import pytest

from events.topics import DISCLOSURES
from services.gateway import exporting, exports
from services.gateway.app import make
from services.gateway.auth import caller
from services.gateway.exporting import Export, Form
from services.gateway.lines import COLUMNS as OF_ROWS
from services.gateway.listing import Search, search
from services.gateway.narrowing import Narrowed
from services.gateway.parts import Parts
from services.gateway.principal import Kind, Principal
from services.gateway.problems import ProblemError
from services.gateway.progress import now
from services.gateway.sheets import BOM
from services.runtime import log
from tests.support import doors
from tests.support.admitting import ANSWER_BY, BACKBONE, CLINIC, NEWCOMER, SHELTER
from tests.support.events import INITIATIVE, ident
from tests.support.reading import COORDINATOR, EVERYBODY, NAME, agreed, answered, asked, referred, revoked, tell

PATH = "/v1/referrals/export"
COLUMNS = OF_ROWS["referrals"]


async def disclosures(parts: Parts) -> list[dict[str, Any]]:
    """Return what was put on record, in the order of time."""
    spans = await log.spans(parts.settings, [DISCLOSURES])
    records = [each async for _, batch in log.read(parts.settings, spans) for each in batch]
    events = [orjson.loads(each.value or b"") for each in records]
    found = [each for each in events if each["type"].partition("disclosure.")[1]]
    return sorted(found, key=lambda each: str(each["time"]))


async def rows(door: httpx.AsyncClient, **query: Any) -> list[dict[str, Any]]:
    """Return the lines of the file, as JSON."""
    answer = await door.get(PATH, params={"format": "ndjson", **query})
    assert answer.status_code == 200, answer.text
    return [orjson.loads(line) for line in answer.content.splitlines()]


async def story(clinic: httpx.AsyncClient, shelter: httpx.AsyncClient, count: int = 3) -> list[str]:
    """Refer so many people to the shelter, which accepts the first of them."""
    made = []
    for number in range(count):
        await agreed(clinic, str(number), recipients={"partners": EVERYBODY})
        made.append(await referred(clinic, str(number)))
    await tell(shelter, answered("offer_accepted", "0", made[0]))
    return made


async def test_both_forms_hold_what_the_list_shows(
    told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient
) -> None:
    made = await story(clinic, shelter)
    listed = (await clinic.get("/v1/referrals", params={"sort": "requested"})).json()["referrals"]
    lines = await rows(clinic)
    assert [line["id"] for line in lines] == [each["id"] for each in listed] == made
    assert all(tuple(line) == COLUMNS for line in lines)
    for line, shown in zip(lines, listed, strict=True):
        assert all(line[name] == shown[name] for name in ("client", "status", "detail", "hops", "recipient"))
        assert (line["need_code"], line["need_taxonomy"]) == (shown["need"]["code"], shown["need"]["taxonomy"])
    answer = await clinic.get(PATH)
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="referrals.csv"'
    table = list(csv.reader(io.StringIO(answer.text, newline="")))
    assert tuple(table[0]) == COLUMNS
    assert table[1:] == [["" if value is None else _cell(value) for value in line.values()] for line in lines]


def _cell(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


async def test_form_is_asked_for_by_name_or_by_accept(
    told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient
) -> None:
    await story(clinic, shelter, 1)
    by_accept = await clinic.get(PATH, headers={"Accept": "text/html, application/x-ndjson;q=0.9"})
    assert by_accept.headers["content-type"] == "application/x-ndjson"
    marked = await clinic.get(PATH, params={"bom": True}, headers={"Accept": "*/*"})
    assert marked.content.startswith(BOM + b'"id","client"')
    refused = await clinic.get(PATH, headers={"Accept": "image/png"})
    assert (refused.status_code, refused.json()["code"]) == (406, "not-acceptable")
    unknown = await clinic.get(PATH, params={"format": "xlsx"})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "bad-parameter")


async def test_file_is_narrowed_as_the_list_is(
    told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient
) -> None:
    made = await story(clinic, shelter)
    assert [line["id"] for line in await rows(clinic, status="accepted")] == made[:1]
    assert [line["id"] for line in await rows(shelter, list="needs-my-answer")] == made[1:]
    assert await rows(clinic, client="own:nobody") == []
    await tell(clinic, revoked("1"))
    assert [line["need_code"] for line in await rows(shelter)] == ["shelter", None, "shelter"]
    assert [line["id"] for line in await rows(shelter, need="shelter")] == [made[0], made[2]]


async def test_a_partner_s_auditor_takes_out_its_referrals_on_record_and_reads_nothing_else(
    told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient
) -> None:
    made = await story(clinic, shelter, 1)
    before, app = len(await disclosures(told)), make(told)
    for name, seen in ((SHELTER, made), (NEWCOMER, [])):
        who = Principal(Kind.AUDITOR, INITIATIVE, name, ident("auditor"), frozenset(), "test")
        app.dependency_overrides[caller] = lambda who=who: who
        async with doors.client(app) as door:
            assert [line["id"] for line in await rows(door)] == seen
            assert (await door.get("/v1/referrals")).status_code == 403
            assert (await door.get(f"/v1/referrals/{made[0]}/timeline")).status_code == 403
    said = (await disclosures(told))[before:]
    assert [(each["type"].split(".")[3], each["data"]["reader"]) for each in said] == [
        ("exported", SHELTER),
        ("opened", SHELTER),
        ("exported", NEWCOMER),
    ]
    assert {each["actor"] for each in said} == {ident("auditor")}


async def test_times_come_by_both_clocks(told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient) -> None:
    await story(clinic, shelter, 1)
    [line] = await rows(clinic)
    assert line["sent_utc"].endswith("Z")
    local, utc = (datetime.fromisoformat(line[f"respond_by_{clock}"]) for clock in ("local", "utc"))
    assert line["respond_by_utc"].endswith(":59:59.999999Z")
    assert f"{local:%Y-%m-%dT%H:%M:%S.%f}" == f"{ANSWER_BY}T23:59:59.999999"
    assert local == utc
    assert local.utcoffset() == local.astimezone(ZoneInfo("America/Chicago")).utcoffset()
    assert line["closed_utc"] is line["closed_local"] is None


async def test_that_it_left_is_on_record_for_every_caller(
    told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient
) -> None:
    made = await story(clinic, shelter, 2)
    await rows(shelter, status="requested")
    [exported, opened] = await disclosures(told)
    assert (exported["type"], exported["partitionkey"]) == ("org.manyhands.disclosure.exported.v1", SHELTER)
    assert (exported["data"]["reader"], exported["data"]["fields"]) == (SHELTER, list(COLUMNS))
    assert exported["data"]["filters"] == ["status"]
    assert (opened["subject"], opened["data"]["fields"], opened["data"]["reader"]) == (made[1], ["export"], SHELTER)
    assert opened["data"]["consent_id"]


async def test_coordinator_takes_out_what_consent_names_it_for(
    told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient
) -> None:
    await agreed(clinic, "named", recipients={"partners": EVERYBODY})
    seen = await referred(clinic, "named")
    await agreed(clinic, "unnamed")
    await referred(clinic, "unnamed")
    await agreed(clinic, "protected", recipients={"partners": EVERYBODY})
    await referred(clinic, "protected", service_id=ident("beds"))
    async with doors.partner(told, BACKBONE, COORDINATOR) as door:
        assert [line["id"] for line in await rows(door)] == [seen]


async def test_nothing_leaves_that_is_not_on_record(
    told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the log does not acknowledge, the answer is a problem and not the beginning of a file."""
    await story(clinic, shelter, 1)

    async def unsure(*_: object) -> None:
        raise ProblemError(503, "log-unavailable")

    for name in ("account", "account_export"):
        with monkeypatch.context() as patched:
            patched.setattr(exporting, name, unsure)
            answer = await clinic.get(PATH)
        assert (answer.status_code, answer.json()["code"]) == (503, "log-unavailable")
    assert (await clinic.get(PATH)).status_code == 200


def clinic_system(credential: str) -> Principal:
    return Principal(Kind.PARTNER_SYSTEM, INITIATIVE, CLINIC, None, doors.ALL, credential)


async def export(parts: Parts, batch: int) -> Export:
    text = await doors.token(parts, CLINIC)
    prefix, _ = await parts.tokens.holder(text) or ("", None)
    who = clinic_system(f"token:{prefix}")
    return Export(parts, await search(parts, who, Narrowed(), "requested", now()), [], Form("ndjson"), batch)


async def test_no_more_is_fetched_than_was_taken(
    told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient
) -> None:
    made = await story(clinic, shelter, 5)
    exported = await export(told, 2)
    found = []
    pieces = exported.pieces()
    async for piece in pieces:
        lines = [orjson.loads(line)["id"] for line in piece.splitlines()]
        assert len(lines) <= 2
        found += lines
        assert exported.batches == -(-len(found) // 2)
    assert (found, exported.batches) == (made, 3)


async def test_what_changes_on_the_way_comes_neither_twice_nor_not_at_all(
    told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient
) -> None:
    made = await story(clinic, shelter, 5)
    pieces = (await export(told, 2)).pieces()
    lines = [orjson.loads(line) for line in (await anext(pieces)).splitlines()]
    for number in (1, 3):
        await tell(shelter, answered("offer_accepted", str(number), made[number]))
    lines += [orjson.loads(line) async for piece in pieces for line in piece.splitlines()]
    assert [line["id"] for line in lines] == made
    assert [line["status"] for line in lines] == ["accepted", "requested", "requested", "accepted", "requested"]


async def test_token_that_is_taken_back_cuts_the_file_off(
    told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient
) -> None:
    await story(clinic, shelter, 3)
    text = await doors.token(told, CLINIC)
    prefix, _ = await told.tokens.holder(text) or ("", None)
    who = clinic_system(f"token:{prefix}")
    wanted = await search(told, who, Narrowed(), "requested", now())
    pieces = Export(told, wanted, [], Form("csv"), 2).pieces()
    assert await anext(pieces)
    await told.tokens.revoke(prefix)
    with pytest.raises(ProblemError):
        await anext(pieces)


async def test_caller_that_was_cut_off_can_see_that(
    told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over a socket: the answer's end is missing, so no client takes it for whole."""
    await story(clinic, shelter, 3)
    monkeypatch.setattr(exports, "Export", Failing)
    async with doors.listening(told.settings) as port:
        text = await doors.token(told, CLINIC)
        headers = {"Authorization": f"Bearer {text}"}
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers) as door:
            with pytest.raises(httpx.RemoteProtocolError):
                await door.get(PATH)


class Failing(Export):
    """Loses its right after the first batch."""

    def __init__(self, parts: Parts, wanted: Search, filters: Sequence[str], form: Form) -> None:
        super().__init__(parts, wanted, filters, form, batch=2)

    async def _entitled(self) -> None:
        raise ProblemError(403, "forbidden")


async def test_files_of_one_partner_leave_room_for_others(
    told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient
) -> None:
    await story(clinic, shelter, 1)
    party = f"{INITIATIVE}/{CLINIC}"
    with ExitStack() as held:
        while True:
            answer = await clinic.get(PATH)
            if answer.status_code != 200:
                break
            held.enter_context(told.files.one(party))
        assert (answer.status_code, answer.json()["code"]) == (429, "rate-limited")
        assert (await shelter.get(PATH)).status_code == 200
    assert (await clinic.get(PATH)).status_code == 200


async def test_empty_file_has_its_columns(told: Parts, shelter: httpx.AsyncClient) -> None:
    answer = await shelter.get(PATH)
    assert answer.text.count("\r\n") == 1
    assert await rows(shelter) == []


async def test_scope_of_its_own_is_needed(told: Parts, clinic: httpx.AsyncClient) -> None:
    text = await doors.token(told, CLINIC, scopes=["referral.read"])
    async with doors.client(make(told), text) as door:
        assert (await door.get(PATH)).status_code == 403
        assert (await door.get("/v1/referrals")).status_code == 200


async def test_no_name_leaves(told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient) -> None:
    await agreed(clinic, "1")
    await asked(clinic, "1")
    for form in ("csv", "ndjson"):
        answer = await clinic.get(PATH, params={"format": form})
        assert NAME.split()[0] not in answer.text
