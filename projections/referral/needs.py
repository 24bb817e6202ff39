"""What an event about the need itself makes of the referral: opened, prepared, arranged outside, given up."""

from msgspec.structs import replace

from events.authority import partner_of
from events.referral import (
    Closed,
    HandoffReported,
    OfferDiscarded,
    OfferDrafted,
    OutcomeReportedBySender,
    Requested,
)
from projections.projection import Case
from projections.referral.keys import referral_key
from projections.referral.state import Draft, Handoff, Referral
from projections.times import utc


def requested(event: Requested, case: Case) -> Referral:
    """Return the new referral."""
    return replace(_opened(event, case), programme=event.data.programme)


def handed_off(event: HandoffReported, case: Case) -> Referral:
    """Return a referral of which all that is known is that it went outside."""
    data = event.data
    return replace(
        _opened(event, case),
        handoff=Handoff(id=data.offer_id, reported=utc(event.time), channel=data.channel, sector=data.sector),
    )


def _opened(event: Requested | HandoffReported, case: Case) -> Referral:
    data = event.data
    return Referral(
        sender=partner_of(event.source) or "",
        taxonomy=data.need.taxonomy,
        need=data.need.code,
        area=data.area,
        urgency=data.urgency,
        requested=utc(event.time),
        last=utc(case.at.instant),
        backfilled=data.admitted.backfill is not None,
    )


def drafted(event: OfferDrafted, case: Case) -> Referral:
    """Return the referral with one more offer in preparation."""
    data, referral = event.data, _known(event, case)
    draft = Draft(
        id=data.offer_id,
        drafted=utc(event.time),
        recipient=data.recipient,
        to_class=data.to_class,
        service=data.service_id,
    )
    return replace(referral, last=utc(case.at.instant), drafts=(*referral.drafts, draft))


def discarded(event: OfferDiscarded, case: Case) -> Referral:
    """Return the referral with the draft thrown away; its id stays used."""
    referral, thrown = _known(event, case), event.data.offer_id
    drafts = tuple(replace(each, discarded=True) if each.id == thrown else each for each in referral.drafts)
    return replace(referral, last=utc(case.at.instant), drafts=drafts)


def closed(event: Closed, case: Case) -> Referral:
    """Return the referral as given up."""
    now = utc(case.at.instant)
    return replace(_known(event, case), last=now, closed=utc(event.time), disposition=event.data.disposition)


def heard_outside(event: OutcomeReportedBySender, case: Case) -> Referral:
    """Return the referral with what its sender heard of the organisation outside."""
    referral = _known(event, case)
    if referral.handoff is None:
        raise LookupError("an applied event speaks of a hand-off that is not there")
    heard = replace(referral.handoff, heard=event.data.outcome, heard_at=utc(event.time))
    return replace(referral, last=utc(case.at.instant), handoff=heard)


def _known(event: OfferDrafted | OfferDiscarded | Closed | OutcomeReportedBySender, case: Case) -> Referral:
    referral: Referral = case.states[referral_key(event)]
    return referral
