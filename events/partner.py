"""A partner organisation, its services, their capacity and its people's roles.  Topic initiatives.

The subject is the partner's id.  Descriptions are public text; the fields follow Open Referral HSDS 3.
"""

from typing import Annotated, Literal

from pydantic import Field

from events.envelope import Body, Envelope
from events.fields import (
    AgreementId,
    AnswerDays,
    Beginning,
    Code,
    Codelist,
    CoinedCode,
    Count,
    Flag,
    PartnerId,
    PersonId,
    PublicName,
    PublicText,
    ServiceId,
    Small,
    StartDays,
)

Classes = Annotated[tuple[Annotated[Code, Codelist("partner-class")], ...], Field(max_length=20)]
Networks = Annotated[tuple[Annotated[Code, Codelist("network")], ...], Field(max_length=20)]
Needs = Annotated[tuple[Annotated[Code, Codelist("need")], ...], Field(max_length=50)]
Areas = Annotated[tuple[Annotated[Code, Codelist("area")], ...], Field(max_length=200)]
ProgrammeClass = Annotated[Code, Codelist("programme-class")]
Attempts = Annotated[int, Field(ge=0, le=99, strict=True)]


class JoinedBody(Body):
    name: PublicName
    sector: Annotated[Code, Codelist("sector")]
    #: Victim-service providers report aggregates only: they say nothing about a single person.
    reporting: Literal["client-level", "aggregate-only"]
    classes: Classes = ()
    networks: Networks = ()
    seats_of_lived_experience: Small = 0


class Joined(Envelope):
    """An organisation takes part from now on."""

    type: Literal["org.manyhands.partner.joined.v1"]
    data: JoinedBody


class AgreementSignedBody(Body):
    agreement_id: AgreementId
    version: CoinedCode
    signed_at: Beginning


class AgreementSigned(Envelope):
    """The partner's data-sharing agreement is signed: from now on it may speak about clients."""

    type: Literal["org.manyhands.partner.agreement_signed.v1"]
    data: AgreementSignedBody


class ProfileChangedBody(Body):
    name: PublicName | None = None
    description: PublicText | None = None
    website: PublicName | None = None


class ProfileChanged(Envelope):
    """What the partner says of itself; each part given replaces the one in force."""

    type: Literal["org.manyhands.partner.profile_changed.v1"]
    data: ProfileChangedBody


class ServicePublishedBody(Body):
    service_id: ServiceId
    name: PublicName
    description: PublicText | None = None
    needs: Needs
    areas: Areas = ()
    eligibility: PublicText | None = None
    accepts_referrals: Flag
    #: Always said: it decides which consents carry somebody there, and what is not said would look unprotected.
    programme_class: ProgrammeClass
    min_attempts: Attempts | None = None
    #: Within which it answers an offer; left out, the initiative's policy holds.
    respond_business_days: AnswerDays | None = None
    #: Within which it begins once it said yes; left out, the initiative's policy holds.
    start_business_days: StartDays | None = None


class ServicePublished(Envelope):
    """The partner offers this service from now on."""

    type: Literal["org.manyhands.partner.service_published.v1"]
    data: ServicePublishedBody


class ServiceChangedBody(Body):
    """Each part given replaces the one in force."""

    service_id: ServiceId
    name: PublicName | None = None
    description: PublicText | None = None
    needs: Needs | None = None
    areas: Areas | None = None
    eligibility: PublicText | None = None
    accepts_referrals: Flag | None = None
    programme_class: ProgrammeClass | None = None
    min_attempts: Attempts | None = None
    #: Within which it answers an offer; left out, the initiative's policy holds.
    respond_business_days: AnswerDays | None = None
    #: Within which it begins once it said yes; left out, the initiative's policy holds.
    start_business_days: StartDays | None = None


class ServiceChanged(Envelope):
    """A service is described anew, in part or whole."""

    type: Literal["org.manyhands.partner.service_changed.v1"]
    data: ServiceChangedBody


class ServiceRetiredBody(Body):
    service_id: ServiceId


class ServiceRetired(Envelope):
    """The service is offered no more; what was sent to it goes on."""

    type: Literal["org.manyhands.partner.service_retired.v1"]
    data: ServiceRetiredBody


class CapacityReportedBody(Body):
    service_id: ServiceId
    status: Literal["capacity", "no-capacity", "waitlist", "assessment-required"]
    available: Count | None = None
    maximum: Count | None = None
    unit: Annotated[Code, Codelist("unit")] | None = None


class CapacityReported(Envelope):
    """How much room a service has at present."""

    type: Literal["org.manyhands.partner.capacity_reported.v1"]
    data: CapacityReportedBody


class RoleAssignedBody(Body):
    person_id: PersonId
    role: Literal["registrar", "coordinator", "analyst", "partner-admin", "staff", "auditor"]


class RoleAssigned(Envelope):
    """A person of the subject partner holds this role from now on; a second person approves a coordinator."""

    type: Literal["org.manyhands.partner.role_assigned.v1"]
    data: RoleAssignedBody


class RoleEndedBody(RoleAssignedBody):
    """The role as it was assigned."""


class RoleEnded(Envelope):
    """The person holds this role at the subject partner no more."""

    type: Literal["org.manyhands.partner.role_ended.v1"]
    data: RoleEndedBody


class Suspended(Envelope):
    """The partner takes no part for the time being: nothing it says is let in, and its open offers are withdrawn."""

    type: Literal["org.manyhands.partner.suspended.v1"]
    data: Body


class Left(Envelope):
    """The partner takes no part any more; its open offers are withdrawn."""

    type: Literal["org.manyhands.partner.left.v1"]
    data: Body


class Reinstated(Envelope):
    """The partner takes part again; offers that were withdrawn stay so."""

    type: Literal["org.manyhands.partner.reinstated.v1"]
    data: Body


class SucceededByBody(Body):
    successor: PartnerId


class SucceededBy(Envelope):
    """Another partner carries on what this one did: whoever sent to it may send there."""

    type: Literal["org.manyhands.partner.succeeded_by.v1"]
    data: SucceededByBody


Event = (
    Joined
    | AgreementSigned
    | Suspended
    | Reinstated
    | Left
    | SucceededBy
    | ProfileChanged
    | ServicePublished
    | ServiceChanged
    | ServiceRetired
    | CapacityReported
    | RoleAssigned
    | RoleEnded
)
