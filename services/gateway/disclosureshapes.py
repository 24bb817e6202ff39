"""How the account of disclosures is shown: a line of it as JSON, and the columns of its file."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

Kind = Literal[
    "referral.offer_sent",
    "referral.offer_claimed",
    "disclosure.opened",
    "disclosure.broke_glass",
    "disclosure.exported",
]
COLUMNS = (
    "recorded_utc",
    "recorded_local",
    "recipient",
    "recipient_name",
    "description",
    "purpose",
    "fields",
    "referral",
    "consent",
    "link_by",
    "kind",
    "disclosed_utc",
    "disclosed_local",
    "sent_by",
    "sent_by_name",
    "to_class",
    "offer",
    "in_error",
)


class DisclosureShown(BaseModel):
    """Once that somebody was given or shown something about the client."""

    event: str = Field(description="Its id on the log.")
    kind: Kind = Field(description="The event's type in short: an offer that was sent or claimed, or what was opened.")
    recipient: str | None = Field(
        description="The partner that was given or shown it, or the source of who belongs to none; null where it is "
        "protected, and where it was whoever of a class could claim an offer."
    )
    recipient_name: str
    own: bool = Field(description="Whether the caller's partner was.")
    actor: str | None = Field(
        description="The person who was shown it, or who sent or claimed the offer; to their own partner alone."
    )
    happened: datetime
    recorded: datetime
    disclosed: datetime = Field(
        description="When it was disclosed, by which lines are in order: when it was on the log; of offers of a "
        "history that was loaded later, when they were sent or claimed."
    )
    description: str = Field(description="What was given or shown and what for, in words.")
    purpose: str
    fields: list[str] = Field(description="What was given or shown, as codes: of an offer its data classes.")
    referral: str | None = Field(description="The referral that it was about; null where it was the client.")
    consent: str | None = Field(
        description="The consent relied on, by the caller's own name; null where the reader's own part let it see, and "
        "of an offer to whom it was sent and who has not accepted it."
    )
    link_by: str | None = Field(
        description="The partner that had the client's own link made by which it was read; null where it was read "
        "otherwise, and where that partner is protected."
    )
    offer: str | None = Field(description="The offer that gave it; null of what was opened, as are the next three.")
    to_class: str | None = Field(
        description="The class of whose members any could claim the offer; none of them was told whose need it is."
    )
    sent_by: str | None = Field(description="The partner that sent the offer.")
    sent_by_name: str | None
    in_error: bool = Field(description="Whether the offer was entered in error; what it gave was given all the same.")


class Disclosures(BaseModel):
    """Part of the account, the latest first; everything that was put on record before it was asked for counts."""

    disclosures: list[DisclosureShown]
    next: str | None = Field(description="Where it goes on; null at its end.")
