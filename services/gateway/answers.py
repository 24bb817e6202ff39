"""What a caller is told about each event it sent, and how a row's code becomes an HTTP status."""

from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, Literal

from pydantic import BaseModel, Field

from events.codes import CODES
from services.admission.caller import Caller
from services.admission.problem import Problem
from services.admission.result import Result
from services.gateway.consistency import Consistency
from services.gateway.principal import Principal
from services.gateway.problems import AGAIN_S, ProblemError
from services.gateway.rulings import Asked, Ruling

_FORBIDDEN = (
    "foreign-source",
    "wrong-initiative",
    "not-authorised",
    "second-person-required",
    "aggregate-only",
    "agreement-missing",
)
#: Codes of admission whose status says more than that the event cannot be processed.
STATUS: Mapping[str, int] = MappingProxyType(
    {
        "not-json": HTTPStatus.BAD_REQUEST,
        "too-large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "not-found": HTTPStatus.NOT_FOUND,
        "subject-taken": HTTPStatus.CONFLICT,
        "log-unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
    }
    | dict.fromkeys(_FORBIDDEN, HTTPStatus.FORBIDDEN)
)


class RulingShown(BaseModel):
    """What the system made of an event."""

    outcome: Literal["applied", "partly", "refused", "parked", "duplicate"]
    code: str | None = Field(None, description="Why it was refused: an entry of `/v1/codes`.")
    detail: str | None = Field(None, description="Which part of it, in the house's own words.")


class Admitted(BaseModel):
    """An event that stands on the log for good."""

    row: int = Field(description="Its place among the events of the request, from 0.")
    id: str = Field(description="The sender's own id of the event.")
    ok: bool = Field(description="Whether it stands on the log; of a dry run, whether it would.")
    event: str = Field(description="The id that the event has on the log.")
    subject: str | None = Field(None, description="What the event is about, as the caller names it from now on.")
    alias: str | None = Field(None, description="The caller's own name for the client whom the event registers.")
    token: str | None = Field(None, description="Shown at a reading, it waits for this event.")
    receipt: str | None = Field(None, description="The record's leaf hash (RFC 6962, SHA-256) in hex.")
    duplicate: bool | None = Field(None, description="True where the same event stood there before: this is the first.")
    ruling: RulingShown | None = Field(None, description="What became of it, where that is known.")
    would: RulingShown | None = Field(None, description="Of a dry run: what would become of it now.")


class Row(BaseModel):
    """One event's end: it stands on the log as `Admitted` says, or `ok` is false and `code` says why."""

    row: int
    ok: bool
    id: str | None = None
    code: str | None = None
    title: str | None = None
    pointer: str | None = Field(None, description="JSON pointer of the place that is wrong.")
    detail: str | None = None
    event: str | None = None
    subject: str | None = None
    alias: str | None = None
    token: str | None = None
    receipt: str | None = None
    duplicate: bool | None = None
    ruling: RulingShown | None = None
    would: RulingShown | None = None


class Batch(BaseModel):
    """What became of each event of an array, in order."""

    published: int
    turned_away: int
    results: list[Row]


class Teller:
    """Puts results into the words of the API for one caller."""

    def __init__(self, who: Principal, caller: Caller, consistency: Consistency) -> None:
        self._who = who
        self._caller = caller
        self._consistency = consistency

    def asked(self, result: Result) -> Asked | None:
        """Return what asks for a published event's ruling; None of one that is not known to stand on the log."""
        if result.at is None or result.record is None or result.event is None or result.digest is None:
            return None
        source = self._caller.source
        return Asked(self._caller.initiative, result.record, source, result.event, result.digest, result.at)

    def row(self, result: Result, ruling: Ruling | None = None, *, dry_run: bool = False) -> dict[str, Any]:
        """Return one row's answer."""
        told: dict[str, Any] = {"row": result.row, "id": result.id, "ok": result.problem is None}
        if result.problem is not None:
            return _present(told | _problem(result.problem))
        told |= {"event": result.event, "subject": result.subject, "alias": result.alias}
        if dry_run:
            return _present(told | {"would": shown(ruling)})
        return _present(told | self._stands(result, ruling) | {"ruling": shown(ruling)})

    def _stands(self, result: Result, ruling: Ruling | None) -> dict[str, Any]:
        if ruling is not None and ruling.first is not None:
            return {"token": self._consistency.token(self._who, ruling.first), "duplicate": True}
        at = result.at
        if at is None:
            return {}
        return {"token": self._consistency.token(self._who, at), "receipt": at.leaf.hex() if at.leaf else None}


def shown(ruling: Ruling | None) -> dict[str, Any] | None:
    """Return a ruling as it is answered."""
    if ruling is None:
        return None
    return _present({"outcome": ruling.outcome, "code": ruling.code, "detail": ruling.detail})


def turned_away(problem: Problem, **extra: Any) -> ProblemError:
    """Return the problem of a single event that was turned away."""
    status = STATUS.get(problem.code, HTTPStatus.UNPROCESSABLE_ENTITY)
    headers = {"Retry-After": AGAIN_S} if status == HTTPStatus.SERVICE_UNAVAILABLE else {}
    return ProblemError(status, problem.code, problem.detail, headers=headers, pointer=problem.pointer, **extra)


def _problem(problem: Problem) -> dict[str, Any]:
    meaning = CODES[problem.code].text
    return {"code": problem.code, "title": meaning, "pointer": problem.pointer or None, "detail": problem.detail}


def _present(told: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in told.items() if value is not None}
