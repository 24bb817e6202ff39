"""The account of disclosures as it is read: what was disclosed about one client, page by page, the latest first."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from projections.disclosure.account import ACCOUNT
from projections.sql import statement

#: What the law has be answered for: 42 CFR 2.24, three years.
PERIOD = timedelta(days=3 * 365 + 1)
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
    """Whose account, and since when."""

    initiative: str
    client: str
    since: datetime


class Line(NamedTuple):
    """One disclosure.  `place` is its offset, by which pages go."""

    place: int
    event: str
    kind: str
    subject: str
    reader: str
    actor: str | None
    purpose: str
    fields: tuple[str, ...]
    consent: str | None
    #: Of what was shown by a client's own link: the partner that had it made.
    link_by: str | None
    happened: datetime
    recorded: datetime


async def of_client(run: Run, about: About, part: Part | None, after: int | None, limit: int) -> list[Line]:
    """Return a page; all of the account where no `part` of it is named.

    `run` sees one build's tables by their bare names.
    """
    seen = (None, [], False) if part is None else (part.partner, list(part.sent), part.registered)
    rows = await run(statement(ACCOUNT.sql, "of_client"), *about, after, *seen, limit)
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
