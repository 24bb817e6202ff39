"""What staff may change of what a person agreed to: at whose partner, what is asked, and what it amounts to."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

import orjson
from fastapi import Request

from services.gateway.access import Action
from services.gateway.accounting import PURPOSE, Shown, account_status
from services.gateway.agreed import Person, linked, recorded, standing
from services.gateway.links.sharing import Shared
from services.gateway.naming import naming
from services.gateway.pages.asking import Answers, read
from services.gateway.pages.choosing import Select
from services.gateway.pages.consents import Showing, agreed
from services.gateway.pages.fields import Day, Field, Typed
from services.gateway.pages.known import Known, known
from services.gateway.pages.staff import staff
from services.gateway.parts import Parts, parts_of
from services.gateway.principal import Principal
from services.gateway.problems import ProblemError
from services.gateway.seeing import looked
from services.gateway.speaking import speaker
from services.vault.names import Name

Which = Literal["end", "all", "shorter", "without"]
_REVOKED, _NARROWED = "consent.revoked", "consent.narrowed"
_ENDS = "Nothing more is shared from then on, and what is under way because of it ends."
_REASON = Select(name="reason", label="Why", of="consent-reason", required=True)
_UNTIL = Day(name="expires_at", label="The last day", required=True)


class Theirs(NamedTuple):
    """A consent, and what the person is called under whose id it stands."""

    name: Name
    shared: Shared


@dataclass(frozen=True, kw_only=True)
class Desk:
    """One person whose consents somebody looks at, for one request."""

    parts: Parts
    who: Principal
    known: Known
    referral: str
    name: Name
    #: What the person agreed to under this id.
    shared: Sequence[Shared]
    #: The same under other ids of theirs, each with what the person is called there.
    elsewhere: Sequence[Theirs]
    #: Consents that the reader's partner recorded, by their ids on the log.
    recorded: Collection[str]

    @property
    def all(self) -> Sequence[Theirs]:
        """What the person agreed to under any id, the one that is looked at first."""
        return [*(Theirs(self.name, each) for each in self.shared), *self.elsewhere]

    @property
    def several(self) -> bool:
        """Whether there is more to end than what one press ends."""
        return bool(self.elsewhere) or len(self.shared) > 1

    @property
    def place(self) -> str:
        """Where the page stands."""
        return f"/referrals/{self.referral}/agreed"

    @property
    def showing(self) -> Showing:
        """How it is told."""
        return Showing(
            place=self.place,
            known=self.known,
            partner=self.who.partner,
            standing=self.parts.admission.standing(self.who.initiative),
            recorded=self.recorded,
            named=naming(self.parts, self.who),
        )

    def about(self, which: Which, consent: str) -> Sequence[Theirs]:
        """Return what a change is about, as far as it can be changed still: all of it, or the one of this name."""
        if which == "all":
            return self.all
        named = naming(self.parts, self.who)
        return [Theirs(self.name, each) for each in self.shared if named(each.consent.id) == consent]

    def fields(self, which: Which, consent: str) -> tuple[Field, ...]:
        """Return what is asked."""
        if which in ("end", "all"):
            return (_REASON,)
        if which == "shorter":
            return (_UNTIL,)
        options = [option for each in self.about(which, consent) for option in self.showing.others(each.shared)]
        return (Select(name="partner", label="Which organisation", options=options, required=True),)

    def read(self, which: Which, now: Typed) -> Answers:
        """Return what was typed, and what is wrong with it."""
        found = read(self.fields(which, now.one("consent")), now, self.known.lists)
        if found.values.get(_UNTIL.name, self.known.today) < self.known.today:
            found.faults[_UNTIL.name] = _UNTIL.told("that day is over")
        return found

    def rows(self, which: Which, now: Typed, submission: str, at: datetime) -> list[bytes]:
        """Return the events; each goes by its consent, so that what is left of several is the same events again."""
        consent, values = naming(self.parts, self.who), self.read(which, now).values
        changes = ((consent(each.shared.consent.id), each) for each in self.about(which, now.one("consent")))
        return [
            orjson.dumps(
                {
                    "id": f"page-{submission}-{name}",
                    "type": STEPS[which].type,
                    "time": at.isoformat(),
                    "client": each.name.alias,
                    "data": {"consent_id": name, **STEPS[which].says(each.shared, values)},
                }
            )
            for name, each in changes
        ]


async def desk_of(request: Request, referral: str) -> Desk:
    """Return what the person agreed to, once it is on record that it is shown.

    Raises ProblemError for whoever may not change it: its partner has to serve the person.
    """
    who = await staff(request, Action.EVENT_POST)
    parts = parts_of(request)
    speaker(parts, who)
    there = await known(parts, who)
    place, sight, _ = await looked(parts, who, referral, None, there.now)
    name = (await parts.vault.names(who.initiative, who.partner or "", [place.record])).get(place.record)
    person = await standing(parts, who, Person("", place.record))
    # Whoever could claim it as one of a class is not told whose need it is.
    told = sight.role in ("sender", "recipient") and person.served_by(who.partner)
    if name is None or person.client is None or person.client.erased or not told:
        raise ProblemError(404, "not-found")
    ids = {place.record: person} | {each.record or "": each for each in await linked(parts, who, person)}
    names = await parts.vault.names(who.initiative, who.partner or "", ids)
    await account_status(parts, who, [Shown(each, each, ["consent"], PURPOSE) for each in ids if each in names])
    own = {consent for record in ids for consent in await recorded(parts, who, record)}
    found = [
        Theirs(names[record], shared)
        for record, each in ids.items()
        if record in names and each.client is not None
        for shared in agreed(each.client, who.partner or "", own, there.now)
    ]
    return Desk(
        parts=parts,
        who=who,
        known=there,
        referral=place.referral,
        name=name,
        shared=[each.shared for each in found if each.name == name],
        elsewhere=[each for each in found if each.name != name],
        recorded=own,
    )


@dataclass(frozen=True, kw_only=True)
class Step:
    """Something that can be changed: what it says of each consent, from what was typed."""

    title: str
    meaning: str
    button: str
    type: str
    says: Callable[[Shared, Mapping[str, Any]], dict[str, Any]]


def _as_typed(_: Shared, values: Mapping[str, Any]) -> dict[str, Any]:
    return dict(values)


def _without(shared: Shared, values: Mapping[str, Any]) -> dict[str, Any]:
    return {"except_recipients": sorted({*shared.consent.except_recipients, values["partner"]})}


STEPS: Mapping[Which, Step] = MappingProxyType(
    {
        "end": Step(title="End this?", meaning=_ENDS, button="End it", type=_REVOKED, says=_as_typed),
        "all": Step(title="End all of it?", meaning=_ENDS, button="End all of it", type=_REVOKED, says=_as_typed),
        "shorter": Step(
            title="Until when?",
            meaning="Nothing more is shared after that day.",
            button="Shorten it",
            type=_NARROWED,
            says=_as_typed,
        ),
        "without": Step(
            title="Whom to leave out?",
            meaning="Nothing more is shared with them from then on, and what is under way there because of it ends.",
            button="Leave them out",
            type=_NARROWED,
            says=_without,
        ),
    }
)
