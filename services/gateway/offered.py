"""How partners and their services are shown, and how lists of them are narrowed."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from services.gateway.cursor import Paged
from services.gateway.narrowing import Code, Slug


class Vector(BaseModel):
    """How far the log of initiatives was read."""

    partition: int
    next_offset: int


class AgreementShown(BaseModel):
    """The data-sharing agreement that a partner signed."""

    version: str
    signed: datetime


class AbsenceShown(BaseModel):
    """Why a partner takes no part."""

    how: Literal["left", "suspended"]
    since: datetime


class PartnerShown(BaseModel):
    """An organisation that takes part."""

    id: str
    name: str
    sector: str
    reporting: Literal["client-level", "aggregate-only"] = Field(
        description="Whether it speaks of single people, or of counts alone."
    )
    classes: list[str]
    networks: list[str]
    joined: datetime
    active: bool
    absence: AbsenceShown | None
    successor: str | None = Field(description="The partner that carries on what this one did, if any.")
    agreement: AgreementShown | None
    description: str | None
    website: str | None


class PartnerWhole(PartnerShown):
    """An organisation with what it offers."""

    services: list["ServiceShown"]
    as_of: Vector


class CapacityShown(BaseModel):
    """What a service reported last."""

    status: Literal["capacity", "no-capacity", "waitlist", "assessment-required"]
    available: int | None
    maximum: int | None
    unit: str | None
    reported: datetime
    age_hours: int = Field(description="Whole hours since then.")


class ServiceShown(BaseModel):
    """What a partner offers."""

    id: str
    partner: str
    name: str
    description: str | None
    needs: list[str]
    areas: list[str] = Field(description="Where it is offered; empty where no area was said.")
    eligibility: str | None
    accepts_referrals: bool
    programme_class: str = Field(description="Decides which consent it takes to refer there.")
    protected: bool = Field(description="Whether only a consent that names it carries this programme.")
    respond_business_days: int | None = Field(
        description="Within which it answers; null where the initiative's policy holds."
    )
    start_business_days: int | None = Field(
        description="Within which it begins once it said yes; null where the initiative's policy holds."
    )
    published: datetime
    retired: datetime | None = Field(description="When it was offered no more.")
    capacity: CapacityShown | None


class Partners(BaseModel):
    """Some of the partners, by id."""

    partners: list[PartnerShown]
    next: str | None
    as_of: Vector


class Services(BaseModel):
    """Some of the services, by partner and id."""

    services: list[ServiceShown]
    next: str | None
    as_of: Vector


class WhichPartners(Paged):
    """Which partners are wanted."""

    class_: Code | None = Field(None, alias="class")
    network: Code | None = None
    sector: Code | None = None
    active: bool | None = None


class WhichServices(Paged):
    """Which services are wanted."""

    partner: Slug | None = None
    need: Code | None = None
    area: Code | None = Field(None, description="Offered there, or anywhere.")
    accepts_referrals: bool | None = None
    class_: Code | None = Field(None, alias="class", description="The programme's class.")


class Token(BaseModel):
    """Since when it is wanted."""

    model_config = ConfigDict(extra="forbid")

    token: str | None = Field(None, max_length=512, description="Of an answer to a POST: read at least as far.")
