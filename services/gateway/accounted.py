"""A page of the account of disclosures, as far as a partner may see it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol
from urllib.parse import quote

from projections.initiative import INITIATIVE
from projections.initiative.state import Codelist, Partner
from services.disclosure.account import About, Line, Part, of_client
from services.disclosure.describing import NAMES, described, reading
from services.gateway.cursor import Cursors
from services.gateway.naming import NameConsent, naming
from services.gateway.parts import Parts
from services.gateway.principal import Principal
from services.gateway.problems import AGAIN_S, ProblemError
from services.gateway.progress import ACCOUNTS, PROJECTION
from services.gateway.protection import PROTECTED, is_protected
from services.gateway.seeing import READS


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


class Account(NamedTuple):
    """A page and its words: labels of purposes, the names of each line, and what names consents to the caller."""

    lines: Sequence[Line]
    next: str | None
    client: str
    names: Mapping[int, Named]
    purposes: Mapping[str, str]
    consent: NameConsent


async def accounted(parts: Parts, who: Principal, name: str, since: datetime, asked: Asking) -> Account:
    """Return a page of what was disclosed about the client since then, once all that was put on record is counted.

    Raises ProblemError where the caller has no client of this name, and while the account is behind its log.
    """
    partner = who.partner or ""
    client = (await parts.vault.find(who.initiative, partner, [name])).get(name)
    if client is None:
        raise ProblemError(404, "not-found")
    cursors = Cursors(parts.binding, who, f"/v1/clients/{quote(name, safe=':')}/disclosures", {"days": asked.days})
    [after] = cursors.after(asked.cursor, 1)
    part = await _part(parts, who, client)
    lines = await _lines(parts, About(who.initiative, client, since), part, (after, asked.limit + 1))
    kept = lines[: asked.limit]
    following = cursors.next(asked.limit, [kept[-1].place]) if len(lines) > len(kept) else None
    named = {line.place: _named(parts, who, line, part) for line in kept}
    return Account(kept, following, client, named, _purposes(parts, who), naming(parts, who))


async def _part(parts: Parts, who: Principal, client: str) -> Part:
    """Return what of the account is the partner's to see: of what it told itself."""
    partner = who.partner or ""
    async with parts.keep.snapshot(PROJECTION, who.initiative) as transaction:
        row = await transaction.one(READS, "told_by", who.initiative, client, partner)
    return Part(partner, [], False) if row is None else Part(partner, row["sent"], row["registered"])


async def _lines(parts: Parts, about: About, part: Part, page: tuple[int | None, int]) -> list[Line]:
    end = await parts.accounted.last(about.client)
    if end is not None:
        await parts.accounted.reach(end)
    async with parts.keep.snapshot(ACCOUNTS.projection, about.initiative) as transaction:
        lag = await parts.accounted.behind(transaction, end)
        if lag:
            # What is left out would say that nothing was disclosed.
            raise ProblemError(503, "too-stale", headers={"Retry-After": AGAIN_S}, lag=lag)
        return await of_client(transaction.run, about, part, *page)


def telling(found: Account, line: Line) -> dict[str, Any]:
    """Return who was shown what for, and under which consent."""
    reader, link_by = found.names[line.place]
    maker = None if line.link_by is None else link_by or f"a {PROTECTED}"
    return {
        "recipient": None if reader is None else line.reader,
        "recipient_name": reading(reader or PROTECTED, maker),
        "description": described(line.kind, line.fields, found.purposes.get(line.purpose, line.purpose)),
        "purpose": line.purpose,
        "referral": None if line.subject == found.client else line.subject,
        "consent": line.consent and found.consent(line.consent),
        "link_by": None if link_by is None else line.link_by,
    }


def _named(parts: Parts, who: Principal, line: Line, part: Part) -> Named:
    """Return the names; None of a protected partner that the caller did not itself refer the client to."""
    sent = line.subject in part.sent
    return Named(_name(parts, who, line.reader, deals=sent), line.link_by and _name(parts, who, line.link_by))


def _name(parts: Parts, who: Principal, reader: str, *, deals: bool = False) -> str | None:
    if reader != who.partner and not deals and is_protected(parts, who, reader):
        return None
    partner: Partner | None = _state(parts, who, "partner", reader)
    return NAMES.get(reader, reader) if partner is None else partner.name


def _purposes(parts: Parts, who: Principal) -> Mapping[str, str]:
    codelist: Codelist | None = _state(parts, who, "codelist", "purpose")
    return {} if codelist is None else codelist.labels


def _state(parts: Parts, who: Principal, kind: str, name: str) -> Any:
    """Return an aggregate of the initiative as its log says now, or None."""
    table, decode = INITIATIVE.kinds[kind].table, INITIATIVE.kinds[kind].decode
    row = parts.admission.initiative_store.tables[table.name].get((who.initiative, who.initiative, name))
    return None if row is None else decode(row[table.place("state")])
