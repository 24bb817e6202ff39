"""What the clients of a partner agreed to, as far as it may build on that."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from events.fields import UUID_PATTERN
from events.spoken import OWN
from projections.referral.consent import Ask, lapsed, uncovered
from projections.referral.state import Client, Consent, decode_client
from services.admission.caller import Partner
from services.gateway.accounting import Shown, account_status
from services.gateway.parts import Parts
from services.gateway.principal import Principal
from services.gateway.problems import AGAIN_S, ProblemError
from services.gateway.progress import PROJECTION
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


async def covering(parts: Parts, who: Principal, person: Person, asks: Sequence[Ask], now: datetime) -> list[Consent]:
    """Return the person's consents in force that cover any of what may be shared, to whoever serves them.

    That they are shown is put on record first.
    """
    if person.record is None or person.client is None or not person.served_by(who.partner):
        return []
    held = (each for each in person.client.consents if lapsed(each, now) is None)
    found = [each for each in held if any(uncovered(each, ask) is None for ask in asks)]
    if found:
        await account_status(parts, who, [Shown(person.record, person.record, ["consent"], asks[0].purpose)])
    return found


def _is_alias(typed: str) -> bool:
    return re.match(UUID_PATTERN, typed) is not None
