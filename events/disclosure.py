"""Somebody was shown something, or was turned away at the door.  Topic disclosures."""

from typing import Annotated, Literal

from pydantic import Field

from events.envelope import Body, Envelope
from events.fields import Code, ConsentId, Count, PartnerId, Source, Uuid

#: The reader of what is a client's own, by themself; no partner's name.
THEMSELF = "the-client"


class OpenedBody(Body):
    """The subject is the referral or client whose sealed text was opened."""

    reader: PartnerId
    purpose: Code
    #: Which sealed fields were opened, by name.
    fields: Annotated[tuple[Code, ...], Field(min_length=1, max_length=50)]
    consent_id: ConsentId | None = None
    #: Of what was shown by a client's own link: the partner that had it made, as it chose where the codes go.
    link_by: PartnerId | None = None


class Opened(Envelope):
    """Published before the plaintext is handed out: no record, no plaintext."""

    type: Literal["org.manyhands.disclosure.opened.v1"]
    data: OpenedBody


class BrokeGlassBody(Body):
    """The subject is the referral or client whose sealed text was opened."""

    #: Whose reader it was: a partner, or this house's own operator, who belongs to none.
    reader: Source
    purpose: Code
    #: Which sealed fields were opened, by name.
    fields: Annotated[tuple[Code, ...], Field(min_length=1, max_length=50)]
    #: The consent relied on, where there was one for a part of it.
    consent_id: ConsentId | None = None


class BrokeGlass(Envelope):
    """Sealed text is opened in an emergency, whatever consent says; two persons want it, and it is said before."""

    type: Literal["org.manyhands.disclosure.broke_glass.v1"]
    data: BrokeGlassBody


class ExportedBody(Body):
    """The subject is the reader: one export is about many clients, each of whom has an `opened` of their own."""

    reader: PartnerId
    purpose: Code
    #: Which columns went out, by name.
    fields: Annotated[tuple[Code, ...], Field(min_length=1, max_length=50)]
    #: What narrowed it, by name alone; empty where all went out that the reader may see.
    filters: Annotated[tuple[Code, ...], Field(max_length=50)] = ()


class Exported(Envelope):
    """A list of referrals left the house as a file; published before its first row."""

    type: Literal["org.manyhands.disclosure.exported.v1"]
    data: ExportedBody


class RefusedBody(Body):
    claimed_source: Source
    #: The id the turned-away event would have had, where it could be read.
    event_id: Uuid | None = None
    code: Code
    #: How many were turned away since the last record, this one included.
    count: Count


class Refused(Envelope):
    """Admission turned an authenticated caller's event away; the subject is the partner."""

    type: Literal["org.manyhands.admission.refused.v1"]
    data: RefusedBody


Event = Opened | BrokeGlass | Exported | Refused
