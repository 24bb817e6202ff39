"""Whom a referral can be offered to: one service, or all of a class, of which whoever is first takes it on.  Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from events.spoken import OWN
from projections.referral.consent import Ask, reaches, uncovered
from projections.referral.state import Consent
from services.admission.standing import Standing

#: A service as the directory shows it.
Offered = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Several:
    """A class that can be asked; the sender is none of its members."""

    code: str
    #: What each member offers that fits, those without anything last.
    members: Mapping[str, Sequence[Offered]]
    #: The programme classes of all that each takes referrals for: it may claim by any.
    programmes: Mapping[str, frozenset[str]]
    #: All that a consent for the class reaches.
    everybody: Sequence[str]

    @property
    def choice(self) -> str:
        """What stands for it where a service is chosen."""
        return of_class(self.code)

    @property
    def fitting(self) -> list[str]:
        """Those that offer what is needed."""
        return [member for member, offered in self.members.items() if offered]

    def asks(self, purpose: str, shared: tuple[str, ...]) -> Sequence[Ask]:
        """Return what each could come to share by a claim."""
        return [
            Ask(member, purpose, shared, programme, protected=False)
            for member, programmes in self.programmes.items()
            for programme in sorted(programmes)
        ]

    def reached(self, consent: Consent, asks: Iterable[Ask]) -> list[str]:
        """Return those who could claim under the consent, and those whom it reaches without a service for it yet."""
        covered = {ask.recipient for ask in asks if uncovered(consent, ask) is None}
        without = {member for member, programmes in self.programmes.items() if not programmes}
        return [each for each in self.members if each in covered or (each in without and reaches(consent, each))]


def of_class(code: str) -> str:
    """Return what stands for a class in the place of a service's id."""
    return f"class:{code}"


def several(standing: Standing, offered: Iterable[Offered], sender: str) -> list[Several]:
    """Return the classes of which two at least offer what is needed, and nobody serves a protected programme.

    Of such a one the rules let nobody ask: whoever claims would tell what it is about.
    """
    fitting = list(offered)
    codes = {code for each in fitting for code in standing.members[each["partner"]].classes}
    found = (_several(standing, fitting, code, sender) for code in sorted(codes))
    return [each for each in found if len(each.fitting) > 1 and not _is_protected(standing, each.code)]


def _several(standing: Standing, fitting: Sequence[Offered], code: str, sender: str) -> Several:
    members = [each for each in _asked(standing, code) if each != sender]
    own = {each: [service for service in fitting if service["partner"] == each] for each in members}
    taking = [each for each in standing.services.values() if each.accepts_referrals]
    programmes = {name: frozenset(each.programme_class for each in taking if each.partner == name) for name in members}
    first = sorted(members, key=lambda each: not own[each])
    everybody = standing.class_members([code])
    return Several(code=code, members={each: own[each] for each in first}, programmes=programmes, everybody=everybody)


def _asked(standing: Standing, code: str) -> list[str]:
    return [each for each in standing.class_members([code]) if not standing.members[each].aggregate_only]


def _is_protected(standing: Standing, code: str) -> bool:
    members = _asked(standing, code)
    offered = (each for each in standing.services.values() if each.partner in members)
    return any(each.programme_class in standing.protected for each in offered)


@dataclass(frozen=True, kw_only=True)
class Whom:
    """Whom an offer goes to: one partner, by its service, or whoever is first of some of a class."""

    #: The service; of a class, an id of the sender's own for what it asks of it.
    service: str | None = None
    partner: str | None = None
    to_class: str | None = None
    #: Of a class, those who are asked and those whom the person was not told of, or wants left out.
    members: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    #: The programme classes that a consent has to name.
    programmes: tuple[str, ...] = ()

    @property
    def addressed(self) -> dict[str, str]:
        """How an offer says it."""
        said = {"recipient": self.partner, "to_class": self.to_class, "service_id": self.service}
        return {name: value for name, value in said.items() if value}

    @property
    def agreed(self) -> dict[str, Any]:
        """How a consent says it: whoever is of the class but was not named stays out."""
        if self.to_class is None:
            return {"recipients": {"partners": [self.partner]}}
        return {"recipients": {"classes": [self.to_class]}, "except_recipients": list(self.left_out)}


def one(service: Offered) -> Whom:
    """Return the partner whose service it is."""
    return Whom(service=service["id"], partner=service["partner"], programmes=(service["programme_class"],))


def first_of(asked: Several, members: Iterable[str], need: str) -> Whom:
    """Return whoever of these members is first."""
    named = tuple(members)
    fits = {each["programme_class"] for member in named for each in asked.members[member]}
    return Whom(
        # The same need asked twice of the class for one person is noticed by it.
        service=f"{OWN}page-{asked.code}-{need}",
        to_class=asked.code,
        members=named,
        left_out=tuple(each for each in asked.everybody if each not in named),
        programmes=tuple(sorted(fits)),
    )
