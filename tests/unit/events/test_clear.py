"""Nobody is named in the clear: every value on the log is of a kind that has no room for a name."""

from typing import Annotated, Any

import pytest
from pydantic import AwareDatetime, BaseModel, Field, StringConstraints, create_model

from events.anatomy import leaves
from events.authority import AUTHORITY, Who
from events.catalogue import TYPES
from events.door import body
from events.fields import CODE_PATTERN, Code, Codelist, Coined, Count, Public, Sealed
from tests.support.clear import found


class Inner(BaseModel):
    note: str


FREE: dict[str, Any] = {
    "bare text": str,
    "optional text": str | None,
    "text of any length, declared public": Annotated[str, Public()],
    "text of a form of its own": Annotated[str, StringConstraints(pattern=r"^.{0,80}$")],
    "text by length alone": Annotated[str, StringConstraints(max_length=40)],
    "text in an array": Annotated[tuple[str, ...], Field(max_length=9)],
    "text in a part": Inner,
    "text beside sealed": Sealed | str,
    "an array without end": tuple[Code, ...],
    "an unbounded number": int,
    "a number bounded below": Annotated[int, Field(ge=0)],
    "a float": float,
    "a bounded float": Annotated[float, Field(ge=0, le=1)],
    "a dictionary": dict[str, Code],
    "anything": Any,
    "bytes": bytes,
    "a list": Annotated[list[Code], Field(max_length=3)],
    "an unbounded time": AwareDatetime,
}


@pytest.mark.parametrize("full", TYPES)
def test_events_have_no_room_for_a_name(full: str) -> None:
    assert found(TYPES[full]) == []


@pytest.mark.parametrize("kind", FREE)
def test_room_for_a_name_is_found(kind: str) -> None:
    assert found(create_model("Leaky", fine=(Count, ...), value=(FREE[kind], ...))) != []


@pytest.mark.parametrize("full", TYPES)
def test_codes_come_from_a_list_unless_the_house_or_a_registrar_coins_them(full: str) -> None:
    if AUTHORITY[full].who is Who.SYSTEM:
        return
    said = (leaf for leaf in leaves(body(full)) if leaf.path[0] != "admitted")
    codes = (leaf for leaf in said if any(getattr(mark, "pattern", None) == CODE_PATTERN for mark in leaf.marks))
    free = [leaf.path for leaf in codes if not any(isinstance(mark, Codelist | Coined) for mark in leaf.marks)]
    assert free == []


@pytest.mark.parametrize("full", TYPES)
def test_codes_are_coined_by_registrars_alone(full: str) -> None:
    coined = [leaf.path for leaf in leaves(body(full)) if any(isinstance(mark, Coined) for mark in leaf.marks)]
    assert coined == [] or AUTHORITY[full].who is Who.REGISTRAR
