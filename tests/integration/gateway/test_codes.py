"""The codes that are answered with and those that are sent, in one place."""

import httpx

from events.codelists import standard
from events.codes import CODES
from services.gateway.parts import Parts
from tests.support import doors
from tests.support.admitting import BACKBONE, REGISTRAR, said


async def test_every_code_is_told_with_its_meaning(stranger: httpx.AsyncClient) -> None:
    told = (await stranger.get("/v1/codes")).json()
    assert {each["code"]: each["text"] for each in told["codes"]} == {code: each.text for code, each in CODES.items()}
    assert told["codelists"] == standard()


async def test_codelists_are_those_in_force_for_the_caller(parts: Parts, clinic: httpx.AsyncClient) -> None:
    own = {"codelist": "need", "entries": [{"code": "tea", "label": "A cup of tea"}]}
    async with doors.partner(parts, BACKBONE, REGISTRAR) as backbone:
        row = said("initiative.codelist_published", "l", own, subject="riverbend")
        answer = await backbone.post("/v1/events", content=row, headers={"Content-Type": "application/json"})
        assert answer.status_code == 200, answer.text
    told = (await clinic.get("/v1/codes")).json()["codelists"]
    assert told["need"] == {"tea": "A cup of tea"}
