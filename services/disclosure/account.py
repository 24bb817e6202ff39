"""The account of disclosures as it is read: what was opened about one client, page by page, the latest first."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from projections.disclosure.account import ACCOUNT
from projections.sql import statement

#: What the law has be answered for: 42 CFR 2.24, three years.
PERIOD = timedelta(days=3 * 365 + 1)
#: The kind of what was sent; all else is done by who receives it.
SENT = "referral.offer_sent"
#: Runs a statement and returns its rows.
Run = Callable[..., Awaitable[Sequence[Any]]]


class Part(NamedTuple):
    """How much of the account a partner may see: what it read itself, and what was disclosed of what it told."""

    partner: str
    #: The client's referrals that it sent.
    sent: Sequence[str]
    #: It registered the client.
    registered: bool


class About(NamedTuple):
    """Whose account, since when, and whose own readings are left out of it."""

    initiative: str
    client: str
    since: datetime
    but: str | None = None


class Offered(NamedTuple):
    """What a line says of an offer besides."""

    id: str
    #: When it was given, by which these lines stand in order.
    given: datetime
    #: The partner that sent it.
    by: str
    #: Where it was shown to whoever of a class could claim it.
    to_class: str | None
    protected: bool
    accepted: bool
    #: It should never have been sent, and was all the same.
    in_error: bool


class Line(NamedTuple):
    """One disclosure.  `place` is its offset, by which pages go."""

    place: int
    event: str
    kind: str
    subject: str
    #: Empty where it was a class.
    reader: str
    actor: str | None
    purpose: str
    fields: tuple[str, ...]
    consent: str | None
    #: Of what was shown by a client's own link: the partner that had it made.
    link_by: str | None
    happened: datetime
    recorded: datetime
    #: None of what was opened.
    offer: Offered | None = None

    @property
    def at(self) -> datetime:
        """Return when it was disclosed."""
        return self.recorded if self.offer is None else self.offer.given

    @property
    def by(self) -> str:
        """Return the partner that it was done by: who sent it, else who read or claimed it."""
        return self.offer.by if self.kind == SENT and self.offer is not None else self.reader


async def opened_of(run: Run, about: About, part: Part | None, after: int | None, limit: int) -> list[Line]:
    """Return a page of what was opened; all of it where no `part` of it is named.

    `run` sees one build's tables by their bare names.
    """
    seen = (None, [], False) if part is None else (part.partner, list(part.sent), part.registered)
    rows = await run(statement(ACCOUNT.sql, "of_client"), *about[:3], after, *seen, limit, about.but)
    return [_line(row) for row in rows]


def _line(row: Any) -> Line:
    return Line(
        row["record_offset"],
        row["event"],
        row["type"],
        row["subject"],
        row["reader"],
        row["actor"],
        row["purpose"],
        tuple(row["fields"].split()),
        row["consent"],
        row["link_by"],
        row["happened"],
        row["recorded"],
    )
