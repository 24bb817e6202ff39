"""What every code means, for whoever was answered with one or is about to send one."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel, Field

from events.codelists import standard
from events.codes import CODES, Meaning
from projections.initiative import INITIATIVE
from projections.initiative.state import Codelist
from services.gateway.access import Action
from services.gateway.auth import may
from services.gateway.manual import problems
from services.gateway.parts import Parts, parts_of
from services.gateway.principal import Principal
from services.gateway.problems import ProblemError

router = APIRouter(tags=["codes"])
Reader = Annotated[Principal, Depends(may(Action.CODES_READ))]


class Code(BaseModel):
    """A code that the house answers with."""

    code: str = Field(examples=["consent-does-not-cover"])
    by: str = Field(description="Who says it: it belongs to exactly one.", examples=["refused"])
    text: str = Field(description="What it means.")


class Codes(BaseModel):
    """Every code that is answered with, and every codelist that events are checked against."""

    codes: list[Code]
    codelists: dict[str, dict[str, str]] = Field(
        description="Each list's codes with their labels: those in force in the caller's initiative, or for "
        "somebody unknown those that every initiative begins with.",
    )


@router.get("/codes", operation_id="listCodes", responses=problems(401))
async def codes(request: Request, who: Reader) -> Codes:
    """List every code that the house answers with, and every codelist."""
    parts = parts_of(request)
    told = [_shown(code, meaning) for code, meaning in CODES.items()]
    return Codes(codes=told, codelists={name: dict(lists) for name, lists in _lists(parts, who).items()})


@router.get("/codes/{code}", operation_id="getCode", responses=problems(401, 404))
async def one(code: Annotated[str, Path(max_length=40)], _: Reader) -> Code:
    """Say what one code means."""
    if code not in CODES:
        raise ProblemError(404, "no-such-route")
    return _shown(code, CODES[code])


def _shown(code: str, meaning: Meaning) -> Code:
    return Code(code=code, by=meaning.by.value, text=meaning.text)


def _lists(parts: Parts, who: Principal) -> Mapping[str, Mapping[str, str]]:
    kind = INITIATIVE.kinds["codelist"]
    state, rows = kind.table.place("state"), parts.admission.initiative_store.tables[kind.table.name]
    found: dict[str, Mapping[str, str]] = {}
    for (initiative, _, name), row in rows.items():
        if initiative == who.initiative:
            codelist: Codelist = kind.decode(row[state])
            found[name] = codelist.labels
    return dict(sorted(found.items())) or standard()
