"""Which places of which events take text about a person."""

import pytest

from events.door import EACH
from services.gateway.sealing import _is


@pytest.mark.parametrize(
    ("pointer", "path", "fits"),
    [
        ("/data/details", ("details",), True),
        ("/data/details/", ("details",), False),
        ("/data/detailsx", ("details",), False),
        ("/details", ("details",), False),
        ("/data/notes/0/text", ("notes", EACH, "text"), True),
        ("/data/notes/12/text", ("notes", EACH, "text"), True),
        ("/data/notes/01/text", ("notes", EACH, "text"), False),
        ("/data/notes/*/text", ("notes", EACH, "text"), False),
        ("/data/notes/0", ("notes", EACH, "text"), False),
        ("/data/details\n", ("details",), False),
    ],
)
def test_pointer_names_a_place(pointer: str, path: tuple[str, ...], fits: bool) -> None:
    assert _is(pointer, path) is fits
