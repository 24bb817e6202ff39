"""Rules for registering and erasing a client."""

from events.authority import SYSTEM
from events.client import Erased, Linked, Registered, Unlinked
from projections.check import refuse, rule
from projections.projection import Case
from projections.referral.keys import client_key
from projections.referral.rules.guard import about_client, client_of, in_order, speaking_partner
from projections.referral.state import MOST_LINKS, Client


@rule
def registered(event: Registered, case: Case) -> None:
    """A partner registers each client once."""
    about_client(event)
    speaking_partner(event)
    if case.states.get(client_key(event)) is not None:
        client_of(event, case)
        refuse("already-registered")


@rule
def erased(event: Erased, case: Case) -> None:
    """Two persons let a part of this system erase a client; it ends every open offer.

    It is never out of order: the key is destroyed whatever a broker's clock says of the history before.
    """
    about_client(event)
    client_of(event, case)
    _by_two(event)


@rule
def linked(event: Linked, case: Case) -> None:
    """Two persons let a part of this system say that two ids are one person's; of each id it is said once."""
    client = _by_two_of(event, case)
    if event.data.other_client in (event.subject, *client.linked):
        refuse("already-exists", "link")
    if len(client.linked) >= MOST_LINKS:
        refuse("too-many", "links")


@rule
def unlinked(event: Unlinked, case: Case) -> None:
    """The same two say that they are not."""
    if event.data.other_client not in _by_two_of(event, case).linked:
        refuse("unknown-subject", "link")


def _by_two_of(event: Linked | Unlinked, case: Case) -> Client:
    about_client(event)
    client = client_of(event, case)
    _by_two(event)
    in_order(case, client)
    return client


def _by_two(event: Linked | Unlinked | Erased) -> None:
    if not event.source.startswith(SYSTEM):
        refuse("not-permitted")
    if event.actor is None or event.approver is None or event.actor == event.approver:
        refuse("needs-second-person")
