"""A page of the account of disclosures, as far as a partner may see it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol
from urllib.parse import quote

from projections.initiative import INITIATIVE
from projections.initiative.state import Partner
from services.disclosure.account import About, Line, Part
from services.disclosure.describing import NAMES, Labels, of_class, reading, told
from services.disclosure.whole import After, after_of, values
from services.gateway.cursor import Cursors
from services.gateway.links import known
from services.gateway.naming import NameConsent, naming
from services.gateway.parts import Parts
from services.gateway.principal import Principal
from services.gateway.problems import AGAIN_S, ProblemError
from services.gateway.protection import PROTECTED, is_protected
from services.gateway.whole import Asked, Behind, whole


class Asking(Protocol):
    """Which page is wanted."""

    days: int
    limit: int
    cursor: str | None


class Named(NamedTuple):
    """Whom a line tells of, by name; None where that is protected."""

    reader: str | None
    #: The partner that had the link made by which it was read.
    link_by: str | None
    #: The partner that sent the offer.
    sent_by: str | None


class Account(NamedTuple):
    """A page and its words: labels of codes, the names of each line, and what names consents to the caller."""

    lines: Sequence[Line]
    next: str | None
    #: Who asks, and about whom.
    partner: str
    client: str
    names: Mapping[str, Named]
    labels: Labels
    consent: NameConsent


async def accounted(parts: Parts, who: Principal, name: str, since: datetime, asked: Asking) -> Account:
    """Return a page of what was disclosed about the client since then, once all that was put on record is counted.

    Raises ProblemError where the caller has no client of this name, and while the account is behind its logs.
    """
    partner = who.partner or ""
    client = (await parts.vault.find(who.initiative, partner, [name])).get(name)
    if client is None:
        raise ProblemError(404, "not-found")
    cursors = Cursors(parts.binding, who, f"/v1/clients/{quote(name, safe=':')}/disclosures", {"days": asked.days})
    after = after_of(*cursors.after(asked.cursor, 3))
    about = About(who.initiative, client, since)
    try:
        page, part = await whole(parts, about, partner, Asked(after, asked.limit))
    except Behind as behind:
        raise ProblemError(503, "too-stale", headers={"Retry-After": AGAIN_S}, lag=behind.lag) from None
    following = _next(cursors, asked.limit, page.next)
    named = {line.event: _named(parts, who, line, part) for line in page.lines}
    return Account(page.lines, following, partner, client, named, labels_of(parts, who.initiative), naming(parts, who))


def _next(cursors: Cursors, limit: int, after: After | None) -> str | None:
    return None if after is None else cursors.next(limit, list(values(after)))


def telling(found: Account, line: Line) -> dict[str, Any]:
    """Return who was shown what for, and under which consent."""
    named, offer = found.names[line.event], line.offer
    return {
        "kind": line.kind,
        "recipient": None if named.reader is None else line.reader or None,
        "recipient_name": _recipient(found, line, named),
        "description": told(line, found.labels),
        "purpose": line.purpose,
        "referral": None if line.subject == found.client else line.subject,
        "consent": _consent(found, line),
        "link_by": None if named.link_by is None else line.link_by,
        "offer": offer and offer.id,
        "to_class": offer and offer.to_class,
        "sent_by": offer and offer.by,
        "sent_by_name": named.sent_by,
        "in_error": offer is not None and offer.in_error,
    }


def _consent(found: Account, line: Line) -> str | None:
    """Return the caller's name of it; none to whom an offer was sent that it has not accepted, as of the offer."""
    untold = line.offer is not None and line.offer.by != found.partner and not line.offer.accepted
    return None if untold or line.consent is None else found.consent(line.consent)


def _recipient(found: Account, line: Line, named: Named) -> str:
    if line.offer is not None and line.offer.to_class is not None:
        return of_class(line.offer.to_class, found.labels)
    maker = None if line.link_by is None else named.link_by or f"a {PROTECTED}"
    return reading(named.reader or PROTECTED, maker)


def _named(parts: Parts, who: Principal, line: Line, part: Part | None) -> Named:
    """Return the names; None of a protected partner that the caller did not itself refer the client to.

    Whoever sees an offer here sent it or was sent it, so each of the two knows of the other.
    """
    deals = line.offer is not None or (part is not None and line.subject in part.sent)
    sent_by = None if line.offer is None else _name(parts, who, line.offer.by, deals=True)
    maker = line.link_by and _name(parts, who, line.link_by)
    return Named(_name(parts, who, line.reader, deals=deals), maker, sent_by)


def _name(parts: Parts, who: Principal, reader: str, *, deals: bool = False) -> str | None:
    if reader != who.partner and not deals and is_protected(parts, who, reader):
        return None
    partner = _partner(parts, who.initiative, reader)
    return NAMES.get(reader, reader) if partner is None else partner.name


def labels_of(parts: Parts, initiative: str) -> Labels:
    """Return what the initiative calls its codes."""
    return Labels(*(known.labels(parts, initiative, each) for each in ("purpose", "data-class", "partner-class")))


def _partner(parts: Parts, initiative: str, name: str) -> Partner | None:
    """Return a partner of the initiative as its log says now."""
    kind = INITIATIVE.kinds["partner"]
    row = parts.admission.initiative_store.tables[kind.table.name].get((initiative, initiative, name))
    found: Partner | None = None if row is None else kind.decode(row[kind.table.place("state")])
    return found
