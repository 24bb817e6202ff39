"""What a person agreed to, as the staff of a partner that serves them is shown it.  Pure."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from projections.referral.consent import lapsed, runs_out
from projections.referral.state import Client, Consent
from services.admission.standing import Standing
from services.gateway.agreed import is_told
from services.gateway.links.sharing import Shared, reached
from services.gateway.naming import NameConsent
from services.gateway.pages.fields import Options
from services.gateway.pages.html import Html, tag, together
from services.gateway.pages.known import PROTECTED_PARTNER, Known
from services.gateway.pages.telling import terms
from services.gateway.pages.words import day, listed, local
from services.gateway.protection import is_untold

NONE = "Nothing that this person agreed to is in force, as far as you take part in it."
_PASSED_ON = {"none": "No", "with-consent": "Only where the person agrees to that too", "permitted": "Yes"}


def agreed(client: Client, partner: str, recorded: Collection[str], now: datetime) -> list[Shared]:
    """Return what is in force, and what will be, as far as this partner `recorded` it or is told of it."""
    return [
        Shared(each, reached(each))
        for each in client.consents
        if lapsed(each, now) in (None, "not-yet-valid") and (each.id in recorded or is_told(client, each, partner))
    ]


@dataclass(frozen=True, kw_only=True)
class Showing:
    """For whom it is put into words."""

    place: str
    known: Known
    partner: str | None
    standing: Standing
    #: The consents that the reader's partner recorded, by their ids on the log: it knows whom they name.
    recorded: Collection[str]
    #: Names a consent to the reader: its id is one for all who serve the person.
    named: NameConsent

    def list(self, found: Sequence[Shared], *, several: bool) -> Html:
        """Return each consent with the ways to change it; where there are `several`, a way to end all of them too."""
        everything = tag("p", tag("a", "End all of it", href=f"{self.place}/all", class_="button quiet"))
        sections = map(self._section, found) if found else (tag("p", NONE, class_="empty"),)
        return together(*sections, everything if several else "")

    def title(self, shared: Shared) -> str:
        """Return in short what tells one consent from another."""
        return f"{self._labels('purpose', shared.consent.purposes)}, shared with {self.whom(shared)}"

    def whom(self, shared: Shared) -> str:
        """Return with whom it is shared; those who are not named are all called alike."""
        names = (self._name(shared.consent, each) for each in shared.partners)
        return listed(list(dict.fromkeys(names))) or "nobody"

    def others(self, shared: Shared) -> Options:
        """Return the partners that are named, and so can be left out."""
        return [(each, self.known.partner(each)) for each in shared.partners if self._is_told(shared.consent, each)]

    def _section(self, shared: Shared) -> Html:
        title = self.title(shared)
        ways = tag("ul", *(tag("li", each) for each in self._ways(shared, title)), role="list")
        return tag("section", tag("h2", title), terms(self.facts(shared)), ways)

    def facts(self, shared: Shared) -> Sequence[tuple[str, str]]:
        """Return what was agreed to."""
        consent, zone = shared.consent, self.known.zone
        facts = [
            ("What is shared", self._labels("data-class", consent.data_classes)),
            ("With", self.whom(shared)),
            ("What for", self._labels("purpose", consent.purposes)),
        ]
        over = runs_out(consent)
        if consent.programme_classes:
            facts.append(("About", listed(list(dict.fromkeys(map(self._programme, consent.programme_classes))))))
        facts += [
            ("From", day(consent.valid_from, zone)),
            ("Until", local(over, zone) if over else "until the person takes it back"),
            ("May be passed on", _PASSED_ON[consent.redisclosure]),
        ]
        if consent.guardian_until is not None:
            facts.append(("Who agreed", f"a guardian, who decides until {local(consent.guardian_until, zone)}"))
        return [*facts, ("Guardian", "is not to know of it")] if consent.hidden_from_guardian else facts

    def _ways(self, shared: Shared, title: str) -> Iterable[Html]:
        yield self._way("end", "End this", shared, title)
        if lapsed(shared.consent, self.known.now) is not None:
            return
        yield self._way("shorter", "Share it for a shorter time", shared, title)
        if len(shared.partners) > 1 and self.others(shared):
            yield self._way("without", "Leave an organisation out", shared, title)

    def _way(self, step: str, label: str, shared: Shared, title: str) -> Html:
        place = f"{self.place}/{step}?consent={self.named(shared.consent.id)}"
        return tag("a", label, href=place, aria_label=f"{label}: {title}")

    def _labels(self, codelist: str, codes: Iterable[str]) -> str:
        return listed([self.known.label(codelist, each) for each in codes])

    def _programme(self, code: str) -> str:
        hidden = code in self.known.protected
        return "a protected programme" if hidden else self.known.label("programme-class", code)

    def _name(self, consent: Consent, partner: str) -> str:
        return self.known.partner(partner) if self._is_told(consent, partner) else PROTECTED_PARTNER

    def _is_told(self, consent: Consent, partner: str) -> bool:
        if partner == self.partner or consent.id in self.recorded:
            return True
        return not is_untold(self.standing, consent, partner)
