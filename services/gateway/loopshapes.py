"""How loop figures are asked for and shown."""

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from events.authority import partner_of
from events.fields import Instant
from events.ids import Keyed, derived_id
from services.gateway.cursor import MOST, USUAL
from services.measurement.asking import Cut, Figure, Of
from services.measurement.loops import Line, Loops

Month = Annotated[str, Field(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$", examples=["2026-03"])]
#: A value that a cut may have; the empty text is none.
Value = Annotated[str, Field(pattern=r"^[a-z0-9._-]{0,64}$")]
_NARROWING = ("sender", "recipient", "service", "need", "area", "programme_class")


class Which(BaseModel):
    """Which loops, and how they are counted."""

    model_config = ConfigDict(extra="forbid")

    of: Of = Field("needs", description="Each need once, whatever it took, or each offer that was made to meet one.")
    first: Month | None = Field(None, description="The first month sent, in UTC; else eleven before the last.")
    last: Month | None = Field(None, description="The last month sent; else the present one.")
    as_of: Instant | None = Field(None, description="What it was at this instant, by what was recorded; else now.")
    maturity_days: int | None = Field(
        None, ge=0, le=3650, description="Days until what is not known counts as not closed; else the policy's."
    )
    sender: Value | None = None
    recipient: Value | None = Field(None, description="Of offers alone, as are service and programme class.")
    service: Value | None = None
    need: Value | None = None
    area: Value | None = None
    programme_class: Value | None = None

    def only(self) -> dict[Cut, str]:
        """Return what it is narrowed to."""
        return {name: value for name in _NARROWING if (value := getattr(self, name)) is not None}  # type: ignore[misc]


class WhichFigures(Which):
    """Which figures."""

    by: Annotated[list[Cut], Field(max_length=3)] = Field(["month"], description="What they are cut by.")


class WhichEvents(Which):
    """Which figure's events."""

    figure: Figure = Field(description="The count whose events are listed.")
    limit: int = Field(USUAL, ge=1, le=MOST)
    cursor: str | None = Field(None, max_length=512, description="Of the page before, in its `next`.")


class Rate(BaseModel):
    """Two counts, one of them part of the other."""

    of: int = Field(description="The numerator.")
    among: int = Field(description="The denominator; where it is 0 there is no rate.")


class Rates(BaseModel):
    """Four, never one."""

    disposition: Rate = Field(description="Ended in any known way, what the sender heard included, among all sent.")
    served: Rate = Field(description="Service received, as the recipient says, among all sent.")
    acknowledged: Rate = Field(description="Outcomes that a person at the sender saw, among all that were told.")
    client_confirmed: Rate = Field(
        description="Needs met as the client says, among all who were asked after an answer."
    )


class Spread(BaseModel):
    """Values that were measured, half and nine tenths of the way through them in order."""

    count: int
    median: int | None
    p90: int | None


class Most(Spread):
    """The same, and the largest."""

    most: int | None


class Hops(Most):
    """Offers per need."""

    offers: int


class Spans(BaseModel):
    """Whole seconds from sending."""

    response: Spread
    acceptance: Spread
    start: Spread
    closure: Spread
    open: Most = Field(description="How old those are that are open.")


class CutShown(BaseModel):
    """What a line is of; a cut that was not asked for is left out."""

    month: Month | None = None
    sender: str | None = None
    recipient: str | None = None
    service: str | None = None
    need: str | None = None
    area: str | None = None
    programme_class: str | None = None


class LineShown(CutShown):
    """Figures of one cohort."""

    sent: int
    backfilled: int = Field(description="History that was loaded later.")
    immature: int = Field(description="Sent less than the days of maturity ago.")
    disposed: int
    closed: int = Field(description="Ended as the recipient, the sender or the clock recorded it.")
    heard: int = Field(description="Not closed, and the sender heard how it ended.")
    unanswered: int = Field(description="Expired and never answered: not closed.")
    unknown: int = Field(description="Mature and not disposed: counts as not closed.")
    pending: int = Field(description="Immature and not disposed.")
    served: int
    partly: int = Field(description="Those served that were served in part.")
    told: int = Field(
        description="Closed by more than its sender's word: not taken back, nor given up without an outcome."
    )
    acknowledged: int
    asked: int = Field(
        description="The client was asked, or answered, when the offer waited for no answer, not even a late one."
    )
    confirmed: int
    relayed: int = Field(description="Needs met as staff pass the client's answer on; in no rate.")
    open: int
    rates: Rates
    seconds: Spans
    hops: Hops


class Declined(CutShown):
    """Why offers for a service in an area were declined."""

    reason: str | None
    declined: int
    sent: int = Field(description="Offers that were sent for it.")


class Outside(CutShown):
    """What was arranged outside; counted in no rate."""

    handed_off: int
    heard: int
    delivered: int
    partly: int
    not_delivered: int
    backfilled: int


class LoopsShown(BaseModel):
    """Figures of one moment."""

    at: datetime | None = Field(description="When they are of; null before anything was folded.")
    maturity_days: int
    figures: list[LineShown]
    declines: list[Declined]
    outside: list[Outside]


class EventShown(BaseModel):
    """An event that a figure counts."""

    event: str = Field(
        description="Its id on the log; an id for this offer alone, as in feeds, where the event may have ended others "
        "too."
    )
    mark: str
    value: str | None
    detail: str | None
    happened: datetime = Field(
        description="To those who read whole figures, of what may have ended several offers at once, the day alone, in "
        "UTC, on which it was recorded."
    )
    recorded: datetime = Field(description="The same.")
    by: str = Field(description="The partner that said it, else `system`, `link` or `client-link`.")
    referral: str | None
    offer: str | None


class EventsShown(BaseModel):
    """Part of the events, in the order they were recorded."""

    at: datetime | None
    events: list[EventShown]
    next: str | None = Field(description="Where the list goes on; null at its end.")


def figures_shown(found: Loops) -> dict[str, Any]:
    """Return the figures with months as they are said."""
    lists = {"figures": found.figures, "declines": found.declines, "outside": found.outside}
    return {name: [_dated(line) for line in lines] for name, lines in lists.items()}


def _dated(line: Line) -> Line:
    return {name: f"{value:%Y-%m}" if isinstance(value, date) else value for name, value in line.items()}


def event_shown(event: Line, reader: str, *, by_day: bool) -> dict[str, Any]:
    """Return an event without whose it is, and without its place: where all of a person's stand in one partition.

    Places side by side would tell whose need was asked of several partners, and so would the id of what ended several
    offers, and its instant, to those who are no side of them.
    """
    plain = ("mark", "value", "detail", "happened", "recorded", "referral", "offer")
    shown = {name: event[name] for name in plain} | {"event": event["event"], "by": _speaker(event["source"])}
    if event["joined"] and by_day:
        shown |= dict.fromkeys(("happened", "recorded"), event["at"])
    return shown | {"event": _apart(event, reader)} if event["apart"] else shown


def _apart(event: Line, reader: str) -> str:
    """Return the id that the feed gives it for this offer; for the person as a whole, one of the reader's own."""
    about = (reader,) if event["offer"] is None else (event["referral"], event["offer"])
    return derived_id(Keyed(bytes.fromhex(event["digest"])), "told", *about)


def _speaker(source: str) -> str:
    return partner_of(source) or source.split(":")[2]
