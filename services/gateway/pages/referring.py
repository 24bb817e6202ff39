"""A referral as a form asks for it, and the events that it amounts to.  Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

import orjson

from events.spoken import OWN
from services.gateway.agreed import Person
from services.gateway.pages.choosing import Checks, Radios, Select, Yes
from services.gateway.pages.drafting import Step
from services.gateway.pages.fields import Day, Field, Line, Text
from services.gateway.pages.whom import Whom
from services.gateway.pages.words import URGENCIES

#: Stands for a consent that is recorded with the referral.
NEW = "new"
SERVICES, CONSENTS, MEMBERS = "services", "consents", "members"
_DETAILS = Text(
    name="details",
    label="What they should know",
    hint="The person's name, how to reach them, and what they need. It is sealed: it opens for the organisation that "
    "takes the person on, and for nobody else.",
)
_SERVICE = Radios(name="service_id", label="Which service", of=SERVICES, required=True)
_SHARING = (
    Select(name="purpose", label="What for", of="purpose", required=True),
    Checks(
        name="data_classes",
        label="What is shared",
        of="data-class",
        required=True,
        hint="No more than the other organisation needs.",
    ),
    Day(
        name="respond_by",
        label="Answer by",
        required=True,
        hint="The day by whose end they should have answered.",
    ),
)
_REASON = Select(
    name="duplicate_reason",
    label="Why a second referral to the same service",
    of="duplicate-reason",
    hint="This person has an open referral to this service already.",
)
_CONSENT = Radios(name="consent_id", label="What the person agreed to", of=CONSENTS, required=True)
_MEMBERS = Checks(
    name="members",
    label="Who of them is asked",
    of=MEMBERS,
    required=True,
    hint="Name them to the person, and take out whom the person does not want. Nobody else is asked, and nobody who "
    "joins later.",
)
_NEW_CONSENT: tuple[Field, ...] = (
    Yes(
        name="agreed",
        label="The person was told what is shared, with whom and what for, and agreed",
        hint="You read it out, or they read it. Service never depends on it, and they can take it back at any time.",
        required=True,
        needed="Record a consent only when the person was told and agreed",
    ),
    Select(name="form", label="How they agreed", of="consent-form", required=True),
    Radios(
        name="subject_capacity",
        label="Who agreed",
        options=(
            ("adult", "The person, who is of age"),
            ("minor", "The person, who is a minor and may decide this"),
            ("guardian", "A guardian"),
        ),
        required=True,
    ),
    Day(
        name="guardian_until",
        label="Until when the guardian decides",
        depends=True,
        hint="Only where a guardian agreed.",
    ),
    Yes(name="hidden_from_guardian", label="Keep it from the guardian"),
    Radios(
        name="redisclosure",
        label="May the other organisation pass it on?",
        options=(
            ("none", "No"),
            ("with-consent", "Only where the person agrees to that too"),
            ("permitted", "Yes"),
        ),
        required=True,
    ),
    Day(name="expires_at", label="Until when it holds", hint="Left out, it holds until the person takes it back."),
)
_NEED: tuple[Field, ...] = (
    Line(
        name="own",
        label="Your number for the person",
        hint="The number or code that you know the person by, never a name. It stays with you: others are told nothing "
        "of it.",
        required=True,
    ),
    Select(name="need", label="What is needed", of="need", required=True),
    Select(name="area", label="Where", of="area"),
    Radios(name="urgency", label="How urgent it is", options=tuple(URGENCIES.items()), required=True),
    _DETAILS,
)


def fields_of(step: Step, *, again: bool, rival: bool, fresh: bool, several: bool) -> tuple[Field, ...]:
    """Return the fields of a step.

    `again` for a need that was stated, `fresh` where a consent is recorded too, `several` where a class is asked.
    """
    if step == "need":
        return _NEED
    if step == "service":
        return (_SERVICE, *_SHARING, *((_REASON,) if rival else ()), *((_DETAILS,) if again else ()))
    if step == "agreement":
        return (_CONSENT, *((_MEMBERS,) if fresh and several else ()), *(_NEW_CONSENT if fresh else ()))
    return ()


#: All that the step of the consent may hold, whether or not it is asked for this time.
AGREEMENT = (_CONSENT, _MEMBERS, *_NEW_CONSENT)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A referral of which everything is chosen."""

    submission: str
    person: Person
    #: The values of all fields, as events have them.
    values: Mapping[str, Any]
    whom: Whom
    taxonomy: str
    #: The day that it is in the initiative's zone.
    today: str
    referral: str | None = None
    replaces: str | None = None
    #: The offer in preparation that this one takes up.
    taken_up: str | None = None

    @property
    def own(self) -> str:
        """The sender's own id of everything that the referral brings about."""
        return f"{OWN}page-{self.submission}"

    @property
    def registers(self) -> bool:
        return self.person.client is None

    @property
    def grants(self) -> bool:
        return bool(self.values["consent_id"] == NEW)


class Row(NamedTuple):
    """An event of the referral: its short type, and as it is sent."""

    type: str
    said: dict[str, Any]


def rows(plan: Plan) -> list[Row]:
    """Return the events that the referral amounts to, in order, without their times."""
    found = [registered(plan)] if plan.registers else []
    if plan.grants:
        found.append(_granted(plan))
    if plan.referral is None:
        found.append(requested(plan))
    return [*found, _sent(plan)]


def written(found: Sequence[Row], at: datetime) -> list[bytes]:
    """Return the events as they are admitted."""
    return [orjson.dumps({**row.said, "type": row.type, "time": at.isoformat()}) for row in found]


def registered(plan: Plan) -> Row:
    return Row("client.registered", {"id": f"page-{plan.submission}-client", "client": plan.person.name, "data": {}})


_GRANT = ("subject_capacity", "guardian_until", "redisclosure", "expires_at", "form")


def _granted(plan: Plan) -> Row:
    values = plan.values
    data = {name: values[name] for name in _GRANT if name in values}
    data |= {
        "consent_id": plan.own,
        **plan.whom.agreed,
        "purposes": [values["purpose"]],
        "data_classes": values["data_classes"],
        "programme_classes": list(plan.whom.programmes),
        "hidden_from_guardian": values.get("hidden_from_guardian", False),
        "conditioned_on_service": False,
        "valid_from": plan.today,
    }
    return Row("consent.granted", {"id": f"page-{plan.submission}-consent", "client": plan.person.name, "data": data})


def requested(plan: Plan) -> Row:
    values = plan.values
    data = {name: values[name] for name in ("area", "urgency", "details") if name in values}
    data["need"] = {"taxonomy": plan.taxonomy, "code": values["need"]}
    said = {"client": plan.person.name, "subject": plan.own, "data": data}
    return Row("referral.requested", {"id": f"page-{plan.submission}-need", **said})


_OFFER = ("purpose", "data_classes", "respond_by", "duplicate_reason")


def _sent(plan: Plan) -> Row:
    values = plan.values
    data = {name: values[name] for name in _OFFER if name in values}
    consent = plan.own if plan.grants else values["consent_id"]
    data |= {"offer_id": plan.taken_up or plan.own, "consent_id": consent, **plan.whom.addressed}
    if plan.replaces is not None:
        data["replaces"] = plan.replaces
    if plan.referral is not None and "details" in values:
        data["details"] = values["details"]
    said = {"id": f"page-{plan.submission}-offer", "subject": plan.referral or plan.own, "data": data}
    return Row("referral.offer_sent", said)


#: The field that an objection is about, by the event's short type and the place in it or the code.
ABOUT: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("client.registered", "already-registered"): "own",
        ("client.registered", "/client"): "own",
        ("consent.granted", "not-permitted"): "own",
        ("referral.requested", "not-permitted"): "own",
        ("referral.requested", "client-erased"): "own",
        ("consent.granted", "client-erased"): "own",
        ("referral.requested", "/client"): "own",
        ("consent.granted", "/data/form"): "form",
        ("consent.granted", "/data/expires_at"): "expires_at",
        ("consent.granted", "/data/guardian_until"): "guardian_until",
        ("consent.granted", "self-consent"): "service_id",
        ("consent.granted", "/data/except_recipients"): "members",
        ("referral.offer_sent", "/data/respond_by"): "respond_by",
        ("referral.offer_sent", "/data/recipient"): "service_id",
        ("referral.offer_sent", "/data/service_id"): "service_id",
        ("referral.offer_sent", "duplicate-open-offer"): "duplicate_reason",
        ("referral.offer_sent", "unknown-subject"): "service_id",
        ("referral.offer_sent", "consent-missing"): "consent_id",
        ("referral.offer_sent", "consent-does-not-cover"): "consent_id",
    }
)
#: The step on which each field stands.
STEP_OF: Mapping[str, Step] = MappingProxyType(
    dict[str, Step]()
    | {field.name: "need" for field in _NEED if field is not _DETAILS}
    | {field.name: "service" for field in (_SERVICE, *_SHARING, _REASON)}
    | {field.name: "agreement" for field in AGREEMENT}
)
