"""What a page needs of the initiative to speak plainly: names of partners and services, labels of codes, its clock."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from projections.initiative.state import Initiative, Partner, Policy, Service
from projections.referral.state import Draft, Offer
from services.gateway.directory import caught_up, states
from services.gateway.pages.fields import Options
from services.gateway.pages.html import Html
from services.gateway.pages.words import moment, plain
from services.gateway.parts import Parts
from services.gateway.principal import Principal
from services.gateway.progress import now

#: The list of those to whom somebody could be sent; the reader's own partner is not among them.
PARTNERS = "partners"
#: The list of the reader's own services to which somebody could be sent.
OWN_SERVICES = "own-services"
#: What is said in a list in the place of a protected programme.
PROTECTED_PARTNER, PROTECTED_NEED = "protected partner", "protected need"


class Known:
    """The initiative as its log says it stands now; read once for a page."""

    def __init__(self, parts: Parts, who: Principal) -> None:
        self.partners: Mapping[str, Partner] = dict(states(parts, who, "partner"))
        self.services: Mapping[str, Service] = dict(states(parts, who, "service"))
        self.protected = parts.admission.standing(who.initiative).protected
        self.zone = parts.admission.standing(who.initiative).zone or ZoneInfo("UTC")
        self.now = now()
        self._who = who
        self._lists = {name: found.labels for name, found in states(parts, who, "codelist")}
        [(_, initiative)] = states(parts, who, "initiative")
        self._initiative: Initiative = initiative

    @property
    def policy(self) -> Policy:
        """The initiative's numbers and days."""
        return self._initiative.policy

    def lists(self, name: str) -> Options:
        """Return the options of a codelist, of the list of partners, or of the reader's own services."""
        if name == OWN_SERVICES:
            own = ((id_, each) for id_, each in self.services.items() if each.partner == self._who.partner)
            return sorted(
                ((id_, each.name) for id_, each in own if each.accepts_referrals), key=lambda option: option[1]
            )
        if name != PARTNERS:
            return list(self._lists.get(name, {}).items())
        found = ((id_, each.name) for id_, each in self.partners.items() if self._takes_people(id_, each))
        return sorted(found, key=lambda option: option[1])

    def _takes_people(self, id_: str, partner: Partner) -> bool:
        """Say whether somebody could be sent there; no case is spoken of with those who report counts alone."""
        return partner.active and partner.reporting == "client-level" and id_ != self._who.partner

    def label(self, codelist: str, code: str | None) -> str:
        """Return what people read in a code's place."""
        return "not said" if code is None else self._lists.get(codelist, {}).get(code, plain(code))

    def partner(self, id_: str | None) -> str:
        """Return a partner's name."""
        found = self.partners.get(id_ or "")
        return found.name if found else id_ or "nobody yet"

    def whom(self, offer: Offer | Draft) -> str:
        """Return whom an offer was made to, or is to be: a partner, or whoever of a class claims it."""
        if offer.recipient or offer.to_class is None:
            return self.partner(offer.recipient)
        return self.any(offer.to_class)

    def any(self, class_: str) -> str:
        """Return what whoever of a class is called."""
        return f"any: {self.label('partner-class', class_).lower()}"

    def service(self, id_: str | None) -> str:
        """Return a service's name."""
        found = self.services.get(id_ or "")
        return found.name if found else "a service"

    def when(self, at: datetime) -> Html:
        """Return a moment by the initiative's clock and how far away it is."""
        return moment(at, self.zone, self.now)

    @property
    def today(self) -> str:
        """The day that it is in the initiative's zone."""
        return self.now.astimezone(self.zone).date().isoformat()


async def known(parts: Parts, who: Principal) -> Known:
    """Read on in the log of initiatives and return what it says.  Raises ProblemError while that is not known."""
    await caught_up(parts, who, None)
    return Known(parts, who)
