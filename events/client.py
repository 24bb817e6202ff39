"""A person whom partners serve together: registered and, when they ask, erased.  Topic cases."""

from typing import Annotated, Literal

from pydantic import Field

from events.envelope import Body, CaseEnvelope
from events.fields import CertificateId, ClientId, Code, Codelist, Sealed

Category = Annotated[Code, Codelist("client-category")]


class RegisteredBody(Body):
    #: Coarse and coded only (age band, veteran, …).
    categories: Annotated[tuple[Category, ...], Field(max_length=20)] = ()
    details: Sealed | None = None


class Registered(CaseEnvelope):
    """A partner works with this person from now on; opens the client's history."""

    type: Literal["org.manyhands.client.registered.v1"]
    data: RegisteredBody


class ErasedBody(Body):
    certificate_id: CertificateId


class Erased(CaseEnvelope):
    """The person's sealed text is gone for good; every fold clears it and refuses later claims."""

    type: Literal["org.manyhands.client.erased.v1"]
    data: ErasedBody


class LinkedBody(Body):
    other_client: ClientId


class Linked(CaseEnvelope):
    """Two ids are one person's, as two persons found; no record moves, and it is said under each of the two."""

    type: Literal["org.manyhands.client.linked.v1"]
    data: LinkedBody


class Unlinked(CaseEnvelope):
    """They are not one person's after all."""

    type: Literal["org.manyhands.client.unlinked.v1"]
    data: LinkedBody


Event = Registered | Linked | Unlinked | Erased
