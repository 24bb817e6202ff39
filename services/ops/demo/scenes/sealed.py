"""Sealed text must stand nowhere but where its reader may see it: looked for in all that is about to be shown."""

import re
from collections.abc import Collection

from services.ops.demo.people import FAMILY, GIVEN

#: What people of the history are called, and how all numbers of the story begin.
_NAMES = re.compile(rf"\b(?:{'|'.join(map(re.escape, (*GIVEN, *FAMILY)))})\b|555-01")


def leaks(shown: str, sealed: Collection[str], readable: Collection[str] = ()) -> list[str]:
    """Return what stands in the text of `sealed`, of a name in it, or of the history's names, but is not `readable`."""
    left = " ".join(shown.split())
    for text in readable:
        left = left.replace(text, "")
    # A name is followed by a number; somebody could tell it without.
    pieces = {piece for text in sealed for piece in (text, text.partition(",")[0])}
    return sorted({*(piece for piece in pieces if piece in left), *_NAMES.findall(left)})
