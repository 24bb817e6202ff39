"""Events over HTTP: one, an array, a stream; what is answered, and what stands on the log."""

from typing import Any

import httpx
import orjson
import pytest

from events.topics import CASES
from projections.record import Record, leaf
from services.gateway.app import make
from services.gateway.cloudevents import Mode
from services.gateway.parts import Parts
from services.gateway.problems import MEDIA
from services.runtime import log
from tests.support import doors
from tests.support.admitting import BACKBONE, REGISTRAR, consent, offer, registered, requested, said

JSON = {"Content-Type": "application/json"}


async def send(door: httpx.AsyncClient, row: bytes, **query: Any) -> httpx.Response:
    return await door.post("/v1/events", content=row, headers=JSON, params=query)


async def records(parts: Parts) -> list[Record]:
    """Return everything that stands on topic cases."""
    spans = await log.spans(parts.settings, [CASES])
    return [each async for _, batch in log.read(parts.settings, spans) for each in batch]


@pytest.mark.parametrize("claim", ["Bearer x", "Basic abc", "Bearer", "", "Bearer mh_aaaaaaaa_" + "a" * 43])
async def test_false_claim_is_nobody(stranger: httpx.AsyncClient, claim: str) -> None:
    answer = await stranger.post("/v1/events", headers={"Authorization": claim}, content=b"{}")
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_token_without_the_scope_may_not_speak(parts: Parts) -> None:
    bearer = await doors.token(parts, "clinic", scopes=["referral.read"])
    async with doors.client(make(parts), bearer) as narrow:
        answer = await send(narrow, registered("c", "own:1"))
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


async def test_event_is_kept_with_a_receipt_that_proves_it(parts: Parts, clinic: httpx.AsyncClient) -> None:
    answer = await send(clinic, registered("c", "own:1"))
    told = answer.json()
    assert (answer.status_code, told["id"], told["ok"]) == (202, "c", True)
    assert told["alias"] == told["subject"]
    [record] = await records(parts)
    assert told["receipt"] == leaf(record).hex()
    assert told["token"] not in str(record.value)
    assert orjson.loads(record.value or b"")["data"]["admitted"]["door"] == "http"


async def test_what_is_turned_away_is_a_problem_and_on_no_log(parts: Parts, clinic: httpx.AsyncClient) -> None:
    for row, status, code, pointer in [
        (b"{", 400, "not-json", ""),
        (b"[]", 400, "not-json", ""),
        (said("client.registered", "c", {"nmae": 1}, client="own:1"), 422, "unknown-field", "/data"),
        (requested("r", "own:r", "own:unknown"), 404, "not-found", "/client"),
        (
            said("client.registered", "c", {}, client="own:1", source="urn:manyhands:partner:shelter"),
            403,
            None,
            "/source",
        ),
        (b'{"a":"' + b"x" * (256 << 10) + b'"}', 413, "too-large", ""),
    ]:
        answer = await send(clinic, row)
        told = answer.json()
        assert (answer.status_code, answer.headers["content-type"]) == (status, MEDIA), told
        assert (told["code"], told["pointer"]) == (code or "foreign-source", pointer)
    assert await records(parts) == []


async def test_ruling_is_waited_for(parts: Parts, clinic: httpx.AsyncClient) -> None:
    async with doors.folding(parts.settings):
        answer = await send(clinic, registered("c", "own:1"), wait=20)
        assert (answer.status_code, answer.json()["ruling"]) == (200, {"outcome": "applied"})
        answer = await send(clinic, requested("r", "own:r", "own:1"), wait=20)
        assert answer.status_code == 200
        refused = await send(clinic, offer("o", "own:r"), wait=20)
    told = refused.json()
    assert (refused.status_code, refused.headers["content-type"]) == (409, MEDIA)
    assert told["code"] == "consent-missing"
    assert told["token"]
    assert told["type"] == "/v1/codes/consent-missing"


async def test_wait_runs_out_without_a_processor(clinic: httpx.AsyncClient) -> None:
    answer = await send(clinic, registered("c", "own:1"), wait=0.05)
    assert answer.status_code == 202
    assert "ruling" not in answer.json()


async def test_same_event_again_is_answered_as_the_first(parts: Parts, clinic: httpx.AsyncClient) -> None:
    row = registered("c", "own:1")
    async with doors.folding(parts.settings):
        first = (await send(clinic, row, wait=20)).json()
        again = await send(clinic, row)
        waited = await send(clinic, row, wait=20)
    for answer in (again, waited):
        told = answer.json()
        assert answer.status_code == 200
        assert (told["token"], told["duplicate"], told["ruling"]) == (first["token"], True, {"outcome": "applied"})


async def test_id_used_for_another_event_is_refused(parts: Parts, clinic: httpx.AsyncClient) -> None:
    async with doors.folding(parts.settings):
        await send(clinic, registered("c", "own:1"), wait=20)
        await send(clinic, requested("r", "own:r", "own:1"), wait=20)
        answer = await send(clinic, requested("r", "own:r", "own:1", urgency="routine"), wait=20)
    assert (answer.status_code, answer.json()["code"]) == (409, "id-reused")


async def test_initiative_s_own_events_are_ruled_on_at_once(parts: Parts) -> None:
    async with doors.partner(parts, BACKBONE, REGISTRAR) as backbone:
        data = {"name": "Harbour", "sector": "housing", "reporting": "client-level"}
        answer = await send(backbone, said("partner.joined", "j", data, subject="harbour"))
        assert (answer.status_code, answer.json()["ruling"]) == (200, {"outcome": "applied"})


async def test_dry_run_says_what_would_become_of_it_and_keeps_nothing(parts: Parts, clinic: httpx.AsyncClient) -> None:
    async with doors.folding(parts.settings):
        fresh = await send(clinic, registered("n", "own:new"), dry_run=True)
        assert (fresh.status_code, fresh.json()["would"]) == (200, {"outcome": "applied"})
        await send(clinic, registered("c", "own:1"), wait=20)
        await send(clinic, consent("g", "own:1", programme_classes=["substance-use"]), wait=20)
        await send(clinic, requested("r", "own:r", "own:1"), wait=20)
        before = len(await records(parts))
        would = {
            data_class: (await send(clinic, offer("o", "own:r", data_classes=[data_class]), dry_run=True)).json()
            for data_class in ("contact", "health")
        }
    assert would["contact"]["would"] == {"outcome": "applied"}
    assert (would["health"]["would"]["outcome"], would["health"]["would"]["code"]) == (
        "refused",
        "consent-does-not-cover",
    )
    assert len(await records(parts)) == before


async def test_array_has_an_end_for_each_row(parts: Parts, clinic: httpx.AsyncClient) -> None:
    rows = [registered("c", "own:1"), b'{"id": 1,, }', requested("r", "own:r", "own:1"), b"7"]
    answer = await clinic.post(
        "/v1/events", content=b" [" + b" ,\n".join(rows) + b"] ", headers={"Content-Type": Mode.BATCH}
    )
    told = answer.json()
    assert (answer.status_code, told["published"], told["turned_away"]) == (200, 2, 2)
    assert [(each["row"], each["ok"], each.get("code")) for each in told["results"]] == [
        (0, True, None),
        (1, False, "not-json"),
        (2, True, None),
        (3, False, "not-json"),
    ]


@pytest.mark.parametrize("body", [b"", b"{}", b"[", b"[1,]", b"[1] [2]", b"[1]]", b'["', b"[,]", b'[{"a":1}'])
async def test_no_array_is_published_in_part(parts: Parts, clinic: httpx.AsyncClient, body: bytes) -> None:
    answer = await clinic.post("/v1/events", content=body, headers={"Content-Type": Mode.BATCH})
    assert (answer.status_code, answer.json()["code"]) == (400, "not-json")


async def test_stream_has_a_line_for_each_row(parts: Parts, clinic: httpx.AsyncClient) -> None:
    rows = [registered("c", "own:1"), b"", b"x" * 300_000, requested("r", "own:r", "own:1"), b"no"]
    answer = await clinic.post("/v1/events", content=b"\n".join(rows), headers={"Content-Type": Mode.STREAM})
    told = [orjson.loads(line) for line in answer.content.splitlines()]
    assert answer.headers["content-type"].startswith(Mode.STREAM)
    assert [(each["row"], each.get("code")) for each in told] == [
        (0, None),
        (1, "too-large"),
        (2, None),
        (3, "not-json"),
    ]


async def test_body_of_another_type_is_not_taken(clinic: httpx.AsyncClient) -> None:
    answer = await clinic.post("/v1/events", content=b"{}", headers={"Content-Type": "text/csv"})
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported-media-type")


async def test_wait_is_for_single_events(clinic: httpx.AsyncClient) -> None:
    answer = await clinic.post("/v1/events?wait=1", content=b"[]", headers={"Content-Type": Mode.BATCH})
    assert (answer.status_code, answer.json()["code"]) == (422, "bad-parameter")
