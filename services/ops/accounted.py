"""The whole account of disclosures of one client, for an operator."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from projections.memory import MemoryStore
from services.disclosure.account import About, Line, Run, opened_of
from services.disclosure.describing import NAMES, Labels, of_class, reading, told
from services.disclosure.offers import offers_of
from services.disclosure.whole import After, Page, paged
from services.ops.erasure import ClientUnknown
from services.ops.gathering import gathered, named, states
from services.ops.lag import lags
from services.ops.operator import operating
from services.ops.reading import serving
from services.runtime.moment import moment
from services.runtime.settings import Settings
from services.vault.secrets import Secrets
from services.vault.vault import Vault

#: Lines read at once where all are wanted.
MOST = 1000
#: What the account is folded by.
PROJECTIONS = ("disclosure", "referral")


class Wanted(NamedTuple):
    """Whose account, and which part of it; all of it from there on where no limit is set."""

    client: str
    partner: str | None
    initiative: str | None
    days: int
    after: After
    limit: int | None


class Found(NamedTuple):
    """A page, the client's id, and how many records about anybody are not in it yet."""

    client: str
    lines: list[dict[str, Any]]
    next: After | None
    behind: int


class Words(NamedTuple):
    """What partners and codes are called."""

    names: Mapping[str, str]
    labels: Labels


async def read(settings: Settings, wanted: Wanted) -> Found:
    """Return a page of the account.  Raises InitiativeUnknown, ClientUnknown and NothingFolded."""
    store = await gathered(settings)
    initiative = named(store, wanted.initiative)
    words, client = _words(store, initiative), await _client(settings, initiative, wanted)
    about = About(initiative, client, datetime.now(UTC) - timedelta(days=wanted.days))
    behind = sum(each.behind for each in await lags(settings, PROJECTIONS))
    async with (
        serving(settings, "referral") as cases,
        moment(cases, initiative) as offers,
        serving(settings, "disclosure") as topic,
        moment(topic, initiative) as opened,
    ):
        lines, following = await _lines((opened.fetch, offers.fetch), about, wanted)
    return Found(client, [_told(line, client, words) for line in lines], following, behind)


async def _lines(runs: tuple[Run, Run], about: About, wanted: Wanted) -> tuple[list[Line], After | None]:
    """Return a page, or all there is."""
    lines: list[Line] = []
    following: After | None = wanted.after
    while following is not None:
        page = await _page(runs, about, following, wanted.limit or MOST)
        lines, following = [*lines, *page.lines], page.next
        if wanted.limit is not None:
            break
    return lines, following


async def _page(runs: tuple[Run, Run], about: About, after: After, limit: int) -> Page:
    opened = await opened_of(runs[0], about, None, after.opened, limit + 1)
    offers = await offers_of(runs[1], about, None, after.offers, limit + 1)
    return paged(opened, offers, after, limit)


def _words(store: MemoryStore, initiative: str) -> Words:
    names = {key.id: partner.name for key, partner in states(store, "partner", initiative)}
    lists = {key.id: codelist.labels for key, codelist in states(store, "codelist", initiative)}
    labels = Labels(*(lists.get(name, {}) for name in ("purpose", "data-class", "partner-class")))
    return Words({**NAMES, **names}, labels)


async def _client(settings: Settings, initiative: str, wanted: Wanted) -> str:
    """Return the client's id on the log."""
    if wanted.partner is None:
        try:
            return str(UUID(wanted.client))
        except ValueError:
            raise ClientUnknown("without --as a client is named by its id on the log, a UUID") from None
    pool = await operating(settings, "manyhands disclosures", size=1)
    try:
        vault = Vault(pool, Secrets(settings.home / "secrets"))
        found = await vault.find(initiative, wanted.partner, [wanted.client])
    finally:
        await pool.close()
    if wanted.client not in found:
        raise ClientUnknown(f"{wanted.partner} has no client of this name")
    return found[wanted.client]


def _told(line: Line, client: str, words: Words) -> dict[str, Any]:
    offer, names = line.offer, words.names
    return {
        "disclosed": line.at,
        "recorded": line.recorded,
        "happened": line.happened,
        "kind": line.kind,
        "recipient": _recipient(line, words),
        "reader": line.reader or None,
        "person": line.actor,
        "description": told(line, words.labels),
        "purpose": line.purpose,
        "fields": list(line.fields),
        "referral": None if line.subject == client else line.subject,
        "consent": line.consent,
        "link_by": line.link_by,
        "offer": offer and offer.id,
        "to_class": offer and offer.to_class,
        "sent_by": offer and offer.by,
        "sent_by_name": offer and names.get(offer.by, offer.by),
        "in_error": offer is not None and offer.in_error,
        "event": line.event,
    }


def _recipient(line: Line, words: Words) -> str:
    if line.offer is not None and line.offer.to_class is not None:
        return of_class(line.offer.to_class, words.labels)
    maker = None if line.link_by is None else words.names.get(line.link_by, line.link_by)
    return reading(words.names.get(line.reader, line.reader), maker)
