"""What the clients of a partner agreed to, as far as it may build on that."""

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from events.authority import PARTNER
from events.fields import UUID_PATTERN
from events.spoken import OWN
from projections.referral.consent import Ask, lapsed, reaches, uncovered
from projections.referral.state import Client, Consent, decode_client
from services.admission.caller import Partner
from services.gateway.accounting import Shown, account_status
from services.gateway.parts import Parts
from services.gateway.principal import Principal
from services.gateway.problems import AGAIN_S, ProblemError
from services.gateway.progress import PROJECTION
from services.gateway.protection import carries
from services.gateway.seeing import READS


class Person(NamedTuple):
    """A client as a partner names it, the record it stands under, and what is known of it."""

    name: str
    #: None while the partner has no client of this name.
    record: str | None = None
    client: Client | None = None

    def served_by(self, partner: str | None) -> bool:
        """Say whether the partner serves the person."""
        return self.client is not None and is_served(self.client, partner)


def is_served(client: Client, partner: str | None) -> bool:
    """Say whether the partner registered the person, or accepted an offer for them."""
    return partner in (client.by, *client.serving)


def is_told(client: Client, consent: Consent, partner: str | None) -> bool:
    """Say whether the partner is told of a consent that others recorded.

    Whoever registered the person is told of all of them.  Others are told of what they take part in: one that the
    person shares nothing with any more is not to learn with whom they share now.
    """
    return partner is not None and (partner == client.by or reaches(consent, partner))


def shares_with(client: Client, partner: str | None, now: datetime) -> bool:
    """Say whether the partner registered the person, or serves them and they share something with it still."""
    in_force = (each for each in client.consents if lapsed(each, now) is None)
    return partner == client.by or (
        is_served(client, partner) and any(is_told(client, each, partner) for each in in_force)
    )


async def person(parts: Parts, who: Principal, typed: str) -> Person:
    """Return the client that the partner means by its own number, or by the name that it is shown for it.

    Raises ProblemError while something about the person is not folded yet.
    """
    own = OWN + typed
    names = [own, typed] if _is_alias(typed) else [own]
    found = await parts.vault.find(who.initiative, who.partner or "", names, keep=True)
    name = next((each for each in names if each in found), own)
    return await standing(parts, who, Person(name, found.get(name)))


async def serves(parts: Parts, who: Principal | Partner, record: str) -> bool:
    """Say whether the caller's partner serves this client: a name for them alone is given before anything is judged.

    Raises ProblemError while something about the person is not folded yet.
    """
    found = await standing(parts, who, Person("", record))
    return found.served_by(who.partner) and found.client is not None and not found.client.erased


async def standing(parts: Parts, who: Principal | Partner, person: Person) -> Person:
    """Return the person with all that is said about them until now."""
    if person.record is None:
        return person
    end = await parts.progress.last(person.record)
    if end is not None:
        await parts.progress.reach(end)
    async with parts.keep.snapshot(PROJECTION, who.initiative) as transaction:
        if await parts.progress.behind(transaction, end):
            raise ProblemError(503, "too-stale", headers={"Retry-After": AGAIN_S})
        row = await transaction.one(READS, "client", who.initiative, person.record)
    return person._replace(client=decode_client(row["state"]) if row else None)


async def linked(parts: Parts, who: Principal, person: Person) -> list[Person]:
    """Return the other ids that are said to be the same person's, of those whom the caller's partner serves.

    Raises ProblemError while something about them is not folded yet.
    """
    found, known = [], {person.record}
    waiting = list(person.client.linked) if person.client else []
    while waiting:
        record = waiting.pop()
        if record in known:
            continue
        known.add(record)
        other = await standing(parts, who, Person("", record))
        if other.client is not None:
            waiting += other.client.linked
            found += [other] if other.served_by(who.partner) and not other.client.erased else []
    return found


async def recorded(parts: Parts, who: Principal, record: str) -> Collection[str]:
    """Return the ids of those of the client's consents that the caller's partner recorded itself."""
    async with parts.keep.snapshot(PROJECTION, who.initiative) as transaction:
        row = await transaction.one(READS, "client", who.initiative, record)
        said = await transaction.fetch(READS, "recorders", who.initiative, record)
    client = decode_client(row["state"]) if row else None
    if client is None or client.erased:
        return frozenset()
    own = f"{PARTNER}{who.partner}"
    return {each.id for each, by in zip(client.consents, said, strict=True) if by["source"] == own}


async def covering(parts: Parts, who: Principal, person: Person, asks: Sequence[Ask], now: datetime) -> list[Consent]:
    """Return the person's consents in force that cover any of what may be shared, to whoever serves them.

    Of those that speak of a protected programme the ones alone that its partner recorded itself, whatever is asked for:
    to find any other would tell that the person agreed to one, or whom it names beside that.  That they are shown is
    put on record first.
    """
    client = person.client
    if person.record is None or client is None or not person.served_by(who.partner):
        return []
    found = [each for each in client.consents if lapsed(each, now) is None and _covers(each, asks)]
    own = await recorded(parts, who, person.record) if found else ()
    initiative = parts.admission.standing(who.initiative)
    open_ = (each.id for each in found if not carries(initiative, each) and is_told(client, each, who.partner))
    of = {*own, *open_}
    found = [each for each in found if each.id in of]
    if found:
        await account_status(parts, who, [Shown(person.record, person.record, ["consent"], asks[0].purpose)])
    return found


def _covers(consent: Consent, asks: Iterable[Ask]) -> bool:
    return any(uncovered(consent, ask) is None for ask in asks)


def _is_alias(typed: str) -> bool:
    return re.match(UUID_PATTERN, typed) is not None
