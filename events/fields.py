"""The only kinds of value an event may carry in clear, and the sealed one.

Everything else in `events` is built from these types.  Each marker (`IdOf`, `Codelist`, `DateOrInstant`)
tells admission what to look up before the value may stand on the log.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

UUID_PATTERN = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
SLUG_PATTERN = r"^[a-z][a-z0-9-]{2,40}$"
CODE_PATTERN = r"^[a-z0-9][a-z0-9._-]{0,39}$"
SOURCE_PATTERN = r"^urn:manyhands:(partner|link|client-link|system):[a-z0-9][a-z0-9-]{0,63}$"
KEY_PATTERN = r"^[a-z0-9][a-z0-9-]{2,63}$"
HASH_PATTERN = r"^[0-9a-f]{64}$"
ZONE_PATTERN = r"^[A-Za-z][A-Za-z0-9_+/-]{1,48}$"
DAY_PATTERN = r"^(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
AMOUNT_PATTERN = r"^-?(0|[1-9][0-9]{0,11})(\.[0-9]{1,6})?$"
#: Text without control characters (so no NUL, which PostgreSQL cannot store) but tab and line ends.
TEXT_PATTERN = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$"
#: The same on one line.
LINE_PATTERN = r"^[^\x00-\x1f\x7f-\x9f]*$"

EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)
#: The longest clear text that may be sealed, in characters.
LONGEST_TEXT = 4000


@dataclass(frozen=True)
class IdOf:
    """The field names a thing of this kind; at the door `own:<id>` is accepted too and translated."""

    kind: str


@dataclass(frozen=True)
class Codelist:
    """The field's code must stand in this codelist of the initiative when it is admitted."""

    name: str


@dataclass(frozen=True)
class DateOrInstant:
    """At the door a plain date is accepted; admission resolves it in the initiative's time zone.

    `end_of_day` says whether the date means the end (a deadline) or the beginning of that day.
    """

    end_of_day: bool


@dataclass(frozen=True)
class Coined:
    """A code that its author makes up here, such as a codelist's own entries; never about a person."""


@dataclass(frozen=True)
class Public:
    """Text that its author declares public: agenda, indicator, service and partner descriptions."""


Uuid = Annotated[str, StringConstraints(pattern=UUID_PATTERN)]
Slug = Annotated[str, StringConstraints(pattern=SLUG_PATTERN)]
Code = Annotated[str, StringConstraints(pattern=CODE_PATTERN)]
CoinedCode = Annotated[Code, Coined()]
Source = Annotated[str, StringConstraints(pattern=SOURCE_PATTERN)]
Key = Annotated[str, StringConstraints(pattern=KEY_PATTERN)]
Hash = Annotated[str, StringConstraints(pattern=HASH_PATTERN)]
Zone = Annotated[str, StringConstraints(pattern=ZONE_PATTERN)]
Day = Annotated[str, StringConstraints(pattern=DAY_PATTERN)]

ClientId = Annotated[Uuid, IdOf("client")]
ReferralId = Annotated[Uuid, IdOf("referral")]
OfferId = Annotated[Uuid, IdOf("offer")]
ConsentId = Annotated[Uuid, IdOf("consent")]
ServiceId = Annotated[Uuid, IdOf("service")]
AgreementId = Annotated[Uuid, IdOf("agreement")]
BackfillId = Annotated[Uuid, IdOf("backfill")]
EnrolmentId = Annotated[Uuid, IdOf("enrolment")]
CertificateId = Uuid
PersonId = Uuid
PartnerId = Slug

Instant = Annotated[AwareDatetime, Field(ge=EARLIEST, lt=LATEST)]
Beginning = Annotated[Instant, DateOrInstant(end_of_day=False)]
Deadline = Annotated[Instant, DateOrInstant(end_of_day=True)]

#: True or false as JSON writes them: neither 1 nor "yes".
Flag = Annotated[bool, Field(strict=True)]
Count = Annotated[int, Field(ge=0, le=999_999_999, strict=True)]
Small = Annotated[int, Field(ge=0, le=999, strict=True)]
#: Business days within which somebody should answer.
AnswerDays = Annotated[int, Field(ge=1, le=30, strict=True)]
#: Business days within which a service that was promised should begin.
StartDays = Annotated[int, Field(ge=1, le=250, strict=True)]
#: A decimal as text, at most 18 digits and 6 decimals: a JSON number does not survive every reader.
Amount = Annotated[str, StringConstraints(pattern=AMOUNT_PATTERN)]
PublicName = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=LINE_PATTERN), Public()]
PublicText = Annotated[str, StringConstraints(min_length=1, max_length=4000, pattern=TEXT_PATTERN), Public()]
ClearText = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_TEXT, pattern=TEXT_PATTERN)]


class Payload(BaseModel):
    """A frozen part of an event: writers forbid unknown fields, readers ignore them (see `codec`)."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


class Sealed(Payload):
    """Text encrypted under one person's key (AES-256-GCM), openable in the place it was sealed for only."""

    v: Literal[1]
    alg: Literal["A256GCM"]
    #: 16 random bytes that name the data key, base64url without padding.
    kid: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{22}$")]
    #: 96 bits from the operating system, new for every encryption.
    nonce: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{16}$")]
    #: 4-byte length, UTF-8 and zero padding to a multiple of 256, encrypted, with the tag.
    ct: Annotated[str, StringConstraints(min_length=363, max_length=24_000, pattern=r"^[A-Za-z0-9_-]+$")]
