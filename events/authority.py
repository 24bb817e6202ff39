"""Who may say what: the one table that admission, the rules, the tests and the documentation read."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType

from events import client, consent, disclosure, initiative, partner, referral
from events.catalogue import type_of
from events.envelope import Envelope

SYSTEM = "urn:manyhands:system:"
PARTNER = "urn:manyhands:partner:"
#: In-process only: names the initiative's backbone and its first registrar.
INIT = f"{SYSTEM}init"
GATEKEEPER = f"{SYSTEM}admission"
VAULT = f"{SYSTEM}vault"


class Who(StrEnum):
    """The relation to the subject that a source must have."""

    #: A partner that holds an alias of the client (admission knows; a fold cannot).
    ALIAS_HOLDER = "alias holder"
    #: The partner that stated the need.
    SENDER = "sender"
    #: The partner that the offer was made to.
    RECIPIENT = "recipient"
    #: A person of the backbone who holds the role, or `init` in process.
    REGISTRAR = "registrar"
    #: The partner that the event is about.
    SELF = "self"
    #: A part of this system, in process; no door takes its source.
    SYSTEM = "system"


@dataclass(frozen=True)
class Authority:
    """Who may say it, and whether a second person must approve."""

    who: Who
    second: bool = False


def _table() -> dict[type[Envelope], Authority]:
    return {
        client.Registered: Authority(Who.ALIAS_HOLDER),
        client.Erased: Authority(Who.SYSTEM, second=True),
        consent.Granted: Authority(Who.ALIAS_HOLDER),
        consent.Narrowed: Authority(Who.ALIAS_HOLDER),
        consent.Revoked: Authority(Who.ALIAS_HOLDER),
        consent.EnteredInError: Authority(Who.ALIAS_HOLDER),
        referral.Requested: Authority(Who.ALIAS_HOLDER),
        referral.OfferSent: Authority(Who.SENDER),
        referral.OfferViewed: Authority(Who.RECIPIENT),
        referral.OfferAccepted: Authority(Who.RECIPIENT),
        referral.OfferDeclined: Authority(Who.RECIPIENT),
        referral.ServiceStarted: Authority(Who.RECIPIENT),
        referral.OutcomeRecorded: Authority(Who.RECIPIENT),
        referral.OutcomeAcknowledged: Authority(Who.SENDER),
        initiative.Opened: Authority(Who.SYSTEM),
        initiative.PolicySet: Authority(Who.REGISTRAR),
        initiative.CodelistPublished: Authority(Who.REGISTRAR),
        initiative.BackfillOpened: Authority(Who.REGISTRAR),
        initiative.BackfillClosed: Authority(Who.REGISTRAR),
        partner.Joined: Authority(Who.REGISTRAR),
        partner.AgreementSigned: Authority(Who.REGISTRAR),
        partner.ProfileChanged: Authority(Who.SELF),
        partner.ServicePublished: Authority(Who.SELF),
        partner.ServiceChanged: Authority(Who.SELF),
        partner.CapacityReported: Authority(Who.SELF),
        partner.RoleAssigned: Authority(Who.REGISTRAR),
        disclosure.Opened: Authority(Who.SYSTEM),
        disclosure.Refused: Authority(Who.SYSTEM),
    }


#: A coordinator's role needs a second person on top of what the type's row says.
SECOND_PERSON_ROLES = frozenset({"coordinator"})

AUTHORITY: Mapping[str, Authority] = MappingProxyType({type_of(cls): row for cls, row in _table().items()})


@lru_cache(4096)
def partner_of(source: str) -> str | None:
    """Return the partner that speaks, or None when the source is no partner's."""
    return source.removeprefix(PARTNER) if source.startswith(PARTNER) else None
