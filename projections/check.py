"""A rule written as a check: it passes, or breaks off with the refusal."""

from collections.abc import Callable
from functools import wraps
from typing import Never, TypeVar

from projections.projection import Case
from projections.ruling import APPLIED, Judgement, Refused

E = TypeVar("E")


class Broken(Exception):
    """A rule is broken; caught where the rule was asked and nowhere else."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.code)
        self.refused = refused


def refuse(code: str, detail: str | None = None) -> Never:
    """Break off with this refusal."""
    raise Broken(Refused(code, detail))


def rule(check: Callable[[E, Case], None]) -> Callable[[E, Case], Judgement]:
    """Make a judge of a check: an event that passes is applied."""

    @wraps(check)
    def judge(event: E, case: Case) -> Judgement:
        try:
            check(event, case)
        except Broken as broken:
            return broken.refused
        return APPLIED

    return judge
