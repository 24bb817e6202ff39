"""Who may do what: the one table that routes, tests and documentation read.  What it does not name is denied."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from services.gateway.principal import Kind, Principal


class Action(StrEnum):
    """What can be asked for; also the scope that a token needs for it."""

    EVENT_POST = "event.post"
    CLIENT_ALIAS = "client.alias"
    #: To ask that two ids be taken for one person's, or not any more.
    CLIENT_LINK = "client.link"
    CLIENT_LINK_DECIDE = "client.link-decide"
    CLIENT_ERASE = "client.erase"
    REFERRAL_READ = "referral.read"
    #: To take the same out as a file.
    REFERRAL_EXPORT = "referral.export"
    #: Who was shown what about a client.
    DISCLOSURE_READ = "disclosure.read"
    SEALED_OPEN = "sealed.open"
    SEALED_MAKE = "sealed.make"
    DIRECTORY_READ = "directory.read"
    #: How much partners that take no part left open.
    DEPARTED_READ = "departed.read"
    CODES_READ = "codes.read"
    FEED_READ = "feed.read"
    #: What became of what one's partner wrote into its inbox.
    INBOX_READ = "inbox.read"
    #: Figures of loops as they stand or stood, and the events behind them.
    LOOPS_READ = "loops.read"
    TOKEN_MANAGE = "token.manage"  # noqa: S105 - the name of an action
    #: Who one is, what one acts as, and one's own sessions: for people signed in.
    SESSION_MANAGE = "session.manage"
    #: Links for those without an account: to an offer that was sent, or a client's own.
    LINK_MAKE = "link.make"
    #: Where one's own partner has its mails sent.
    ADDRESS_SET = "address.set"
    #: What two registrars decide together.
    APPROVAL = "approval"
    OPERATE = "operate"


class Reach(StrEnum):
    """Which objects a grant covers."""

    ALL = "all"
    #: What bears the caller's own source, partner or person.
    OWN = "own"
    #: Everything, for whoever of the backbone is an analyst besides; else its own.
    ANALYST = "all-as-analyst"
    #: Objects it takes part in, with a consent in force.
    PARTICIPANT = "participant"
    #: Objects whose consent names the caller's role, never of protected programmes.
    NAMED = "named-by-consent"
    #: The one offer that a link is for.
    OFFER = "that-offer"
    #: It may ask; two others approve.
    ASK = "ask"
    #: It may approve, as one of two.
    APPROVE = "approve"
    #: It carries out what others approved.
    RUN = "run"
    #: It may take away and not give.
    REVOKE = "revoke"


@dataclass(frozen=True, slots=True)
class Grant:
    """`disclosed`: that it happened is published before anything is shown.  `second`: two persons are needed."""

    reach: Reach
    disclosed: bool = False
    second: bool = False


_A = True
ACCESS: Mapping[Action, Mapping[Kind, Grant]] = MappingProxyType(
    {
        Action.EVENT_POST: {
            Kind.PARTNER_SYSTEM: Grant(Reach.OWN),
            Kind.STAFF: Grant(Reach.OWN),
            Kind.REGISTRAR: Grant(Reach.OWN),
            Kind.LINK: Grant(Reach.OFFER),
            Kind.CLIENT: Grant(Reach.OWN),
        },
        Action.CLIENT_ALIAS: {Kind.PARTNER_SYSTEM: Grant(Reach.OWN), Kind.STAFF: Grant(Reach.OWN)},
        Action.CLIENT_LINK: {
            Kind.PARTNER_SYSTEM: Grant(Reach.ASK),
            Kind.STAFF: Grant(Reach.ASK),
            Kind.CLIENT: Grant(Reach.ASK),
        },
        Action.CLIENT_LINK_DECIDE: {
            Kind.COORDINATOR: Grant(Reach.APPROVE, second=True),
            Kind.REGISTRAR: Grant(Reach.APPROVE, second=True),
        },
        Action.CLIENT_ERASE: {
            Kind.PARTNER_SYSTEM: Grant(Reach.ASK),
            Kind.STAFF: Grant(Reach.ASK),
            Kind.CLIENT: Grant(Reach.ASK),
            Kind.COORDINATOR: Grant(Reach.APPROVE, second=True),
            Kind.REGISTRAR: Grant(Reach.APPROVE, second=True),
            Kind.OPERATOR: Grant(Reach.RUN),
        },
        Action.REFERRAL_READ: {
            Kind.PARTNER_SYSTEM: Grant(Reach.PARTICIPANT),
            Kind.STAFF: Grant(Reach.PARTICIPANT, _A),
            Kind.COORDINATOR: Grant(Reach.NAMED, _A),
            Kind.LINK: Grant(Reach.OFFER, _A),
            Kind.CLIENT: Grant(Reach.OWN, _A),
        },
        Action.REFERRAL_EXPORT: {
            Kind.PARTNER_SYSTEM: Grant(Reach.PARTICIPANT, _A),
            Kind.STAFF: Grant(Reach.PARTICIPANT, _A),
            Kind.COORDINATOR: Grant(Reach.NAMED, _A),
            Kind.AUDITOR: Grant(Reach.PARTICIPANT, _A),
        },
        Action.DISCLOSURE_READ: {Kind.PARTNER_SYSTEM: Grant(Reach.OWN), Kind.STAFF: Grant(Reach.OWN)},
        Action.SEALED_OPEN: {
            Kind.PARTNER_SYSTEM: Grant(Reach.PARTICIPANT, _A),
            Kind.STAFF: Grant(Reach.PARTICIPANT, _A),
            Kind.COORDINATOR: Grant(Reach.NAMED, _A),
            Kind.LINK: Grant(Reach.OFFER, _A),
            Kind.CLIENT: Grant(Reach.OWN, _A),
            Kind.OPERATOR: Grant(Reach.ALL, _A, second=True),
        },
        Action.SEALED_MAKE: {Kind.PARTNER_SYSTEM: Grant(Reach.OWN), Kind.STAFF: Grant(Reach.OWN)},
        Action.DIRECTORY_READ: {
            Kind.PARTNER_SYSTEM: Grant(Reach.ALL),
            Kind.STAFF: Grant(Reach.ALL),
            Kind.COORDINATOR: Grant(Reach.ALL),
            Kind.REGISTRAR: Grant(Reach.ALL),
        },
        Action.DEPARTED_READ: {Kind.REGISTRAR: Grant(Reach.ALL)},
        Action.CODES_READ: {kind: Grant(Reach.ALL) for kind in Kind},
        Action.FEED_READ: {
            Kind.PARTNER_SYSTEM: Grant(Reach.OWN),
            Kind.STAFF: Grant(Reach.OWN),
            Kind.COORDINATOR: Grant(Reach.OWN),
            Kind.REGISTRAR: Grant(Reach.OWN),
        },
        Action.INBOX_READ: {Kind.PARTNER_SYSTEM: Grant(Reach.OWN), Kind.STAFF: Grant(Reach.OWN)},
        Action.LOOPS_READ: {
            Kind.PARTNER_SYSTEM: Grant(Reach.OWN),
            Kind.STAFF: Grant(Reach.ANALYST),
            Kind.COORDINATOR: Grant(Reach.ALL, _A),
            Kind.REGISTRAR: Grant(Reach.ANALYST),
            Kind.AUDITOR: Grant(Reach.OWN, _A),
        },
        Action.TOKEN_MANAGE: {
            Kind.STAFF: Grant(Reach.OWN),
            Kind.REGISTRAR: Grant(Reach.ALL),
            Kind.OPERATOR: Grant(Reach.REVOKE),
        },
        Action.LINK_MAKE: {Kind.PARTNER_SYSTEM: Grant(Reach.OWN), Kind.STAFF: Grant(Reach.OWN)},
        Action.ADDRESS_SET: {Kind.PARTNER_SYSTEM: Grant(Reach.OWN), Kind.STAFF: Grant(Reach.OWN)},
        Action.SESSION_MANAGE: {
            Kind.STAFF: Grant(Reach.OWN),
            Kind.COORDINATOR: Grant(Reach.OWN),
            Kind.REGISTRAR: Grant(Reach.OWN),
            Kind.AUDITOR: Grant(Reach.OWN),
        },
        Action.APPROVAL: {Kind.REGISTRAR: Grant(Reach.APPROVE, second=True)},
        Action.OPERATE: {Kind.OPERATOR: Grant(Reach.ALL)},
    }
)


def granted(action: Action, principal: Principal) -> Grant | None:
    """Return what the caller may do, or None.  A token is narrowed to its scopes on top of the table's row."""
    grant = ACCESS[action].get(principal.kind)
    narrowed = principal.kind is Kind.PARTNER_SYSTEM or bool(principal.scopes)
    if narrowed and action not in principal.scopes | {Action.CODES_READ}:
        return None
    return grant
