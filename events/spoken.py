"""The values a caller may give in place of those that stand on the log."""

import re
from datetime import datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Discriminator, StringConstraints, Tag, TypeAdapter
from pydantic_core import PydanticKnownError

from events.fields import ClearText, Day, Instant, Sealed

UUID_OR_OWN = r"^([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|own:[!-~]([ -~]{0,126}[!-~])?)$"
EmittedId = Annotated[str, StringConstraints(pattern=r"^[!-~]([ -~]{0,126}[!-~])?$")]
IdOrOwn = Annotated[str, StringConstraints(pattern=UUID_OR_OWN)]
Subject = Annotated[str, StringConstraints(pattern=UUID_OR_OWN[:-2] + r"|[a-z][a-z0-9-]{2,40})$")]
OWN = "own:"


_DATETIME = TypeAdapter(datetime)


_DATED = re.compile(r"[0-9]{4}-")
_DAY = re.compile(r"[0-9-]*")


def written_out(value: Any) -> Any:
    """Read a time that is written out; pydantic would also take a number, as seconds since 1970."""
    if not isinstance(value, str):
        raise PydanticKnownError("datetime_type")
    if not _DATED.match(value):
        raise PydanticKnownError("datetime_parsing", {"error": "a date is missing"})
    return _DATETIME.validate_python(value)


#: Names of unions' arms, which stand in the location of a validation error and nowhere in the event.
TAGS = frozenset({"<time>", "<day>", "<sealed>", "<clear>"})


def _time_or_day(value: Any) -> str:
    return "<day>" if isinstance(value, str) and _DAY.fullmatch(value) else "<time>"


def _sealed_or_clear(value: Any) -> str:
    return "<clear>" if isinstance(value, str) else "<sealed>"


Time = Annotated[Instant, BeforeValidator(written_out)]
#: Each union is told apart by the look of its value, so that a mistake is reported once and where it is.
TimeOrDay = Annotated[Annotated[Time, Tag("<time>")] | Annotated[Day, Tag("<day>")], Discriminator(_time_or_day)]
SealedOrClear = Annotated[
    Annotated[Sealed, Tag("<sealed>")] | Annotated[ClearText, Tag("<clear>")], Discriminator(_sealed_or_clear)
]
