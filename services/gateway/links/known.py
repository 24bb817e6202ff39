"""Names and labels of the initiative's own, for people to read in the place of ids and codes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from events.codelists import standard
from projections.initiative import INITIATIVE
from projections.initiative.state import Codelist, Partner
from services.gateway.pages.fields import Lists
from services.gateway.pages.words import plain
from services.gateway.parts import Parts
from services.gateway.protection import is_guarded

#: What stands in the place of a name that nobody else may read.
PROTECTED = "a service whose name is kept private"


def lists(parts: Parts, initiative: str) -> Lists:
    """Return what finds the options of a codelist for a form."""
    return lambda name: list(labels(parts, initiative, name).items())


def labels(parts: Parts, initiative: str, name: str) -> Mapping[str, str]:
    """Return the label of each code in force, the most fitting for a list: in the order of what people read."""
    published: Codelist | None = _state(parts, initiative, ("codelist", name))
    found = standard().get(name, {}) if published is None else published.labels
    return dict(sorted(found.items(), key=lambda each: (each[0] == "other", each[1].casefold())))


def label(parts: Parts, initiative: str, name: str, code: str | None) -> str:
    """Return what people read in a code's place."""
    return "Not said" if code is None else labels(parts, initiative, name).get(code, plain(code))


def organisation(parts: Parts, initiative: str, partner: str) -> str:
    """Return a partner's name, unless all that it offers is protected."""
    if is_guarded(parts.admission.standing(initiative), partner):
        return PROTECTED
    found: Partner | None = _state(parts, initiative, ("partner", partner))
    return partner if found is None else found.name


def day(parts: Parts, initiative: str, at: datetime) -> str:
    """Return the day that it is then where the initiative is."""
    zone = parts.admission.standing(initiative).zone
    return f"{at.astimezone(zone):%A} {at.astimezone(zone).day} {at.astimezone(zone):%B %Y}"


def clock(parts: Parts, initiative: str, at: datetime) -> str:
    """Return the day and the minute that it is then where the initiative is."""
    zone = parts.admission.standing(initiative).zone
    return f"{day(parts, initiative, at)}, {at.astimezone(zone):%H:%M}"


def _state(parts: Parts, initiative: str, named: tuple[str, str]) -> Any:
    """Return an aggregate of the initiative, given by kind and id, as its log says now, or None."""
    kind = INITIATIVE.kinds[named[0]]
    row = parts.admission.initiative_store.tables[kind.table.name].get((initiative, initiative, named[1]))
    return None if row is None else kind.decode(row[kind.table.place("state")])
