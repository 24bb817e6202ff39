"""When a service that was promised is to have begun: by the day that its recipient names, else by business days."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from events.fields import LATEST
from services.admission.caller import Link, Partner
from services.admission.context import Context
from services.admission.deadlines import after_business_days, after_days
from services.admission.parse import Parsed
from services.admission.problem import TurnedAway
from services.admission.standing import Standing

#: Services with days of their own that an acceptance carries at most; any further ones go by the policy's.
MOST = 250


def starting(context: Context, parsed: Parsed) -> Mapping[str, Any]:
    """Return when the recipient is reminded that nothing has begun, and when the sender is told, by service.

    Which of its services was asked for is known where a claim names it.  Of an acceptance a fold knows it alone, so
    those with days of their own stand beside what holds for the others.  Raises TurnedAway where the recipient names a
    day that the policy is too far ahead for: nobody would be reminded before it, nor told.
    """
    standing, caller = context.standing, context.caller
    if not isinstance(caller, Partner | Link):
        return {}
    _soon_enough(standing, parsed)
    kinds = _kinds(standing, caller.partner, parsed.data.get("service_id"))
    found = [each for kind in kinds if (each := _one(standing, parsed, *kind)) is not None]
    return {"starting": found} if found else {}


def _soon_enough(standing: Standing, parsed: Parsed) -> None:
    named, latest = parsed.data.get("expected_by"), after_days(parsed.time, standing.start_at_most, standing)
    if named is not None and latest is not None and named > latest:
        raise TurnedAway("expected-by-too-late", "/data/expected_by", f"at most {standing.start_at_most} days")


def _kinds(standing: Standing, partner: str, named: str | None) -> Iterator[tuple[Sequence[str], int]]:
    """Yield services and the business days in which they begin; first, naming none, the policy's."""
    yield (), standing.start_days
    own = ((name, days) for name, days in standing.starts.get(partner, {}).items() if named in (None, name))
    by_days: dict[int, list[str]] = {}
    for name, days in islice(own, MOST):
        by_days.setdefault(days, []).append(name)
    yield from ((services, days) for days, services in by_days.items())


def _one(standing: Standing, parsed: Parsed, services: Sequence[str], days: int) -> Mapping[str, Any] | None:
    """Return both instants; the sender is told so many business days after the recipient was reminded."""
    named: datetime | None = parsed.data.get("expected_by")
    if named is None:
        start_by = after_business_days(parsed.time, days, standing)
        escalate_at = after_business_days(parsed.time, 2 * days, standing)
    else:
        start_by, escalate_at = named, after_business_days(named, days, standing)
    if start_by is None or escalate_at is None or escalate_at >= LATEST:
        return None
    found: dict[str, Any] = {"start_by": start_by, "escalate_at": escalate_at}
    return found | {"services": services} if services else found
