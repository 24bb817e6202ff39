"""Links as they are made: for whom one may be, and until when it lives."""

from datetime import datetime, timedelta
from typing import NamedTuple

from services.gateway.agreed import Person, shares_with, standing
from services.gateway.links.force import may_be_given
from services.gateway.links.given import Maker, Offered
from services.gateway.links.visit import links_of
from services.gateway.parts import Parts
from services.gateway.principal import Principal
from services.gateway.problems import ProblemError
from services.gateway.progress import now
from services.gateway.seeing import Place
from services.gateway.sight import Sight

#: Days that a client's own link lasts at most.
LONGEST_DAYS = 90


class New(NamedTuple):
    """A link that was just made: the only time that its address is known."""

    link: str
    path: str
    ends: datetime


class ForClient(NamedTuple):
    """Whose own link it is to be, the address that its codes go to, for how long, and whether a guardian holds it."""

    record: str
    email: str
    days: int
    guardian: bool


def maker(who: Principal) -> Maker:
    """Return the caller as one who has links made."""
    return Maker(who.initiative, who.partner or "", who.actor)


def mailing(parts: Parts) -> None:
    """Raise ProblemError where mails go nowhere, so that a link could send no code."""
    if not parts.people.post.open:
        raise ProblemError(409, "no-mail")


async def to_offer(parts: Parts, who: Principal, place: Place, sight: Sight, name: str) -> New:
    """Make a link to an offer that the caller sent.  Raises ProblemError."""
    mailing(parts)
    offer = next((each for each in sight.offers if each.id == name), None)
    if offer is None or sight.role != "sender" or sight.client.erased:
        raise ProblemError(404, "not-found")
    refused = may_be_given(parts.admission.standing(who.initiative), offer, now())
    if refused is not None:
        raise ProblemError(409, refused)
    to = Offered(offer.recipient, place.referral, place.record, offer.id)
    made = await links_of(parts).to_offer(maker(who), to, offer.respond_by)
    if made is None:
        raise ProblemError(409, "no-address")
    return New(made[0], f"/l/{made[1]}", offer.respond_by)


async def to_client(parts: Parts, who: Principal, wish: ForClient) -> New:
    """Make a client's own link, for a partner that serves them.  Raises ProblemError.

    One that they share nothing with any more could have it mailed to itself, and read there with whom they share now.
    """
    mailing(parts)
    client = (await standing(parts, who, Person("", wish.record))).client
    if client is None or client.erased or not shares_with(client, who.partner, now()):
        raise ProblemError(404, "not-found", pointer="/client")
    ends = now() + timedelta(days=wish.days)
    made = await links_of(parts).to_client(maker(who), wish.record, wish.email, ends, guardian=wish.guardian)
    return New(made[0], f"/c/{made[1]}", ends)
