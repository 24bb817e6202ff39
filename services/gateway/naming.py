"""What several partners know is told to each of them under a name of its own.

A consent is one person's: partners that compared its id would see that they have somebody in common.
"""

from collections.abc import Callable

from events.authority import PARTNER
from services.admission.resolve import CONSENT
from services.gateway.parts import Parts
from services.gateway.principal import Principal

#: Returns the caller's own name of a consent.
NameConsent = Callable[[str], str]
EVENT = "event"


def naming(parts: Parts, who: Principal) -> NameConsent:
    """Return what names consents to the caller, who may say those names in its events."""
    masked = parts.admission.naming.masked
    return lambda consent: masked(who.initiative, who.partner or "", CONSENT, consent)


def naming_events(parts: Parts, who: Principal) -> Callable[[str, str], str]:
    """Return what names an event to the caller, by source and id: what others said of a person is told to many."""
    masked, own = parts.admission.naming.masked, f"{PARTNER}{who.partner}"
    return lambda source, event: event if source == own else masked(who.initiative, who.partner or "", EVENT, event)
