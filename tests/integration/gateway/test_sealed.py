"""Sealed text over HTTP: made for one place, and opened for those who may read it, after it is on record."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import orjson
import pytest

from events.topics import DISCLOSURES
from services.gateway.parts import Parts
from services.gateway.sealed import NOTICE
from services.runtime import log
from tests.support import doors
from tests.support.admitting import SHELTER
from tests.support.reading import DETAILS, agreed, answered, referred, tell


@pytest.fixture(autouse=True)
async def _folding(parts: Parts) -> AsyncIterator[None]:
    async with doors.folding(parts.settings):
        yield


async def disclosures(parts: Parts) -> list[dict[str, Any]]:
    """Return what was put on record, as (reader, fields, consent)."""
    spans = await log.spans(parts.settings, [DISCLOSURES])
    records = [each async for _, batch in log.read(parts.settings, spans) for each in batch]
    events = [orjson.loads(each.value or b"") for each in records]
    return [each for each in events if each["type"].endswith("disclosure.opened.v1")]


async def test_recipient_reads_after_it_accepted_and_it_is_on_record(
    parts: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient
) -> None:
    await agreed(clinic, "1")
    referral = await referred(clinic, "1")
    early = await shelter.get(f"/v1/referrals/{referral}/sealed")
    assert (early.status_code, early.json()["code"]) == (403, "not-yet-claimed")
    assert await disclosures(parts) == []
    await tell(shelter, answered("offer_accepted", "1", referral))
    told = (await shelter.get(f"/v1/referrals/{referral}/sealed")).json()
    texts = {each["of"]: each["text"] for each in told["texts"]}
    assert texts == {
        "client": "Zaphrodite Quillfeather, 555-0173",
        "referral": DETAILS,
        "offer": f"{DETAILS}: offered",
    }
    assert told["notice"] == NOTICE
    [consent] = told["consents"]
    assert consent["partners"] == [SHELTER]
    [record] = await disclosures(parts)
    assert record["subject"] == referral
    assert record["data"] | {"admitted": None} == {
        "admitted": None,
        "reader": SHELTER,
        "purpose": "care",
        "fields": ["details"],
        "consent_id": consent["id"],
    }
