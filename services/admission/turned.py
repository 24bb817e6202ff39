"""The record of who was turned away and why: not more than a minute's worth for each source, then a count."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import uuid4

import orjson

from services.admission.caller import Caller, Link, Partner

MOST = 60
MINUTE = timedelta(minutes=1)


@dataclass(slots=True)
class _Window:
    began: datetime
    told: int = 0
    #: Turned away since the last record.
    silent: int = 0
    code: str = ""


class Turned:
    """Decides which of those turned away are told singly; `rows` are said by the system to its own admission."""

    def __init__(self) -> None:
        self._windows: dict[_Who, _Window] = {}

    def note(self, caller: Caller, event_id: str | None, code: str, now: datetime) -> list[bytes]:
        """Return what is to be said about one row that was turned away: one record, or none for now."""
        if not isinstance(caller, Partner | Link) or not self.count(caller, code, now):
            return []
        who = _who(caller)
        window = self._windows[who]
        if window.told == MOST:
            return []
        window.told += 1
        return [_said(who, event_id, window, now)]

    def count(self, caller: Caller, code: str, now: datetime) -> bool:
        """Count a row for the source's next record; say whether its like is counted at all."""
        if not isinstance(caller, Partner | Link):
            # Of a client nobody keeps what they mistyped.
            return False
        who = _who(caller)
        window = self._windows.get(who)
        if window is None or now - window.began >= MINUTE:
            silent = window.silent if window else 0
            window = self._windows[who] = _Window(now, silent=silent)
        window.silent += 1
        window.code = code
        return True

    def due(self, now: datetime, *, all_of_them: bool = False) -> list[tuple[str, bytes]]:
        """Return (initiative, record) for every source whose minute is over with some of them not yet told."""
        over = [who for who, window in self._windows.items() if all_of_them or now - window.began >= MINUTE]
        told = [(who, self._windows.pop(who)) for who in over]
        return [(who.initiative, _said(who, None, window, now)) for who, window in told if window.silent]


class _Who(NamedTuple):
    """A source, and the partner whose it is or for whom it speaks."""

    initiative: str
    partner: str
    source: str


def _who(caller: Partner | Link) -> _Who:
    return _Who(caller.initiative, caller.partner, caller.source)


def _said(who: _Who, event_id: str | None, window: _Window, now: datetime) -> bytes:
    data = {"claimed_source": who.source, "event_id": event_id, "code": window.code, "count": window.silent}
    window.silent = 0
    return orjson.dumps(
        {
            "id": str(uuid4()),
            "type": "admission.refused",
            "time": now.isoformat(),
            "partitionkey": who.partner,
            "subject": who.partner,
            "data": data,
        }
    )
