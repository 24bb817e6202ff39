"""Rules for registering and erasing a client."""

from events.authority import SYSTEM
from events.client import Erased, Registered
from projections.check import refuse, rule
from projections.projection import Case
from projections.referral.keys import client_key
from projections.referral.rules.guard import about_client, client_of, speaking_partner


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
    if not event.source.startswith(SYSTEM):
        refuse("not-permitted")
    if event.actor is None or event.approver is None or event.actor == event.approver:
        refuse("needs-second-person")
