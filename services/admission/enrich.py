"""What admission looks up for a rule and writes into the event, so that folds need nothing from elsewhere."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from services.admission.caller import Link, Partner
from services.admission.context import Context
from services.admission.deadlines import after_business_days, after_days, in_time
from services.admission.parse import Parsed
from services.admission.problem import TurnedAway
from services.admission.standing import Member, Service, Standing, zone_of
from services.admission.starting import starting


def admitted(context: Context, parsed: Parsed, digest: str) -> dict[str, Any]:
    """Return what stands in `data.admitted`; raises TurnedAway when the event names what is not there.

    The ids in the event are resolved already; the digest was taken before.
    In a backfill a recipient may have left and a service may have closed since: what counts is that they
    were there, so neither turns the event away.
    """
    found = {
        "digest": digest,
        "directory": context.standing.offset,
        "door": context.caller.door,
        "backfill": context.backfill,
        "on_behalf": context.caller.partner if isinstance(context.caller, Link) else None,
    }
    look = _LOOKS.get(parsed.type)
    if look is not None:
        found |= look(context, parsed.data)
    due = _DUE.get(parsed.type)
    if due is not None and context.backfill is None:
        found |= due(context, parsed)
    return {name: value for name, value in found.items() if value is not None}


def _offer(context: Context, data: Mapping[str, Any]) -> Mapping[str, Any]:
    recipient = data.get("recipient")
    if recipient is None:
        return _to_class(context, data)
    standing = context.standing
    member = _member(standing, recipient, "/data/recipient")
    service = _service(standing, recipient, data["service_id"])
    if context.backfill is None:
        _taking_referrals(member, service)
    return _served(standing, member, service)


def _served(standing: Standing, member: Member, service: Service) -> Mapping[str, Any]:
    return {
        "programme_class": service.programme_class,
        "protected": service.programme_class in standing.protected,
        "recipient_classes": member.classes,
        "recipient_networks": member.networks,
        "min_attempts": standing.min_attempts if service.min_attempts is None else service.min_attempts,
    }


def _to_class(context: Context, data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Look up who may claim it; where any of them serves a protected programme, the offer counts as one for it."""
    standing = context.standing
    if data.get("to_class") is None:
        return {}
    members = [each for each in standing.class_members([data["to_class"]]) if not standing.members[each].aggregate_only]
    offered = [each for each in standing.services.values() if each.partner in members]
    return {
        "class_members": members,
        "protected": any(each.programme_class in standing.protected for each in offered),
    }


def _claim(context: Context, data: Mapping[str, Any]) -> Mapping[str, Any]:
    if not isinstance(context.caller, Partner):
        return {}
    standing, partner = context.standing, context.caller.partner
    member = standing.members[partner]
    service = _service(standing, partner, data["service_id"])
    if context.backfill is None:
        _taking_referrals(member, service)
    return _served(standing, member, service)


def _answering(context: Context, parsed: Parsed) -> Mapping[str, Any]:
    """Return when an offer's recipient is reminded, and when its sender is told, while both can still act.

    Raises TurnedAway when it would end later than the policy allows.
    """
    standing, sent, ends = context.standing, parsed.time, parsed.data["respond_by"]
    _soon_enough(standing, sent, ends)
    days = _days(standing, parsed.data)
    remind_at = in_time(after_business_days(sent, days, standing), sent, ends, standing)
    escalate_at = in_time(after_business_days(sent, 2 * days, standing), remind_at or sent, ends, standing)
    return {"remind_at": remind_at, "escalate_at": escalate_at}


def _soon_enough(standing: Standing, sent: datetime, ends: datetime) -> None:
    latest = after_days(sent, standing.respond_at_most, standing)
    if latest is not None and ends > latest:
        raise TurnedAway("respond-by-too-late", "/data/respond_by", f"at most {standing.respond_at_most} days")


def _days(standing: Standing, data: Mapping[str, Any]) -> int:
    """Return the business days in which an answer is expected: the service's own, else the policy's."""
    service = standing.services.get(data["service_id"])
    own = None if service is None or service.partner != data.get("recipient") else service.respond_days
    return standing.respond_days if own is None else own


def _confirming(context: Context, parsed: Parsed) -> Mapping[str, Any]:
    standing = context.standing
    return {"confirm_by": after_business_days(parsed.time, standing.respond_days, standing)}


def _taking_referrals(member: Member, service: Service) -> None:
    if not member.active:
        raise TurnedAway("recipient-inactive", "/data/recipient")
    if not service.accepts_referrals:
        raise TurnedAway("service-closed", "/data/service_id")


def _consent(context: Context, data: Mapping[str, Any]) -> Mapping[str, Any]:
    standing = context.standing
    recipients = data.get("recipients", {})
    _known(standing, recipients.get("partners", ()), "/data/recipients/partners")
    _known(standing, data.get("except_recipients", ()), "/data/except_recipients")
    classes, networks = recipients.get("classes"), recipients.get("networks")
    return {
        "protected": not standing.protected.isdisjoint(data.get("programme_classes", ())),
        "class_members": standing.class_members(classes) if classes else None,
        "network_members": standing.network_members(networks) if networks else None,
    }


def _decline(context: Context, data: Mapping[str, Any]) -> Mapping[str, Any]:
    _known(context.standing, data.get("suggested_partners", ()), "/data/suggested_partners")
    return {}


def _outcome(context: Context, _: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"min_attempts": context.standing.min_attempts}


def _window(context: Context, data: Mapping[str, Any]) -> Mapping[str, Any]:
    _known(context.standing, data["partners"], "/data/partners")
    return {}


def _successor(context: Context, data: Mapping[str, Any]) -> Mapping[str, Any]:
    _member(context.standing, data["successor"], "/data/successor")
    return {}


def _zone(_: Context, data: Mapping[str, Any]) -> Mapping[str, Any]:
    if "zone" in data and zone_of(data["zone"]) is None:
        raise TurnedAway("invalid-value", "/data/zone")
    return {}


def _own_service(context: Context, data: Mapping[str, Any]) -> Mapping[str, Any]:
    if isinstance(context.caller, Partner):
        _service(context.standing, context.caller.partner, data["service_id"])
    return {}


def _known(standing: Standing, partners: list[str] | tuple[str, ...], pointer: str) -> None:
    for index, partner in enumerate(partners):
        _member(standing, partner, f"{pointer}/{index}")


def _member(standing: Standing, partner: str, pointer: str) -> Member:
    member = standing.members.get(partner)
    if member is None:
        raise TurnedAway("unknown-partner", pointer)
    return member


def _service(standing: Standing, partner: str, service_id: str) -> Service:
    service = standing.services.get(service_id)
    if service is None or service.partner != partner:
        raise TurnedAway("unknown-service", "/data/service_id")
    return service


_LOOKS: Mapping[str, Callable[[Context, Mapping[str, Any]], Mapping[str, Any]]] = {
    "org.manyhands.referral.offer_sent.v1": _offer,
    "org.manyhands.referral.offer_declined.v1": _decline,
    "org.manyhands.referral.offer_claimed.v1": _claim,
    "org.manyhands.referral.outcome_recorded.v1": _outcome,
    "org.manyhands.referral.outcome_corrected.v1": _outcome,
    "org.manyhands.consent.granted.v1": _consent,
    "org.manyhands.consent.narrowed.v1": _consent,
    "org.manyhands.initiative.opened.v1": _zone,
    "org.manyhands.initiative.policy_set.v1": _zone,
    "org.manyhands.initiative.backfill_opened.v1": _window,
    "org.manyhands.partner.succeeded_by.v1": _successor,
    "org.manyhands.partner.service_changed.v1": _own_service,
    "org.manyhands.partner.service_retired.v1": _own_service,
    "org.manyhands.partner.capacity_reported.v1": _own_service,
}

#: What depends on when it happened, too.
_DUE: Mapping[str, Callable[[Context, Parsed], Mapping[str, Any]]] = {
    "org.manyhands.referral.offer_sent.v1": _answering,
    "org.manyhands.referral.cancel_requested.v1": _confirming,
    "org.manyhands.referral.offer_accepted.v1": starting,
    "org.manyhands.referral.offer_claimed.v1": starting,
    "org.manyhands.referral.waitlisted.v1": starting,
}
