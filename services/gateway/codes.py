"""What every code means, for whoever was answered with one."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from events.codes import CODES, Meaning
from services.gateway.manual import problems
from services.gateway.problems import ProblemError

router = APIRouter(tags=["codes"])


class Code(BaseModel):
    """A code that the house answers with."""

    code: str = Field(examples=["consent-does-not-cover"])
    by: str = Field(description="Who says it: it belongs to exactly one.", examples=["refused"])
    text: str = Field(description="What it means.")


class Codes(BaseModel):
    """Every code."""

    codes: list[Code]


@router.get("/codes", operation_id="listCodes", responses=problems())
async def codes() -> Codes:
    """List every code that the house answers with."""
    return Codes(codes=[_shown(code, meaning) for code, meaning in CODES.items()])


@router.get("/codes/{code}", operation_id="getCode", responses=problems(404))
async def one(code: Annotated[str, Path(max_length=40)]) -> Code:
    """Say what one code means."""
    if code not in CODES:
        raise ProblemError(404, "no-such-route")
    return _shown(code, CODES[code])


def _shown(code: str, meaning: Meaning) -> Code:
    return Code(code=code, by=meaning.by.value, text=meaning.text)
