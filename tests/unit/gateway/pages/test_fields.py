"""Fields take what fits, say what does not, and tie both to their control."""

import pytest

from services.gateway.pages.asking import read, show, summary
from services.gateway.pages.choosing import Checks, Radios, Select, Yes
from services.gateway.pages.fields import Day, Field, Line, Number, Text, Typed
from services.gateway.pages.given import Given
from services.gateway.pages.html import page
from tests.support.accessible import faults
from tests.support.markup import parsed

OPTIONS = [("a", "First"), ("b", "Second")]
FIELDS: list[Field] = [
    Line(name="line", label="Line", hint="Some line", required=True),
    Number(name="number", label="Number"),
    Day(name="day", label="Day"),
    Text(name="text", label="Text", hint="Sealed"),
    Select(name="select", label="Select", of="some", required=True),
    Radios(name="radios", label="Radios", options=[("x", "Ex"), ("y", "Why")], required=True),
    Checks(name="checks", label="Checks", options=[("k", "Kay"), ("l", "Ell")], required=True),
    Yes(name="yes", label="Yes", required=True, needed="Say yes"),
    Given(name="given", label="Given", required=True),
]


def lists(name: str) -> list[tuple[str, str]]:
    return OPTIONS


GOOD = [
    ("line", " 4711 "),
    ("number", "7"),
    ("day", "2026-03-31"),
    ("text", "one\r\ntwo"),
    ("select", "b"),
    ("radios", "y"),
    ("checks", "k"),
    ("checks", "l"),
    ("yes", "yes"),
    ("given-1-kind", "a"),
    ("given-1-amount", "1.5"),
]
BAD = [
    ("line", "Zoë"),
    ("line", "x" * 129),
    ("number", "-1"),
    ("number", "1000"),
    ("number", "٣"),
    ("day", "2026-02-30"),
    ("day", "20260301"),
    ("day", "0026-03-01"),
    ("day", "31.3.2026"),
    ("text", "x" * 4001),
    ("text", "a\x00b"),
    ("select", "c"),
    ("radios", "First"),
    ("checks", "m"),
    ("yes", "no"),
    ("given-1-kind", "c"),
    ("given-1-amount", "1e9"),
    ("given-1-unit", "c"),
]


def test_what_fits_is_read_as_events_have_it() -> None:
    answers = read(FIELDS, Typed(GOOD), lists)
    assert answers.faults == {}
    assert answers.values == {
        "line": "4711",
        "number": 7,
        "day": "2026-03-31",
        "text": "one\ntwo",
        "select": "b",
        "radios": "y",
        "checks": ["k", "l"],
        "yes": True,
        "given": [{"kind": "a", "amount": "1.5"}],
    }


@pytest.mark.parametrize(("name", "value"), BAD)
def test_what_does_not_fit_is_told_at_its_field(name: str, value: str) -> None:
    typed = Typed([each for each in GOOD if each[0] != name] + [(name, value)])
    assert list(read(FIELDS, typed, lists).faults) == [name.partition("-")[0]]


def test_nothing_typed_is_a_fault_of_what_is_needed_alone() -> None:
    answers = read(FIELDS, Typed(), lists)
    assert set(answers.faults) == {field.name for field in FIELDS if field.required}


@pytest.mark.parametrize("field", FIELDS, ids=[each.name for each in FIELDS])
def test_field_is_tied_to_its_fault(field: Field) -> None:
    shown = field.show(Typed(), lists, "Wrong")
    assert f'id="{field.place}"' in shown
    assert f'id="{field.place}-fault"' in shown
    assert f'{field.place}-fault"' in shown.partition("aria-describedby=")[2].partition(">")[0]


def test_only_what_may_always_be_left_out_says_so() -> None:
    fields = [
        Day(name="day", label="Day", required=need, depends=some)
        for need, some in ((False, False), (True, False), (False, True))
    ]
    assert ["may be left out" in each.show(Typed(), lists, None) for each in fields] == [True, False, False]


def test_fault_is_understood_away_from_its_field() -> None:
    assert Day(name="day", label="When?", required=True).missing == "When? This is needed"
    assert Day(name="day", label="Day", required=True).missing == "Day: this is needed"


@pytest.mark.parametrize("wrong", [False, True])
def test_fields_are_usable_by_everybody(wrong: bool) -> None:
    typed = Typed([("line", '"><script>'), ("text", "\n\nleading <b>")])
    found = read(FIELDS, typed, lists).faults if wrong else {}
    answer = page("Fields", summary(FIELDS, found), show(FIELDS, typed, lists, found))
    root = parsed(bytes(answer.body).decode())
    assert faults(root) == []
    assert next(root.all("textarea")).raw == "\nleading <b>"
    assert next(root.all("input"))["value"] == '"><script>'
