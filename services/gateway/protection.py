"""Partners that nobody but those they deal with may know to have been dealt with."""

from projections.referral.state import Consent
from services.admission.standing import Standing
from services.gateway.parts import Parts
from services.gateway.principal import Principal

#: What stands in the place of such a partner's name.
PROTECTED = "protected partner"


def is_protected(parts: Parts, who: Principal, partner: str) -> bool:
    """Say whether all that the partner offers is protected; of one that offers nothing there is nothing to hide."""
    return is_guarded(parts.admission.standing(who.initiative), partner)


def is_guarded(standing: Standing, partner: str) -> bool:
    """Say the same of a partner of this initiative.  Pure."""
    classes = {each.programme_class for each in standing.services.values() if each.partner == partner}
    return bool(classes) and classes <= standing.protected


def carries(standing: Standing, consent: Consent) -> bool:
    """Say whether the consent speaks of a protected programme.  Pure."""
    return not standing.protected.isdisjoint(consent.programme_classes)


def is_untold(standing: Standing, consent: Consent, partner: str) -> bool:
    """Say whether the consent's partner is named to nobody but itself and whoever recorded the consent.  Pure.

    Beside a protected programme any name would tell, also that of a partner which offers other things as well.
    """
    return carries(standing, consent) or is_guarded(standing, partner)
