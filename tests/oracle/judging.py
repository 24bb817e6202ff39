"""The rules of clients and consents, as the field's documents tell them; needs, offers and episodes stand beside."""

from datetime import datetime
from typing import Any

from tests.oracle import answering, asking, episodes
from tests.oracle.case import MOST, OPEN, Case, Refused, Said, need
from tests.oracle.consenting import UNTOLD_FROM, covers, for_itself, granted, hides, in_force, means, narrowed, shares
from tests.oracle.shapes import instant


def apply(case: Case, event: dict[str, Any], at: datetime, recorded: datetime) -> None:
    """Judge the event at its instant and change the case.  Raises Refused, having changed nothing."""
    said = Said(case, event, at, recorded)
    family, _, name = event["short"].partition(".")
    if name == "registered":
        return _registered(said)
    client = case.client
    if client is None:
        raise Refused("unknown-client")
    need(not client["erased"], "client-erased")
    if family == "referral":
        return _referral(said)
    if family == "episode":
        return episodes.apply(said)
    if family == "client":
        return _erased(said) if name == "erased" else _linked(said)
    return _consent(said)


def _registered(said: Said) -> None:
    case = said.case
    if case.client is not None:
        raise Refused("client-erased" if case.client["erased"] else "already-registered")
    need(said.partner, "not-permitted")
    case.client = {
        "by": said.partner,
        "linked": set(),
        "at": instant(said.event["time"]),
        "last": said.at,
        "erased": False,
        "consents": {},
        "backfilled": "backfill" in said.data["admitted"],
    }


def _by_two(said: Said) -> None:
    need(said.by("system"), "not-permitted")
    first, second = said.event.get("actor"), said.event.get("approver")
    need(first and second and first != second, "needs-second-person")


def _linked(said: Said) -> None:
    other, linked = said.data["other_client"], said.client["linked"]
    _by_two(said)
    said.in_order(said.client)
    if said.name == "linked":
        need(other != said.event["subject"] and other not in linked, "already-exists")
        need(len(linked) < MOST["links"], "too-many")
        linked.add(other)
    else:
        need(other in linked, "unknown-subject")
        linked.remove(other)
    said.client["last"] = said.at


def _erased(said: Said) -> None:
    _by_two(said)
    said.client.update(erased=True, last=max(said.at, said.client["last"]), consents={})
    answering.end(said, said.case.open(), "client-erased")


def _consent(said: Said) -> None:
    client, data, at, name = said.client, said.data, said.at, said.name
    key, consents = data["consent_id"], client["consents"]
    found = consents.get(key)
    need(said.by("client-link") or said.case.serves(said.partner), "not-permitted")
    if name == "granted":
        said.in_order(client)
        need(found is None, "already-exists")
        consent = granted(data, said.partner)
        need(len(consents) < MOST["consents"], "too-many")
        need(not for_itself(consent, said.partner), "self-consent")
        consents[key], client["last"] = consent, at
        return
    need(found is not None, "consent-missing")
    if name == "narrowed" and said.recorded >= UNTOLD_FROM and hides(found, said.partner):
        told = data.keys() & {"recipients", "except_recipients", "programme_classes"}
        need(all(data[part] is None for part in told), "not-permitted")
    need(_may_change(name, found, at), "consent-missing")
    left = narrowed(found, data) if name == "narrowed" else {**found, "ended": name}
    if left is None:
        raise Refused("not-narrower")
    alone = name == "narrowed" and for_itself(left, said.partner) and not for_itself(found, said.partner)
    need(not alone, "self-consent")
    relying = [offer for offer in said.case.open() if offer["consent"] == key]
    ending = [offer for offer in relying if not (in_force(left, at) and _still_covers(left, offer))]
    said.in_order(client, *(said.case.referrals[offer["referral"]] for offer in ending))
    consents[key], client["last"] = left, at
    answering.end(said, ending, "consent-ended")
    for offer in relying:
        if not offer["recipient"] and offer["status"] in OPEN:
            # Whom the person leaves out now is asked no more.
            offer["members"] = tuple(each for each in offer["members"] if means(left, each))


def _still_covers(consent: dict[str, Any], offer: dict[str, Any]) -> bool:
    """Nobody receives what nobody claimed yet, so of that only what would be shared is asked."""
    return covers(consent, offer) if offer["recipient"] else shares(consent, offer)


def _may_change(name: str, consent: dict[str, Any], at: datetime) -> bool:
    """Narrowing needs a consent in force, revoking one that nobody ended; an error may be told of later, once."""
    if name == "narrowed":
        return in_force(consent, at)
    return not consent["ended"] if name == "revoked" else consent["ended"] != name


def _referral(said: Said) -> None:
    referral, name = said.case.referrals.get(said.event["subject"]), said.name
    if name in ("requested", "handoff_reported"):
        need(said.case.serves(said.partner), "not-permitted")
        need(referral is None, "already-exists")
        said.case.referrals[said.event["subject"]] = asking.wanted(said)
        return
    if referral is None:
        raise Refused("unknown-subject")
    if name in asking.ASKING:
        asking.ASKING[name](said, referral)
    elif name == "outcome_reported_by_sender" and said.data["offer_id"] == (referral["handoff"] or {}).get("id"):
        asking.heard(said, referral)
    else:
        answering.answer(said, referral)
    referral["last"] = said.at
