"""What a caller narrows its referrals by: the same for lists and for files."""

from datetime import datetime
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from events.fields import CODE_PATTERN, SLUG_PATTERN, Instant
from events.spoken import IdOrOwn
from projections.referral.status import Loop
from projections.referral.transitions import Status
from services.gateway.parts import Parts
from services.gateway.principal import Principal
from services.gateway.seeing import placed

Code = Annotated[str, Field(pattern=CODE_PATTERN)]
Slug = Annotated[str, Field(pattern=SLUG_PATTERN)]
#: Filters that speak of what a consent shares.
SHARED = ("need", "area", "urgency", "programme")
#: A record key that is nobody's: what a name that the caller does not have leads to.
NOBODY = "00000000-0000-0000-0000-000000000000"


class Narrowed(BaseModel):
    """Which of the caller's referrals are wanted; each part that is given narrows it."""

    model_config = ConfigDict(extra="forbid")

    client: IdOrOwn | None = Field(None, description="Of this client: `own:<id>`, or the caller's alias.")
    referral: IdOrOwn | None = Field(None, description="This one, by its id or as `own:<id>` to whom opened it.")
    role: Literal["sender", "recipient", "class-member"] | None = Field(
        None, description="What the caller is to them; else any of it."
    )
    status: list[Status] = Field(default=[], max_length=10, description="Any of these; say it once for each.")
    detail: Code | None = None
    loop: Loop | None = None
    list_: Literal["needs-my-answer", "in-hand", "waiting", "overdue", "offer-again", "unacknowledged"] | None = Field(
        None,
        alias="list",
        description="Offers that the caller has to answer, a wish to cancel one included, or could claim; what it has "
        "taken on; what it sent and others have to act on; what was not answered, begun or confirmed in time, of what "
        "it sent to several by any of them, and what the caller may still answer late; what it sent and nobody is at "
        "work for any more; served or not served, and not yet acknowledged by the caller, whatever it sent or closed "
        "since.",
    )
    sender: Slug | None = None
    recipient: Slug | None = Field(None, description="Whom the leading offer of those that the caller sees went to.")
    need: Code | None = None
    area: Code | None = None
    urgency: Literal["routine", "soon", "urgent", "emergency"] | None = None
    programme: Code | None = None
    reason: Code | None = Field(None, description="Why the leading offer was declined, or was not or only partly met.")
    overdue: bool | None = Field(None, description="Whether nobody answered the leading offer by its deadline.")
    due_before: Instant | None = Field(None, description="To be answered before this instant, and not answered yet.")
    requested_from: Instant | None = Field(None, description="At this instant or after it.")
    requested_until: Instant | None = Field(None, description="Before this instant.")
    changed_since: Instant | None = Field(None, description="At this instant or after it.")


class Terms(NamedTuple):
    """The narrowing as the statement takes it: $6 and those after it."""

    record: str | None
    referral: str | None
    status: list[Status] | None
    detail: str | None
    loop: str | None
    sender: str | None
    recipient: str | None
    need: str | None
    area: str | None
    urgency: str | None
    programme: str | None
    reason: str | None
    overdue: bool | None
    now: datetime
    due_before: datetime | None
    requested_from: datetime | None
    requested_until: datetime | None
    changed_since: datetime | None
    work: str | None


async def terms(parts: Parts, who: Principal, asked: Narrowed, now: datetime) -> Terms:
    """Return what the statement is asked with; a name that the caller does not have narrows it to nothing."""
    record = referral = None
    if asked.referral is not None:
        referral = (await placed(parts, who, asked.referral)).referral
    if asked.client is not None:
        found = await parts.vault.find(who.initiative, who.partner or "", [asked.client], keep=True)
        record = found.get(asked.client, NOBODY)
    plain: dict[str, Any] = {name: getattr(asked, name) for name in Terms._fields if name in Narrowed.model_fields}
    about = {"record": record, "referral": referral, "status": asked.status or None}
    return Terms(**plain | about, now=now, work=asked.list_)


def tells_of_shared(asked: Narrowed) -> bool:
    """Say whether to find a referral by these would tell what is withheld of it."""
    return any(getattr(asked, name) is not None for name in SHARED)


def filters(asked: Narrowed) -> list[str]:
    """Return the names of what narrows it, as codes."""
    given = asked.model_dump(include=set(Narrowed.model_fields), by_alias=True)
    return sorted(name for name, value in given.items() if value not in (None, []))
