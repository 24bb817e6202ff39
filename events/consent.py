"""What a person allowed to be shared, with whom, for what and until when.  Topic cases."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from events.envelope import Body, CaseEnvelope
from events.fields import Beginning, Code, Codelist, ConsentId, Deadline, Flag, PartnerId, Payload

Purpose = Annotated[Code, Codelist("purpose")]
DataClass = Annotated[Code, Codelist("data-class")]
ProgrammeClass = Annotated[Code, Codelist("programme-class")]
PartnerClass = Annotated[Code, Codelist("partner-class")]
Network = Annotated[Code, Codelist("network")]
Reason = Annotated[Code, Codelist("consent-reason")]

Form = Annotated[Code, Codelist("consent-form")]

Purposes = Annotated[tuple[Purpose, ...], Field(min_length=1, max_length=20)]
DataClasses = Annotated[tuple[DataClass, ...], Field(min_length=1, max_length=20)]
ProgrammeClasses = Annotated[tuple[ProgrammeClass, ...], Field(max_length=20)]
Partners = Annotated[tuple[PartnerId, ...], Field(max_length=100)]


#: Fields that this build does not know are kept where they might restrict, so that the rule sees them.
UNREAD_KEPT = ConfigDict(extra="allow")


class Recipients(Payload):
    """Who may receive: partners by name, classes and networks as they stood when consent was granted."""

    model_config = UNREAD_KEPT

    partners: Partners = ()
    classes: Annotated[tuple[PartnerClass, ...], Field(max_length=20)] = ()
    networks: Annotated[tuple[Network, ...], Field(max_length=20)] = ()


class GrantedBody(Body):
    model_config = UNREAD_KEPT

    consent_id: ConsentId
    recipients: Recipients
    except_recipients: Partners = ()
    purposes: Purposes
    data_classes: DataClasses
    programme_classes: ProgrammeClasses = ()
    #: Who signed: the adult, the minor on their own, or a guardian until a date.
    subject_capacity: Literal["adult", "minor", "guardian"]
    guardian_until: Deadline | None = None
    hidden_from_guardian: Flag = False
    redisclosure: Literal["none", "with-consent", "permitted"]
    #: Service never depends on consent to share.
    conditioned_on_service: Literal[False]
    valid_from: Beginning
    expires_at: Deadline | None = None
    #: The form that was signed, or the script that was read out.
    form: Form


class Granted(CaseEnvelope):
    """A person, or who may sign for them, allows this to be shared."""

    type: Literal["org.manyhands.consent.granted.v1"]
    data: GrantedBody


class NarrowedBody(Body):
    """What remains; each part given must be within what was granted, each part left out stays."""

    model_config = UNREAD_KEPT

    consent_id: ConsentId
    recipients: Recipients | None = None
    except_recipients: Partners | None = None
    purposes: Purposes | None = None
    data_classes: DataClasses | None = None
    programme_classes: ProgrammeClasses | None = None
    expires_at: Deadline | None = None


class Narrowed(CaseEnvelope):
    """Less may be shared from this record on."""

    type: Literal["org.manyhands.consent.narrowed.v1"]
    data: NarrowedBody


class EndedBody(Body):
    consent_id: ConsentId
    reason: Reason


class Revoked(CaseEnvelope):
    """Sharing stops from this record on."""

    type: Literal["org.manyhands.consent.revoked.v1"]
    data: EndedBody


class EnteredInError(CaseEnvelope):
    """The consent never existed; what relied on it ends as if revoked."""

    type: Literal["org.manyhands.consent.entered_in_error.v1"]
    data: EndedBody


def unread(data: GrantedBody | NarrowedBody) -> bool:
    """Return whether the consent says something that this build cannot read: it then counts as no consent."""
    return bool(data.model_extra or (data.recipients and data.recipients.model_extra))


Event = Granted | Narrowed | Revoked | EnteredInError
