"""Sealed text over HTTP: made for one place, and opened for those who may read it, after it is on record."""

from typing import Any

import asyncpg
import httpx
import orjson
import pytest

from events.topics import ALL, CASES, DISCLOSURES
from services.gateway import sealed as module
from services.gateway.parts import Parts
from services.gateway.protection import PROTECTED
from services.gateway.sealed import NOTICE
from services.runtime import log
from tests.support import doors
from tests.support.admitting import BACKBONE, NEWCOMER, SHELTER, requested, said
from tests.support.canary import Search
from tests.support.events import INITIATIVE, ident
from tests.support.reading import (
    CONTACT,
    JSON,
    NAME,
    NEED,
    OFFERED,
    agreed,
    answered,
    asked,
    offer_id,
    prepared,
    referred,
    revoked,
    tell,
)

BEDS = {"service_id": ident("beds")}


async def disclosures(parts: Parts) -> list[dict[str, Any]]:
    """Return what was put on record."""
    spans = await log.spans(parts.settings, [DISCLOSURES])
    records = [each async for _, batch in log.read(parts.settings, spans) for each in batch]
    events = [orjson.loads(each.value or b"") for each in records]
    return [each for each in events if each["type"].endswith("disclosure.opened.v1")]


async def handed_out(door: httpx.AsyncClient, client: str) -> dict[str, str]:
    """Return the person's need, sealed for a referral that the caller will ask for."""
    place = {"id": "more", "type": "referral.requested", "client": client, "pointer": "/data/details", "text": NEED}
    sealed: dict[str, str] = (await door.post("/v1/sealed", json=place)).json()["sealed"]
    return sealed


async def sealed_texts(parts: Parts) -> list[dict[str, str]]:
    """Return the sealed details of every event on the log."""
    spans = await log.spans(parts.settings, [CASES])
    records = [each async for _, batch in log.read(parts.settings, spans) for each in batch]
    return [found["details"] for each in records if "details" in (found := orjson.loads(each.value or b"")["data"])]


async def opened(door: httpx.AsyncClient, referral: str) -> dict[str, Any]:
    answer = await door.get(f"/v1/referrals/{referral}/sealed")
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    told: dict[str, Any] = answer.json()
    return told


async def test_recipient_reads_once_it_accepted_and_that_is_on_record(
    told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient
) -> None:
    await agreed(clinic, "1")
    referral = await referred(clinic, "1")
    early = await shelter.get(f"/v1/referrals/{referral}/sealed")
    assert (early.status_code, early.json()["code"]) == (403, "not-yet-claimed")
    assert await disclosures(told) == []
    await tell(shelter, answered("offer_accepted", "1", referral))
    read = await opened(shelter, referral)
    assert {each["of"]: each["text"] for each in read["texts"]} == {
        "client": CONTACT,
        "referral": NEED,
        "offer": OFFERED,
    }
    assert (read["notice"], read["consents"], read["held_back"]) == (None, [], None)
    [record] = await disclosures(told)
    del record["data"]["admitted"]
    [named] = {each["consent"] for each in read["texts"]}
    consent = told.admission.naming.unmasked(INITIATIVE, SHELTER, "consent", named)
    assert (record["subject"], consent != named) == (referral, True)
    assert record["data"] == {"reader": SHELTER, "purpose": "care", "fields": ["details"], "consent_id": consent}


async def test_protected_programme_comes_with_the_notice_and_the_consent(
    told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient
) -> None:
    await agreed(clinic, "1")
    referral = await referred(clinic, "1", **BEDS)
    await tell(shelter, answered("offer_accepted", "1", referral))
    read = await opened(shelter, referral)
    assert read["notice"] == NOTICE
    [consent] = read["consents"]
    assert (consent["partners"], consent["purposes"], consent["redisclosure"]) == ([SHELTER], ["care"], "none")
    assert (await opened(clinic, referral))["notice"] is None


async def test_copy_of_a_consent_names_nobody_but_both_sides_unless_to_whoever_recorded_it(
    told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await agreed(clinic, "1", recipients={"partners": [SHELTER, NEWCOMER]}, except_recipients=[BACKBONE])
    referral = await referred(clinic, "1", **BEDS)
    await tell(shelter, answered("offer_accepted", "1", referral))

    async def names() -> tuple[list[str], list[str]]:
        [consent] = (await opened(shelter, referral))["consents"]
        return consent["partners"], consent["except_recipients"]

    assert await names() == ([SHELTER, PROTECTED], [PROTECTED])
    # A control: the copy as it stands names all who deal with such a programme.
    monkeypatch.setattr(module, "_veiled", lambda consent, _: consent)
    assert await names() == ([SHELTER, NEWCOMER], [BACKBONE])


async def test_own_text_stays_open_when_consent_ends_and_others_close(
    told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient
) -> None:
    await agreed(clinic, "1")
    referral = await referred(clinic, "1")
    note = {"reason": "other", "note": f"{NAME} was rude"}
    await tell(shelter, answered("offer_declined", "1", referral, **note))
    both = await opened(clinic, referral)
    assert {each["text"] for each in both["texts"]} == {CONTACT, NEED, OFFERED, note["note"]}
    own = await opened(shelter, referral)
    assert ([each["text"] for each in own["texts"]], own["held_back"]) == ([note["note"]], "not-yet-claimed")
    await tell(clinic, revoked("1"))
    after = await opened(clinic, referral)
    assert {each["text"] for each in after["texts"]} == {CONTACT, NEED, OFFERED}
    assert after["held_back"] == "not-in-force"


async def test_nothing_opens_before_everything_is_folded(
    parts: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient
) -> None:
    await prepared(parts)
    async with doors.folding(parts.settings):
        await agreed(clinic, "1")
        referral = await referred(clinic, "1")
        await tell(shelter, answered("offer_accepted", "1", referral))
    assert (await shelter.get(f"/v1/referrals/{referral}/sealed")).status_code == 200
    await clinic.post("/v1/events", content=revoked("1"), headers=JSON)
    answer = await shelter.get(f"/v1/referrals/{referral}/sealed")
    assert (answer.status_code, answer.json()["code"]) == (503, "too-stale-to-disclose")
    assert len(await disclosures(parts)) == 1
    async with doors.folding(parts.settings):
        answer = await shelter.get(f"/v1/referrals/{referral}/sealed")
        assert (answer.status_code, answer.json()["code"]) == (403, "not-in-force")


async def test_nothing_opens_while_anything_of_the_person_is_parked(told: Parts, clinic: httpx.AsyncClient) -> None:
    await agreed(clinic, "1")
    referral = await asked(clinic, "1")
    connection = await asyncpg.connect(told.settings.postgres)
    try:
        await connection.execute(
            "insert into rm_referral_v8_a.parked select topic, partition, 999, 'sealed_text', 'client', initiative,"
            " record, record, source, id, digest, 'ValueError', '{}', 0 from rm_referral_v8_a.timeline limit 1"
        )
    finally:
        await connection.close()
    answer = await clinic.get(f"/v1/referrals/{referral}/sealed")
    assert (answer.status_code, answer.json()["code"]) == (503, "too-stale-to-disclose")


async def test_text_is_sealed_for_one_place_of_one_event_of_one_caller(
    told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient
) -> None:
    alias = (await clinic.post("/v1/clients", json={"client": "own:1"})).json()["alias"]
    again = (await clinic.post("/v1/clients", json={"client": "own:1"})).json()["alias"]
    other = (await shelter.post("/v1/clients", json={"client": "own:1"})).json()["alias"]
    assert alias == again != other
    place = {"id": "c", "type": "client.registered", "client": "own:1", "pointer": "/data/details"}
    answer = await clinic.post("/v1/sealed", json=place | {"text": CONTACT})
    sealed = answer.json()["sealed"]
    assert answer.status_code == 200
    assert NAME not in answer.text

    def row(emitted: str = "c", client: str = "own:1") -> bytes:
        return said("client.registered", emitted, {"details": sealed}, client=client)

    for door, wrong in ((clinic, row("d")), (shelter, row()), (clinic, row(client="own:2"))):
        refused = await door.post("/v1/events", content=wrong, headers=JSON)
        assert (refused.status_code, refused.json()["code"]) == (422, "seal-invalid")
    await tell(clinic, row())
    referral = await asked(clinic, "1")
    [first, *_] = (await opened(clinic, referral))["texts"]
    assert (first["of"], first["text"]) == ("client", CONTACT)


async def test_seals_of_two_partners_do_not_tell_that_they_serve_one_person(
    told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient
) -> None:
    await agreed(clinic, "1")
    referral = await referred(clinic, "1")
    await tell(shelter, answered("offer_accepted", "1", referral))
    alias = (await shelter.get(f"/v1/referrals/{referral}")).json()["client"]
    given = [await handed_out(clinic, "own:1"), await handed_out(shelter, alias)]
    # Two events, as like as they can be, of one person and of two partners.
    assert all(given[0][part] != given[1][part] for part in ("kid", "nonce", "ct"))
    for door, client, sealed in ((clinic, "own:1", given[0]), (shelter, alias, given[1])):
        row = requested("more", "own:more", client, details=sealed)
        first = await tell(door, row)
        again = (await door.post("/v1/events", content=row, headers=JSON, params={"wait": 20})).json()
        assert (first["event"], again["duplicate"]) == (again["event"], True)
        [opens] = [each for each in (await opened(door, "own:more"))["texts"] if each["event"] == first["event"]]
        assert opens["text"] == NEED
    kept = {each["kid"] for each in await sealed_texts(told)}
    # On the log one person's texts bear one name, as whoever erases them has to find them: a key has not two.
    assert len(kept) == 1
    assert kept.isdisjoint(each["kid"] for each in given)


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"client": "own:unknown"}, 404, "not-found"),
        ({"client": ident("somebody's alias")}, 404, "not-found"),
        ({"client": None}, 422, "missing-field"),
        ({"type": "referral.offer_sent"}, 422, "missing-field"),
        ({"type": "referral.offer_sent", "subject": "own:r 1"}, 404, "not-found"),
        ({"type": "client.renamed"}, 422, "unknown-type"),
        ({"pointer": "/data/categories"}, 422, "unknown-field"),
        ({"pointer": "/data/details/"}, 422, "unknown-field"),
        ({"type": "partner.joined"}, 422, "unknown-field"),
        ({"text": ""}, 422, "bad-parameter"),
        ({"text": "\x00"}, 422, "bad-parameter"),
        ({"text": "x" * 4001}, 422, "bad-parameter"),
        ({"name": NAME}, 422, "bad-parameter"),
    ],
)
async def test_nothing_is_sealed_for_no_place(
    clinic: httpx.AsyncClient, changed: dict[str, Any], status: int, code: str
) -> None:
    await clinic.post("/v1/clients", json={"client": "own:1"})
    place = {"id": "c", "type": "client.registered", "client": "own:1", "pointer": "/data/details", "text": NAME}
    answer = await clinic.post("/v1/sealed", json=place | changed)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert NAME not in answer.text


async def test_partner_that_reports_aggregates_names_nobody(parts: Parts) -> None:
    place = {"id": "c", "type": "client.registered", "client": "own:1", "pointer": "/data/details", "text": NAME}
    for name, code in (("refuge", "aggregate-only"), ("newcomer", "agreement-missing")):
        async with doors.partner(parts, name) as door:
            for path, body in (("/v1/clients", {"client": "own:1"}), ("/v1/sealed", place)):
                answer = await door.post(path, json=body)
                assert (answer.status_code, answer.json()["code"]) == (403, code)


async def test_names_are_nowhere_but_in_the_answer_to_who_may_read_them(
    told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient, newcomer: httpx.AsyncClient
) -> None:
    await agreed(clinic, "1")
    referral = await referred(clinic, "1")
    await tell(shelter, answered("offer_accepted", "1", referral))
    assert NAME in str(await opened(shelter, referral))
    search = Search([NAME])
    for door in (clinic, shelter, newcomer):
        for path in ("", f"/{referral}", f"/{referral}/timeline"):
            answer = await door.get(f"/v1/referrals{path}")
            assert search.text(path, answer.content + str(answer.headers).encode()) == set()
    assert search.text("newcomer", (await newcomer.get(f"/v1/referrals/{referral}/sealed")).content) == set()
    spans = await log.spans(told.settings, ALL)
    async for partition, batch in log.read(told.settings, spans):
        for each in batch:
            assert search.text(str(partition), (each.value or b"") + (each.key or b"")) == set()
    connection = await asyncpg.connect(told.settings.postgres)
    try:
        for schema, table in await connection.fetch(
            "select schemaname, tablename from pg_tables where schemaname ~ '^(rm_|keep)'"
        ):
            rows = await connection.fetch(f'select t::text as said from "{schema}"."{table}" t')  # noqa: S608
            assert search.text(table, "\n".join(row["said"] for row in rows).encode()) == set()
    finally:
        await connection.close()


async def test_without_a_record_there_is_no_text(
    told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient
) -> None:
    await agreed(clinic, "1")
    referral = await referred(clinic, "1")
    await tell(shelter, answered("offer_accepted", "1", referral))
    async with log.admin(told.settings) as client:
        await client.delete_topics([told.settings.topic(DISCLOSURES)])
    answer = await shelter.get(f"/v1/referrals/{referral}/sealed")
    assert (answer.status_code, answer.json()["code"]) == (503, "log-unavailable")
    assert NAME not in answer.text
    assert offer_id("1") in (await shelter.get(f"/v1/referrals/{referral}")).text
