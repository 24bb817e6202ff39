"""What a caller is told about each of its rows."""

from typing import Any, NamedTuple

from services.admission.problem import Problem
from services.admission.publish import At


class Result(NamedTuple):
    """One row's end: published, or turned away with a problem (`log-unavailable`: the outcome is unknown)."""

    row: int
    #: The emitter's own id for the event, where it could be read.
    id: str | None = None
    problem: Problem | None = None
    #: The id that the event has on the log.
    event: str | None = None
    #: What the event is about, as the caller may name it from now on.
    subject: str | None = None
    #: The caller's alias of the client whom the event registers.
    alias: str | None = None
    #: Where the event stands; None in a dry run.
    at: At | None = None
    #: The record key and the digest, by which the event's ruling is found; told to nobody.
    record: str | None = None
    digest: str | None = None

    def described(self) -> dict[str, Any]:
        """Return the result as JSON names it, without what does not apply."""
        token = f"{self.at.topic}-{self.at.partition}:{self.at.offset}" if self.at else None
        told: dict[str, Any] = {
            "row": self.row,
            "id": self.id,
            "ok": self.problem is None,
            "code": self.problem.code if self.problem else None,
            "pointer": self.problem.pointer if self.problem else None,
            "detail": self.problem.detail if self.problem else None,
            "event": self.event,
            "subject": self.subject,
            "alias": self.alias,
            "token": token,
        }
        return {name: value for name, value in told.items() if value is not None}
