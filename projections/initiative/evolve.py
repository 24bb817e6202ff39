"""What an applied event makes of the aggregate that it is about."""

from collections.abc import Mapping
from typing import Any, Literal, assert_never

from msgspec.structs import replace

from events.catalogue import InitiativeEvent
from events.initiative import BackfillClosed, BackfillOpened, CodelistPublished, Opened, PolicySet
from events.partner import (
    AgreementSigned,
    CapacityReported,
    Joined,
    Left,
    ProfileChanged,
    Reinstated,
    RoleAssigned,
    RoleEnded,
    ServiceChanged,
    ServicePublished,
    ServiceRetired,
    SucceededBy,
    Suspended,
)
from projections.initiative.keys import (
    backfill_key,
    codelist_key,
    initiative_key,
    partner_key,
    person_key,
    service_key,
)
from projections.initiative.state import (
    Absence,
    Agreement,
    Backfill,
    Capacity,
    Codelist,
    Initiative,
    Partner,
    Person,
    Policy,
    Role,
    Service,
)
from projections.projection import At, Case, Key, State
from projections.times import utc


def evolve(event: InitiativeEvent, case: Case) -> Mapping[Key, State]:
    """Return the one aggregate that the event changes, in its new state."""
    key = changed(event)
    return {key: _after(event, case.states.get(key), case.at)}


def changed(event: InitiativeEvent) -> Key:
    """Return the aggregate that the event changes."""
    initiative = event.initiative
    match event:
        case Opened() | PolicySet():
            return initiative_key(initiative)
        case CodelistPublished():
            return codelist_key(initiative, event.data.codelist)
        case BackfillOpened() | BackfillClosed():
            return backfill_key(initiative, event.data.backfill_id)
        case Joined() | AgreementSigned() | ProfileChanged() | Suspended() | Reinstated() | Left() | SucceededBy():
            return partner_key(initiative, event.subject)
        case ServicePublished() | ServiceChanged() | ServiceRetired() | CapacityReported():
            return service_key(initiative, event.data.service_id)
        case RoleAssigned() | RoleEnded():
            return person_key(initiative, event.data.person_id)
        case _:
            assert_never(event)


def _after(event: InitiativeEvent, before: State, at: At) -> State:
    match event:
        case Opened():
            return _opened(event)
        case PolicySet():
            return replace(before, policy=_policy(before.policy, event))
        case CodelistPublished():
            labels = {entry.code: entry.label for entry in event.data.entries}
            return Codelist(labels=labels, published=utc(event.time))
        case BackfillOpened():
            return _window(event)
        case BackfillClosed():
            return replace(before, closed=utc(event.time))
        case RoleAssigned() | RoleEnded():
            return _person(event, before)
        case ServicePublished() | ServiceChanged() | ServiceRetired() | CapacityReported():
            return _offered(event, before)
        case _:
            return _member(event, before, at)


_OfMember = Joined | AgreementSigned | Suspended | Left | Reinstated | SucceededBy | ProfileChanged


def _member(event: _OfMember, before: State, at: At) -> State:
    match event:
        case Joined():
            return _joined(event)
        case AgreementSigned():
            return replace(before, agreement=_agreement(event))
        case Suspended() | Left():
            return replace(before, active=False, absence=_absence(event, at))
        case Reinstated():
            return replace(before, active=True, absence=None, successor=None)
        case SucceededBy():
            return replace(before, successor=event.data.successor)
        case ProfileChanged():
            return replace(before, **_given(event))
        case _:
            assert_never(event)


def _offered(event: ServicePublished | ServiceChanged | ServiceRetired | CapacityReported, before: State) -> State:
    match event:
        case ServicePublished():
            return _service(event)
        case ServiceChanged():
            return replace(before, **_given(event))
        case ServiceRetired():
            return replace(before, accepts_referrals=False, retired=utc(event.time))
        case CapacityReported():
            return replace(before, capacity=_capacity(event))
        case _:
            assert_never(event)


def _person(event: RoleAssigned | RoleEnded, before: State) -> Person:
    role = Role(event.subject, event.data.role)
    held = () if before is None else before.roles
    if isinstance(event, RoleAssigned):
        return Person((*held, role))
    return Person(tuple(each for each in held if each != role))


def _given(event: PolicySet | ProfileChanged | ServiceChanged) -> dict[str, Any]:
    """Return the parts that the event gives: each replaces the one in force."""
    left_out = {"admitted", "service_id"}
    return {name: value for name, value in event.data if value is not None and name not in left_out}


def _opened(event: Opened) -> Initiative:
    data = event.data
    return Initiative(name=data.name, backbone=data.backbone, opened=utc(event.time), policy=Policy(zone=data.zone))


def _policy(before: Policy, event: PolicySet) -> Policy:
    return replace(before, **_given(event))


def _window(event: BackfillOpened) -> Backfill:
    data = event.data
    return Backfill(
        partners=data.partners,
        since=utc(data.from_),
        until=utc(data.until),
        reason=data.reason,
        opened=utc(event.time),
    )


def _joined(event: Joined) -> Partner:
    data = event.data
    return Partner(
        name=data.name,
        sector=data.sector,
        reporting=data.reporting,
        classes=data.classes,
        networks=data.networks,
        seats_of_lived_experience=data.seats_of_lived_experience,
        joined=utc(event.time),
    )


def _agreement(event: AgreementSigned) -> Agreement:
    data = event.data
    return Agreement(id=data.agreement_id, version=data.version, signed=utc(data.signed_at))


def _absence(event: Suspended | Left, at: At) -> Absence:
    how: Literal["left", "suspended"] = "left" if isinstance(event, Left) else "suspended"
    return Absence(how=how, since=utc(event.time), recorded=utc(at.recorded))


def _service(event: ServicePublished) -> Service:
    data = event.data
    return Service(
        partner=event.subject,
        name=data.name,
        description=data.description,
        needs=data.needs,
        areas=data.areas,
        eligibility=data.eligibility,
        accepts_referrals=data.accepts_referrals,
        programme_class=data.programme_class,
        min_attempts=data.min_attempts,
        respond_business_days=data.respond_business_days,
        start_business_days=data.start_business_days,
        published=utc(event.time),
    )


def _capacity(event: CapacityReported) -> Capacity:
    data = event.data
    return Capacity(
        status=data.status,
        available=data.available,
        maximum=data.maximum,
        unit=data.unit,
        reported=utc(event.time),
    )
