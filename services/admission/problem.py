"""Why a row was turned away: a stable code and a place, never the input itself."""

from dataclasses import dataclass

from events.codes import CODES

#: Whether the row stands on the log is not known.
UNKNOWN = "log-unavailable"


@dataclass(frozen=True, slots=True)
class Problem:
    """A code of `events.codes`, the JSON pointer of the place, and a hint made of the schema's own words."""

    code: str
    pointer: str = ""
    detail: str | None = None

    @property
    def text(self) -> str:
        """Return the code's meaning for people, with the hint when there is one."""
        meaning = CODES[self.code].text
        return f"{meaning} ({self.detail})" if self.detail else meaning


class TurnedAway(Exception):
    """One row cannot be admitted; the rows around it are none the worse."""

    def __init__(self, code: str, pointer: str = "", detail: str | None = None) -> None:
        super().__init__(code)
        self.problem = Problem(code, pointer, detail)
