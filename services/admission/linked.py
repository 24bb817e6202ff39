"""What the holder of a link speaks of: one offer, or what is the client's own.  Everything else is not there."""

from collections.abc import Mapping

from events import topics
from events.authority import AUTHORITY, Who
from events.catalogue import TOPIC_OF
from services.admission.caller import ClientLink, Link
from services.admission.context import Held
from services.admission.parse import Parsed
from services.admission.problem import TurnedAway

VIEWED = "org.manyhands.referral.offer_viewed.v1"


def of_offer(link: Link, parsed: Parsed) -> tuple[str, str]:
    """Return the offer's referral and its record key.  Raises TurnedAway, `not-found` for every other offer."""
    if parsed.said.client is not None:
        raise TurnedAway("unknown-field", "", "the client is known from the link")
    if parsed.said.subject not in (None, link.referral):
        raise TurnedAway("not-found", "/subject")
    if parsed.data.get("offer_id") != link.offer:
        raise TurnedAway("not-found", "/data/offer_id")
    if parsed.type == VIEWED and parsed.data["by"] != "link":
        # A system's fetch is counted apart from a look, and there is no other way for a link to look.
        raise TurnedAway("invalid-value", "/data/by")
    return link.referral, link.record


def of_client(link: ClientLink, parsed: Parsed, held: Mapping[str, Held]) -> tuple[str, str]:
    """Return subject and record key, which is the client's own.

    Raises TurnedAway, `not-found` for whatever is about somebody else.
    """
    if TOPIC_OF[parsed.type] is topics.CASES and AUTHORITY[parsed.type].who is Who.ALIAS_HOLDER:
        return _of_themself(link, parsed), link.record
    if parsed.said.client is not None:
        raise TurnedAway("unknown-field", "", "the client is known from the link")
    subject = parsed.said.subject
    if subject is None:
        raise TurnedAway("missing-field", "/subject")
    found = held.get(subject)
    if found is None or found.record != link.record:
        raise TurnedAway("not-found", "/subject")
    return subject, link.record


def _of_themself(link: ClientLink, parsed: Parsed) -> str:
    """Return the client, whom the event may name by the record key and need not name at all."""
    if parsed.said.subject is not None:
        raise TurnedAway("reserved-field", "/subject")
    if parsed.said.client not in (None, link.record):
        raise TurnedAway("not-found", "/client")
    return link.record
