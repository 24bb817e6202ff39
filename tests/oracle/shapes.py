"""What each event of topic cases must hold to be read at all: paths and the form of their values."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

Check = Callable[[Any], bool]

PREFIX = "org.manyhands."
_EARLIEST, _LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


def _text(pattern: str) -> Check:
    compiled = re.compile(pattern)
    return lambda value: isinstance(value, str) and compiled.fullmatch(value) is not None


def _one_of(*values: Any) -> Check:
    return lambda value: any(value is each or (isinstance(value, str) and value == each) for each in values)


def _many(check: Check, least: int = 0) -> Check:
    return lambda value: isinstance(value, list) and len(value) >= least and all(map(check, value))


def instant(value: str) -> datetime:
    """Return the time in UTC."""
    return datetime.fromisoformat(value).astimezone(UTC)


def _time(value: Any) -> bool:
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return False
    return found.tzinfo is not None and _EARLIEST <= found < _LATEST


def _sealed(value: Any) -> bool:
    return isinstance(value, dict) and value.get("v") == 1 and all(map(_word, (value.get("kid"), value.get("ct"))))


UUID = _text(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
SLUG = _text(r"[a-z][a-z0-9-]{2,40}")
CODE = _text(r"[a-z0-9][a-z0-9._-]{0,39}")
AMOUNT = _text(r"-?(0|[1-9][0-9]{0,11})(\.[0-9]{1,6})?")
_word = _text(r"[A-Za-z0-9_-]+")
_FLAG: Check = lambda value: isinstance(value, bool)  # noqa: E731
_NUMBER: Check = lambda value: type(value) is int and value >= 0  # noqa: E731
_OUTPUT: Check = lambda value: isinstance(value, dict) and CODE(value.get("kind"))  # noqa: E731
_STARTING: Check = lambda value: (  # noqa: E731
    isinstance(value, dict)
    and isinstance(value.get("services", []), list)
    and all(map(UUID, value.get("services", [])))
    and _time(value.get("start_by"))
    and _time(value.get("escalate_at"))
)
_RESULT = _one_of("delivered", "partly", "not-delivered")
_CHANNEL = _one_of("phone", "text", "e-mail", "letter", "visit", "in-person", "other")

#: A path of names, whether it must be there, and the form.
Shape = dict[str, Check]
ENVELOPE: Shape = {
    "id!": UUID,
    "source!": _text(r"urn:manyhands:(partner|link|client-link|system):[a-z0-9][a-z0-9-]{0,63}"),
    "subject!": UUID,
    "time!": _time,
    "partitionkey!": UUID,
    "initiative!": SLUG,
    "specversion": _one_of("1.0"),
    "actor": UUID,
    "approver": UUID,
    "data.admitted.digest!": _text(r"[0-9a-f]{64}"),
    "data.admitted.directory!": _NUMBER,
    "data.admitted.door!": CODE,
    "data.admitted.backfill": UUID,
    "data.admitted.on_behalf": SLUG,
    "data.admitted.class_members": _many(SLUG),
    "data.admitted.recipient_classes": _many(CODE),
    "data.admitted.remind_at": _time,
    "data.admitted.escalate_at": _time,
    "data.admitted.confirm_by": _time,
    "data.admitted.protected": _FLAG,
    "causationid": UUID,
}
_OFFER: Shape = {"data.offer_id!": UUID}
_REASONED: Shape = {**_OFFER, "data.reason!": CODE}
_PROMISE: Shape = {**_OFFER, "data.expected_by": _time, "data.admitted.starting": _many(_STARTING)}
_TIMED: Shape = {**_OFFER, "data.deadline!": _time}
_ENDED: Shape = {"data.consent_id!": UUID, "data.reason!": CODE}
_NEED: Shape = {
    "data.need.taxonomy!": CODE,
    "data.need.code!": CODE,
    "data.area": CODE,
    "data.urgency!": _one_of("routine", "soon", "urgent", "emergency"),
    "data.details": _sealed,
}
_OUTCOME: Shape = {
    **_OFFER,
    "data.outcome!": _RESULT,
    "data.reason": CODE,
    "data.attempts": _NUMBER,
    "data.outputs": _many(_OUTPUT),
    "data.note": _sealed,
}
_SCOPE: Shape = {
    "data.consent_id!": UUID,
    "data.recipients.partners": _many(SLUG),
    "data.except_recipients": _many(SLUG),
    "data.programme_classes": _many(CODE),
    "data.expires_at": _time,
}
SHAPES: dict[str, Shape] = {
    "client.registered": {"data.details": _sealed, "data.categories": _many(CODE)},
    "client.erased": {"data.certificate_id!": UUID},
    "client.linked": {"data.other_client!": UUID},
    "client.unlinked": {"data.other_client!": UUID},
    "consent.granted": {
        **_SCOPE,
        "data.recipients!": lambda value: isinstance(value, dict),
        "data.purposes!": _many(CODE, 1),
        "data.data_classes!": _many(CODE, 1),
        "data.subject_capacity!": _one_of("adult", "minor", "guardian"),
        "data.redisclosure!": CODE,
        "data.conditioned_on_service!": _one_of(False),
        "data.valid_from!": _time,
        "data.form!": CODE,
    },
    "consent.narrowed": {**_SCOPE, "data.purposes": _many(CODE, 1), "data.data_classes": _many(CODE, 1)},
    "consent.revoked": _ENDED,
    "consent.entered_in_error": _ENDED,
    "referral.requested": {**_NEED, "data.programme": CODE},
    "referral.handoff_reported": {**_NEED, **_OFFER, "data.channel!": _CHANNEL, "data.sector": CODE},
    "referral.offer_drafted": {
        **_OFFER,
        "data.recipient": SLUG,
        "data.to_class": CODE,
        "data.service_id": UUID,
        "data.details": _sealed,
    },
    "referral.offer_discarded": _REASONED,
    "referral.offer_recalled": _REASONED,
    "referral.closed": {"data.disposition!": CODE},
    "referral.offer_sent": {
        **_OFFER,
        "data.recipient": SLUG,
        "data.to_class": CODE,
        "data.service_id!": UUID,
        "data.purpose!": CODE,
        "data.data_classes!": _many(CODE, 1),
        "data.respond_by!": _time,
        "data.consent_id!": UUID,
        "data.replaces": UUID,
        "data.duplicate_reason": CODE,
        "data.details": _sealed,
    },
    "referral.offer_viewed": {**_OFFER, "data.by!": _one_of("person", "link", "system")},
    "referral.offer_accepted": _PROMISE,
    "referral.offer_declined": {**_OFFER, "data.reason!": CODE, "data.note": _sealed},
    "referral.service_started": _OFFER,
    "referral.offer_claimed": {**_PROMISE, "data.service_id!": UUID},
    "referral.offer_expired": _TIMED,
    "referral.reminded": _TIMED,
    "referral.escalated": _TIMED,
    "referral.contact_attempted": {
        **_OFFER,
        "data.channel!": _CHANNEL,
        "data.result!": _one_of(
            "reached", "left-message", "no-answer", "wrong-contact", "appointment-made", "not-safe-to-talk"
        ),
    },
    "referral.waitlisted": _PROMISE,
    "referral.put_on_hold": _REASONED,
    "referral.resumed": _OFFER,
    "referral.outcome_recorded": _OUTCOME,
    "referral.outcome_corrected": {**_OUTCOME, "data.because!": CODE},
    "referral.outcome_reported_by_sender": {
        **_OFFER,
        "data.outcome!": _RESULT,
        "data.reason": CODE,
        "data.heard_from!": _one_of("client", "partner"),
    },
    "referral.cancel_requested": _REASONED,
    "referral.cancel_confirmed": {**_OFFER, "data.deadline": _time},
    "referral.withdrawn": _REASONED,
    "referral.outcome_acknowledged": _OFFER,
    "referral.client_asked": {**_OFFER, "data.channel!": _CHANNEL},
    "referral.client_answered": {
        **_OFFER,
        "data.need_met!": _one_of("yes", "partly", "no"),
        "data.stop_sharing": _FLAG,
    },
    "referral.entered_in_error": {**_REASONED, "data.note": _sealed},
    "episode.enrolled": {"data.programme!": CODE, "data.household_head": _FLAG},
    "episode.service_delivered": {"data.kind!": CODE, "data.amount": AMOUNT, "data.unit": CODE},
    "episode.milestone_reached": {"data.milestone!": CODE, "data.reached_at!": _time},
    "episode.exited": {"data.destination": CODE, "data.outcome!": CODE},
    "episode.corrected": {
        "data.because!": CODE,
        "data.amount": AMOUNT,
        "data.reached_at": _time,
        **{f"data.{name}": CODE for name in ("kind", "unit", "milestone", "destination", "outcome")},
    },
    "episode.entered_in_error": {"data.reason!": CODE, "data.note": _sealed},
}


def fits(event: Any, shape: Shape) -> bool:
    """Return whether every path that must be there is, and every one that is has its form."""
    return all(_fits(event, path, check) for path, check in shape.items())


def _fits(event: Any, path: str, check: Check) -> bool:
    found: Any = event
    for name in path.removesuffix("!").split("."):
        if found is None:
            break
        if not isinstance(found, dict):
            return False
        found = found.get(name)
    return not path.endswith("!") if found is None else check(found)
