"""The initiative itself: its opening, policy, codelists and backfill windows.  Topic initiatives."""

from typing import Annotated, Literal

from pydantic import Field

from events.envelope import Body, Envelope
from events.fields import (
    AnswerDays,
    BackfillId,
    Beginning,
    Code,
    Codelist,
    CoinedCode,
    Day,
    Deadline,
    Flag,
    PartnerId,
    Payload,
    PublicName,
    StartDays,
    Zone,
)

ProgrammeClass = Annotated[Code, Codelist("programme-class")]
Days = Annotated[int, Field(ge=0, le=3660, strict=True)]


class OpenedBody(Body):
    name: PublicName
    zone: Zone
    #: The partner that holds the initiative together; its registrars admit the others.
    backbone: PartnerId


class Opened(Envelope):
    """The initiative exists; `init` says so once."""

    type: Literal["org.manyhands.initiative.opened.v1"]
    data: OpenedBody


class PolicySetBody(Body):
    """Each part given replaces the one in force; each part left out stays."""

    zone: Zone | None = None
    holidays: Annotated[tuple[Day, ...], Field(max_length=400)] | None = None
    fiscal_year_month: Annotated[int, Field(ge=1, le=12, strict=True)] | None = None
    maturity_days: Days | None = None
    #: The smallest count that may be published.
    k: Annotated[int, Field(ge=1, le=1000, strict=True)] | None = None
    #: Business days in which a recipient should respond, and the most calendar days a sender may allow.
    respond_business_days: AnswerDays | None = None
    respond_days_at_most: Annotated[int, Field(ge=1, le=365, strict=True)] | None = None
    #: Business days in which a service that was promised should begin, where its recipient names no day.
    start_business_days: StartDays | None = None
    #: Calendar days ahead that its recipient may name at most; whoever waits for longer says so again.
    start_days_at_most: Annotated[int, Field(ge=1, le=3650, strict=True)] | None = None
    erasure_wait_days: Days | None = None
    min_attempts: Annotated[int, Field(ge=0, le=99, strict=True)] | None = None
    #: Programme classes that a network-wide consent never carries.
    protected_programmes: Annotated[tuple[ProgrammeClass, ...], Field(max_length=50)] | None = None
    #: Whether partners may find out by tokens they agreed on that they work with the same person.
    client_matching: Flag | None = None


class PolicySet(Envelope):
    """The initiative's own numbers and days, from now on."""

    type: Literal["org.manyhands.initiative.policy_set.v1"]
    data: PolicySetBody


class Entry(Payload):
    """One code and what people read in its place."""

    code: CoinedCode
    label: PublicName


class CodelistPublishedBody(Body):
    codelist: CoinedCode
    entries: Annotated[tuple[Entry, ...], Field(min_length=1, max_length=2000)]


class CodelistPublished(Envelope):
    """From now on exactly these codes may be used where this codelist is asked for."""

    type: Literal["org.manyhands.initiative.codelist_published.v1"]
    data: CodelistPublishedBody


class BackfillOpenedBody(Body):
    backfill_id: BackfillId
    partners: Annotated[tuple[PartnerId, ...], Field(min_length=1, max_length=200)]
    from_: Annotated[Beginning, Field(alias="from")]
    until: Deadline
    reason: Annotated[Code, Codelist("backfill-reason")]


class BackfillOpened(Envelope):
    """These partners may load history that happened between `from` and `until`."""

    type: Literal["org.manyhands.initiative.backfill_opened.v1"]
    data: BackfillOpenedBody


class BackfillClosedBody(Body):
    backfill_id: BackfillId


class BackfillClosed(Envelope):
    """No more history comes through this window."""

    type: Literal["org.manyhands.initiative.backfill_closed.v1"]
    data: BackfillClosedBody


Event = Opened | PolicySet | CodelistPublished | BackfillOpened | BackfillClosed
