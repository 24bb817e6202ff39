"""What every event carries: CloudEvents 1.0 in structured mode, with the house's extensions."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from events.fields import (
    BackfillId,
    Code,
    Codelist,
    Count,
    Hash,
    Instant,
    Key,
    PartnerId,
    Payload,
    PersonId,
    Slug,
    Source,
    Uuid,
)

PREFIX = "org.manyhands."
TYPE_PATTERN = r"^org\.manyhands\.[a-z_]{1,40}\.[a-z_]{1,60}\.v[1-9][0-9]{0,3}$"

Door = Literal["cli", "http", "inbox", "link", "system"]
LateReason = Annotated[Code, Codelist("late-reason")]
Members = Annotated[tuple[PartnerId, ...], Field(max_length=500)]
Codes = Annotated[tuple[Code, ...], Field(max_length=100)]


class Admitted(Payload):
    """What admission looked up and wrote into the event; it may be stale and is never judged again."""

    #: HMAC-SHA-256 of the emitter's canonical event: tells a retry from a reused id.
    digest: Hash
    #: How far the directory had read this initiative's partition (next offset).
    directory: Count
    door: Door
    #: The backfill window this record belongs to; its instant is then `time`.
    backfill: BackfillId | None = None
    #: The service's programme class, and whether the initiative protects it, or any that a consent names.
    programme_class: Code | None = None
    protected: bool | None = None
    #: The recipient's classes and networks when the offer was sent.
    recipient_classes: Codes | None = None
    recipient_networks: Codes | None = None
    #: Who belonged to the classes and networks that a consent names, when it was granted.
    class_members: Members | None = None
    network_members: Members | None = None
    #: The partner that an offer's link was made for, where the link's holder speaks.
    on_behalf: PartnerId | None = None
    #: When an offer's recipient is reminded, and when its sender is told that nobody answered.
    remind_at: Instant | None = None
    escalate_at: Instant | None = None
    #: When the clock confirms a cancellation that its recipient did not answer.
    confirm_by: Instant | None = None
    #: Contact attempts the service's policy asks for before a client may be called unreachable.
    min_attempts: Annotated[int, Field(ge=0, le=99, strict=True)] | None = None


class Body(Payload):
    """The base of every `data`: what the emitter said, and what admission added."""

    admitted: Admitted


class Envelope(BaseModel):
    """The attributes common to all events.  `time` is when it happened, as the emitter says."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    specversion: Literal["1.0"] = "1.0"
    #: A UUIDv8 derived from the emitter's own id; unique per record key and source.
    id: Uuid
    source: Source
    subject: Key
    time: Instant
    datacontenttype: Literal["application/json"] = "application/json"
    #: The record's key on Kafka: the client's, the initiative's or the recipient's id.
    partitionkey: Key
    initiative: Slug
    #: A random id of the person within the partner who said it, and of the second person where two are needed.
    actor: PersonId | None = None
    approver: PersonId | None = None
    #: Why it is told more than 35 days after it happened.
    latereason: LateReason | None = None
    correlationid: Uuid | None = None
    causationid: Uuid | None = None


class CaseEnvelope(Envelope):
    """What an event about one person carries: client and subject are random ids, and say nothing."""

    subject: Uuid
    #: The client's id.
    partitionkey: Uuid
