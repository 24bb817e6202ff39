"""What became of a batch that was taken back, for whoever ran the command and for scripts: pure."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from events.codes import CODES
from services.admission.result import Result
from services.gateway.rulings import Ruling
from services.ops.undo.saying import Undone, taken
from services.ops.undo.step import Left, Taken

#: Exit codes: something was turned away or refused; the log did not answer and the same may be sent again; it is said,
#: and what the rules make of it is not known yet.
REFUSED, LOG_UNAVAILABLE, NOT_KNOWN = 1, 3, 4


class Said(NamedTuple):
    """One step that was said, and what became of it."""

    step: Taken
    result: Result
    ruling: Ruling | None

    @property
    def is_refused(self) -> bool:
        """Say whether the rules did not take it as it was said."""
        return self.result.problem is None and _is_known(self.ruling) and not _is_applied(self.ruling)

    @property
    def is_open(self) -> bool:
        """Say whether it stands on the log and nothing more is known."""
        return self.result.problem is None and not _is_known(self.ruling)

    def became(self, *, dry_run: bool) -> str:
        """Return it in few words."""
        if self.result.problem is not None:
            return f"turned away: {self.result.problem.code}"
        if dry_run:
            return "would be said"
        if self.is_open or self.ruling is None:
            return "said, not known yet"
        return "done" if _is_applied(self.ruling) else f"refused: {self.ruling.code}"

    def described(self) -> dict[str, Any]:
        """Return it as JSON names it."""
        ruling = self.ruling
        named = {"type": self.step.type, "about": self.step.subject, "undoes": self.step.undoes}
        told = None if ruling is None else {"outcome": ruling.outcome, "code": ruling.code, "detail": ruling.detail}
        return {**named, **self.result.described(), "ruling": told}

    def refusal(self) -> dict[str, Any]:
        """Return a refused one in short."""
        code = (self.ruling and self.ruling.code) or "unreadable"
        named = {"type": self.step.type, "about": self.step.subject, "undoes": self.step.undoes}
        return {**named, "code": code, "why": CODES[code].text}


def said_of(undone: Undone) -> list[Said]:
    """Return the steps that were said, each with what became of it."""
    return [Said(*each) for each in zip(taken(undone.steps), undone.results, undone.rulings, strict=True)]


def left_of(undone: Undone) -> list[Left]:
    """Return what is for a person to decide."""
    return [step for step in undone.steps if isinstance(step, Left)]


def answer(undone: Undone, *, dry_run: bool) -> dict[str, Any]:
    """Return all of it as one document."""
    said = said_of(undone)
    return {
        "dry_run": dry_run,
        "said": [each.described() for each in said],
        "refused": [each.refusal() for each in said if each.is_refused],
        "not_known": 0 if dry_run else sum(each.is_open for each in said),
        "left": [vars(step) for step in left_of(undone)],
    }


def exit_code(said: Sequence[Said], *, dry_run: bool) -> int:
    """Return what the command ends with."""
    codes = {each.result.problem.code for each in said if each.result.problem is not None}
    if "log-unavailable" in codes:
        return LOG_UNAVAILABLE
    if codes or any(each.is_refused for each in said):
        return REFUSED
    return NOT_KNOWN if not dry_run and any(each.is_open for each in said) else 0


def _is_known(ruling: Ruling | None) -> bool:
    return ruling is not None and ruling.outcome != "parked"


def _is_applied(ruling: Ruling | None) -> bool:
    return ruling is not None and ruling.outcome == "applied"
