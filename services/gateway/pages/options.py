"""What can be chosen on the way to a referral, in words: services, classes, their members, and consents.  Pure."""

from collections.abc import Iterable, Mapping, Sequence

from projections.referral.consent import runs_out
from projections.referral.state import Consent
from services.gateway.pages.fields import Options
from services.gateway.pages.html import Html, tag, together
from services.gateway.pages.known import Known
from services.gateway.pages.room import room
from services.gateway.pages.whom import Offered, Several
from services.gateway.pages.words import day, listed, local

_NOTHING = "offers nothing that is said to fit"


def service(found: Offered, known: Known, by: Sequence[str]) -> tuple[str, Html]:
    """Return a service with its room; `by` are the names of those who suggest its partner."""
    name = tag("b", f"{known.partner(found['partner'])}: {found['name']}")
    said = [f"suggested by {listed(list(by))}"] if by else []
    said.append(room(found["capacity"], known))
    if found["eligibility"]:
        said.append(f"for: {found['eligibility']}")
    if found["protected"]:
        said.append("a protected programme: only a consent that names it carries somebody there")
    return found["id"], _lines(name, said)


def class_(found: Several, known: Known) -> tuple[str, Html]:
    """Return a class with the room of each of those who offer what is needed."""
    kind = known.label("partner-class", found.code).lower()
    name = tag("b", f"Whoever of these takes the person on first ({kind})")
    offered = (each for member in found.fitting for each in found.members[member])
    said = [f"{known.partner(each['partner'])}: {each['name']}; {room(each['capacity'], known)}" for each in offered]
    return found.choice, _lines(name, said)


def members(found: Several, known: Known) -> Options:
    """Return the members of a class."""
    said = ((member, known.partner(member), offered) for member, offered in found.members.items())
    return [(member, name if offered else f"{name}; {_NOTHING}") for member, name, offered in said]


def consent(found: Consent, known: Known, reached: Iterable[str]) -> str:
    """Return what the person agreed to; of a class, whom that reaches."""
    until = runs_out(found)
    ends = f"until {local(until, known.zone)}" if until else "until they take it back"
    shared = listed([known.label("data-class", each).lower() for each in found.data_classes])
    whom = listed([known.partner(each) for each in reached])
    said = f"What they agreed to, in force since {day(found.valid_from, known.zone)} and {ends}: {shared}"
    return f"{said}; it reaches {whom}" if whom else said


def suggesting(partner: str, suggested: Mapping[str, Sequence[str]], known: Known) -> list[str]:
    """Return the names of those who suggest the partner."""
    return [known.partner(each) for each in suggested.get(partner, ())]


def _lines(name: Html, said: Sequence[str]) -> Html:
    return together(name, *(part for text in said for part in ("; ", tag("br"), text)))
