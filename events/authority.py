"""Who may say what: the one table that admission, the rules, the tests and the documentation read."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache
from types import MappingProxyType

from events import client, consent, disclosure, episode, initiative, partner, referral
from events.catalogue import type_of
from events.envelope import Envelope

SYSTEM = "urn:manyhands:system:"
PARTNER = "urn:manyhands:partner:"
#: Whoever holds the link to one offer, or a client who holds their own.
LINK = "urn:manyhands:link:"
CLIENT_LINK = "urn:manyhands:client-link:"
#: In-process only: names the initiative's backbone and its first registrar.
INIT = f"{SYSTEM}init"
TIMEKEEPER = f"{SYSTEM}timekeeper"
GATEKEEPER = f"{SYSTEM}admission"
VAULT = f"{SYSTEM}vault"
#: Whoever runs commands with the deployment's secrets, where no partner speaks.
OPERATOR = f"{SYSTEM}operator"


class Who(StrEnum):
    """The relation to the subject that a source must have."""

    #: A partner that holds an alias of the client (admission knows; a fold cannot).
    ALIAS_HOLDER = "alias holder"
    #: The partner that stated the need.
    SENDER = "sender"
    #: The partner that the offer was made to, or has claimed it.
    RECIPIENT = "recipient"
    #: A partner of the class that the offer was made to.
    CLASS_MEMBER = "class member"
    #: The partner whose episode it is.
    PROVIDER = "provider"
    #: Whoever holds the link to the offer, for the partner that it was made to.
    LINK = "link holder"
    #: The person whom it is about, by their own link.
    CLIENT = "client"
    #: The timekeeper, of this system.
    CLOCK = "timekeeper"
    #: A person of the backbone who holds the role, or `init` in process.
    REGISTRAR = "registrar"
    #: The partner that the event is about.
    SELF = "self"
    #: A part of this system, in process; no door takes its source.
    SYSTEM = "system"


@dataclass(frozen=True)
class Authority:
    """Who may say it, who else may, and whether a second person must approve."""

    who: Who
    also: tuple[Who, ...] = ()
    second: bool = False

    @cached_property
    def all(self) -> tuple[Who, ...]:
        """Everybody who may say it."""
        return (self.who, *self.also)


_HOLDER = Authority(Who.ALIAS_HOLDER)
_CONSENTING = Authority(Who.ALIAS_HOLDER, also=(Who.CLIENT,))
_SENDER = Authority(Who.SENDER)
_ANSWERING = Authority(Who.RECIPIENT, also=(Who.LINK,))
_PROVIDER = Authority(Who.PROVIDER)
_CLOCK = Authority(Who.CLOCK)
_REGISTRAR = Authority(Who.REGISTRAR)
_SELF = Authority(Who.SELF)
_SYSTEM = Authority(Who.SYSTEM)
_SYSTEM_FOR_TWO = Authority(Who.SYSTEM, second=True)


def _table() -> dict[type[Envelope], Authority]:
    return {
        client.Registered: _HOLDER,
        client.Linked: _SYSTEM_FOR_TWO,
        client.Unlinked: _SYSTEM_FOR_TWO,
        client.Erased: _SYSTEM_FOR_TWO,
        consent.Granted: _CONSENTING,
        consent.Narrowed: _CONSENTING,
        consent.Revoked: _CONSENTING,
        consent.EnteredInError: _CONSENTING,
        referral.Requested: _HOLDER,
        referral.OfferDrafted: _SENDER,
        referral.OfferSent: _SENDER,
        referral.OfferDiscarded: _SENDER,
        referral.OfferRecalled: _SENDER,
        referral.OfferViewed: _ANSWERING,
        referral.OfferAccepted: _ANSWERING,
        referral.OfferClaimed: Authority(Who.CLASS_MEMBER),
        referral.OfferDeclined: _ANSWERING,
        referral.OfferExpired: _CLOCK,
        referral.Reminded: _CLOCK,
        referral.Escalated: _CLOCK,
        referral.ContactAttempted: _ANSWERING,
        referral.ServiceStarted: _ANSWERING,
        referral.Waitlisted: _ANSWERING,
        referral.PutOnHold: _ANSWERING,
        referral.Resumed: _ANSWERING,
        referral.OutcomeRecorded: _ANSWERING,
        referral.OutcomeReportedBySender: _SENDER,
        referral.HandoffReported: _HOLDER,
        referral.CancelRequested: _SENDER,
        referral.CancelConfirmed: Authority(Who.RECIPIENT, also=(Who.LINK, Who.CLOCK)),
        referral.Withdrawn: Authority(Who.RECIPIENT, also=(Who.LINK, Who.CLOCK)),
        referral.OutcomeAcknowledged: _SENDER,
        referral.ClientAsked: Authority(Who.SENDER, also=(Who.RECIPIENT,)),
        referral.ClientAnswered: Authority(Who.CLIENT, also=(Who.SENDER, Who.RECIPIENT)),
        referral.OutcomeCorrected: _ANSWERING,
        referral.OfferInError: _SENDER,
        referral.Closed: _SENDER,
        episode.Enrolled: _HOLDER,
        episode.ServiceDelivered: _PROVIDER,
        episode.MilestoneReached: _PROVIDER,
        episode.Exited: _PROVIDER,
        episode.Corrected: _PROVIDER,
        episode.EpisodeInError: _PROVIDER,
        initiative.Opened: _SYSTEM,
        initiative.PolicySet: _REGISTRAR,
        initiative.CodelistPublished: _REGISTRAR,
        initiative.BackfillOpened: _REGISTRAR,
        initiative.BackfillClosed: _REGISTRAR,
        partner.Joined: _REGISTRAR,
        partner.AgreementSigned: _REGISTRAR,
        partner.Suspended: _REGISTRAR,
        partner.Reinstated: _REGISTRAR,
        partner.Left: _REGISTRAR,
        partner.SucceededBy: _REGISTRAR,
        partner.ProfileChanged: _SELF,
        partner.ServicePublished: _SELF,
        partner.ServiceChanged: _SELF,
        partner.ServiceRetired: _SELF,
        partner.CapacityReported: _SELF,
        partner.RoleAssigned: _REGISTRAR,
        partner.RoleEnded: _REGISTRAR,
        disclosure.Opened: _SYSTEM,
        disclosure.BrokeGlass: _SYSTEM_FOR_TWO,
        disclosure.Exported: _SYSTEM,
        disclosure.Refused: _SYSTEM,
    }


#: A coordinator's role needs a second person on top of what the type's row says.
SECOND_PERSON_ROLES = frozenset({"coordinator"})

AUTHORITY: Mapping[str, Authority] = MappingProxyType({type_of(cls): row for cls, row in _table().items()})


@lru_cache(4096)
def partner_of(source: str) -> str | None:
    """Return the partner that speaks, or None when the source is no partner's."""
    return source.removeprefix(PARTNER) if source.startswith(PARTNER) else None
