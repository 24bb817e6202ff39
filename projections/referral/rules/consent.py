"""Rules for consent: who may record it, and what may still be asked of it."""

from events.authority import CLIENT_LINK, partner_of
from events.consent import EnteredInError, Granted, Narrowed, Revoked
from projections.check import refuse, rule
from projections.projection import Case
from projections.referral.consent import for_oneself, granted, is_untold, lapsed, narrowed, wider
from projections.referral.endings import ended_by
from projections.referral.keys import referral_key
from projections.referral.rules.guard import about_client, client_of, in_order, serving, speaking_partner
from projections.referral.state import MOST_CONSENTS, Client, Consent, consent_of

ConsentEvent = Granted | Narrowed | Revoked | EnteredInError


@rule
def consent_granted(event: Granted, case: Case) -> None:
    """A partner or the client records a consent; no partner one that names only itself."""
    client = _client(event, case)
    in_order(case, client)
    if consent_of(client, event.data.consent_id) is not None:
        refuse("already-exists", "consent")
    if len(client.consents) >= MOST_CONSENTS:
        refuse("too-many", "consents")
    _not_for_oneself(event, None, granted(event))


@rule
def consent_narrowed(event: Narrowed, case: Case) -> None:
    """What remains lies within what was granted, not for the speaker alone, and the consent is still in force."""
    client = _client(event, case)
    _narrower(event, case, client, _consent(event, client))


@rule
def consent_narrowed_untold(event: Narrowed, case: Case) -> None:
    """As before; whoever is not told whom a consent names says nothing of whom, nor of programmes: answers would tell.

    It may still shorten or end it, as the person wishes.
    """
    client = _client(event, case)
    consent = _consent(event, client)
    data = event.data
    named = (data.recipients, data.except_recipients, data.programme_classes)
    if is_untold(consent, partner_of(event.source)) and any(each is not None for each in named):
        refuse("not-permitted")
    _narrower(event, case, client, consent)


def _narrower(event: Narrowed, case: Case, client: Client, consent: Consent) -> None:
    lapse = lapsed(consent, case.at.instant)
    if lapse:
        refuse("consent-missing", lapse)
    remains = narrowed(consent, event)
    beyond = wider(consent, remains)
    if beyond:
        refuse("not-narrower", beyond)
    _not_for_oneself(event, consent, remains)
    _offers_in_order(event, case, client)


@rule
def consent_revoked(event: Revoked, case: Case) -> None:
    """A consent is revoked once; one that expired meanwhile may still be."""
    client = _client(event, case)
    if _consent(event, client).ended:
        refuse("consent-missing", "ended")
    _offers_in_order(event, case, client)


@rule
def consent_in_error(event: EnteredInError, case: Case) -> None:
    """A consent that never was is taken back, also after it was revoked."""
    client = _client(event, case)
    if _consent(event, client).ended == "entered-in-error":
        refuse("consent-missing", "ended")
    _offers_in_order(event, case, client)


def _client(event: ConsentEvent, case: Case) -> Client:
    about_client(event)
    client = client_of(event, case)
    if not event.source.startswith(CLIENT_LINK):
        serving(client, speaking_partner(event))
    return client


def _consent(event: Narrowed | Revoked | EnteredInError, client: Client) -> Consent:
    consent = consent_of(client, event.data.consent_id)
    if consent is None:
        refuse("consent-missing")
    return consent


def _not_for_oneself(event: Granted | Narrowed, before: Consent | None, after: Consent) -> None:
    """No partner makes itself the only one to receive anything; what the client gave to it alone may be narrowed."""
    partner = partner_of(event.source)
    if for_oneself(after, partner) and (before is None or not for_oneself(before, partner)):
        refuse("self-consent")


def _offers_in_order(event: Narrowed | Revoked | EnteredInError, case: Case, client: Client) -> None:
    in_order(case, client)
    for held in ended_by(event, case):
        in_order(case, case.states[referral_key(event, held.referral)])
