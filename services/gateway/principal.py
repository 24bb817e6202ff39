"""Who is calling, once it is known."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The columns of the access table."""

    PARTNER_SYSTEM = "partner-system"
    STAFF = "staff"
    COORDINATOR = "coordinator"
    REGISTRAR = "registrar"
    LINK = "link"
    CLIENT = "client"
    AUDITOR = "auditor"
    OPERATOR = "operator"
    PUBLIC = "public"


@dataclass(frozen=True, slots=True)
class Principal:
    """A caller: a partner's system or person, somebody with a role, or nobody known (`Kind.PUBLIC`)."""

    kind: Kind
    #: The one initiative that it may speak of and read; empty for operators and the public.
    initiative: str = ""
    #: The partner it belongs to.
    partner: str | None = None
    #: The random id of the person, where it is one.
    actor: str | None = None
    #: What a token was narrowed to; people have none, their role says it.
    scopes: frozenset[str] = frozenset()
    #: Names the token, session or link, so that limits and cursors are bound to it; never the secret itself.
    credential: str = ""
    #: Of a link to an offer: that offer; of a client's own: their record key.
    about: str | None = None
    #: Of a client's own link: the partner that had it made.
    made_by: str | None = None


NOBODY = Principal(Kind.PUBLIC)
