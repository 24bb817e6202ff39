"""Rules of an initiative: who may open it, set its policy, admit partners and speak for one."""

from events.authority import INIT, SECOND_PERSON_ROLES, partner_of
from events.catalogue import InitiativeEvent, type_of
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
from projections.check import refuse, rule
from projections.initiative.keys import backfill_key, initiative_key, partner_key, person_key, service_key
from projections.initiative.reading import holds
from projections.initiative.state import MOST_ROLES, Backfill, Initiative, Partner, Person, Role, Service
from projections.projection import Case
from projections.rulebook import Rule, Rulebook


def _initiative(event: InitiativeEvent, case: Case) -> Initiative:
    _own_key(event)
    found: Initiative | None = case.states.get(initiative_key(event.initiative))
    if found is None:
        refuse("initiative-not-open")
    return found


def _own_key(event: InitiativeEvent) -> None:
    """Refuse what does not stand under its initiative's key: there is no initiative there."""
    if event.partitionkey != event.initiative:
        refuse("initiative-not-open")


def _registrar(event: InitiativeEvent, case: Case) -> Initiative:
    """Return the initiative, once a registrar of its backbone, or `init` in process, says this."""
    initiative = _initiative(event, case)
    by_backbone = partner_of(event.source) == initiative.backbone and _is_registrar(event.actor, event, case)
    if event.source != INIT and not by_backbone:
        refuse("not-registrar")
    return initiative


def _is_registrar(person: str | None, event: InitiativeEvent, case: Case) -> bool:
    if person is None:
        return False
    initiative = case.states[initiative_key(event.initiative)]
    return holds(case.states.get(person_key(event.initiative, person)), initiative.backbone, "registrar")


def _about_initiative(event: InitiativeEvent) -> None:
    if event.subject != event.initiative:
        refuse("unknown-subject", "initiative")


def _partner(event: InitiativeEvent, case: Case) -> Partner:
    found: Partner | None = case.states.get(partner_key(event.initiative, event.subject))
    if found is None:
        refuse("unknown-subject", "partner")
    return found


def _self(event: InitiativeEvent, case: Case) -> None:
    """The partner speaks of itself, while it takes part."""
    _initiative(event, case)
    partner = _partner(event, case)
    if partner_of(event.source) != event.subject:
        refuse("not-permitted")
    if partner.absence is not None:
        refuse("not-permitted", partner.absence.how)


def _service(
    event: ServicePublished | ServiceChanged | ServiceRetired | CapacityReported, case: Case
) -> Service | None:
    found: Service | None = case.states.get(service_key(event.initiative, event.data.service_id))
    return found


@rule
def opened(event: Opened, case: Case) -> None:
    """Only `init` opens an initiative, once, under its own id."""
    if event.source != INIT:
        refuse("not-permitted")
    _about_initiative(event)
    _own_key(event)
    if case.states.get(initiative_key(event.initiative)) is not None:
        refuse("already-exists", "initiative")


@rule
def set_by_registrar(event: PolicySet | CodelistPublished, case: Case) -> None:
    """Policy and codelists are the registrar's; the newest holds."""
    _registrar(event, case)
    _about_initiative(event)


@rule
def backfill_opened(event: BackfillOpened, case: Case) -> None:
    """A window has a beginning before its end, and an id of its own."""
    _registrar(event, case)
    _about_initiative(event)
    if case.states.get(backfill_key(event.initiative, event.data.backfill_id)) is not None:
        refuse("already-exists", "backfill")
    if event.data.from_ >= event.data.until:
        refuse("empty-window")


@rule
def backfill_closed(event: BackfillClosed, case: Case) -> None:
    """A window closes once."""
    _registrar(event, case)
    _about_initiative(event)
    window: Backfill | None = case.states.get(backfill_key(event.initiative, event.data.backfill_id))
    if window is None:
        refuse("unknown-subject", "backfill")
    if window.closed is not None:
        refuse("illegal-transition", "closed")


@rule
def joined(event: Joined, case: Case) -> None:
    """A partner joins once."""
    _registrar(event, case)
    if case.states.get(partner_key(event.initiative, event.subject)) is not None:
        refuse("already-exists", "partner")


@rule
def agreement_signed(event: AgreementSigned, case: Case) -> None:
    """A registrar records the agreement of a partner that joined; a newer one takes its place."""
    _registrar(event, case)
    _partner(event, case)


@rule
def absent(event: Suspended | Left, case: Case) -> None:
    """A partner is suspended while it takes part, and leaves once; the backbone, which says so, does neither."""
    initiative = _registrar(event, case)
    absence = _partner(event, case).absence
    if event.subject == initiative.backbone:
        refuse("illegal-transition", "the backbone")
    if absence is not None and (absence.how == "left" or isinstance(event, Suspended)):
        refuse("illegal-transition", absence.how)


@rule
def reinstated(event: Reinstated, case: Case) -> None:
    """Whoever was suspended, or left, may take part again."""
    _registrar(event, case)
    if _partner(event, case).active:
        refuse("illegal-transition", "it takes part")


@rule
def succeeded_by(event: SucceededBy, case: Case) -> None:
    """Another partner, one that takes part, carries on; the newest successor holds."""
    _registrar(event, case)
    _partner(event, case)
    successor: Partner | None = case.states.get(partner_key(event.initiative, event.data.successor))
    if successor is None:
        refuse("unknown-subject", "successor")
    if event.data.successor == event.subject or not successor.active:
        refuse("illegal-transition", "the successor")


@rule
def profile_changed(event: ProfileChanged, case: Case) -> None:
    """A partner describes itself."""
    _self(event, case)


@rule
def service_published(event: ServicePublished, case: Case) -> None:
    """A partner publishes a service under a new id."""
    _self(event, case)
    if _service(event, case) is not None:
        refuse("already-exists", "service")


@rule
def service_told(event: ServiceChanged | ServiceRetired | CapacityReported, case: Case) -> None:
    """A partner speaks of a service of its own, until that is retired."""
    _self(event, case)
    service = _service(event, case)
    if service is None or service.partner != event.subject:
        refuse("unknown-subject", "service")
    if service.retired is not None:
        refuse("illegal-transition", "retired")


@rule
def role_assigned(event: RoleAssigned, case: Case) -> None:
    """A registrar gives a role; a coordinator's takes a second registrar's approval."""
    _registrar(event, case)
    _partner(event, case)
    person: Person | None = case.states.get(person_key(event.initiative, event.data.person_id))
    held = () if person is None else person.roles
    if Role(event.subject, event.data.role) in held:
        refuse("already-exists", "role")
    if len(held) >= MOST_ROLES:
        refuse("too-many", "roles")
    if event.data.role in SECOND_PERSON_ROLES and not _approved(event, case):
        refuse("needs-second-person")


@rule
def role_ended(event: RoleEnded, case: Case) -> None:
    """A registrar takes a role back, but not their own as registrar: so there is always one."""
    initiative = _registrar(event, case)
    _partner(event, case)
    person: Person | None = case.states.get(person_key(event.initiative, event.data.person_id))
    if not holds(person, event.subject, event.data.role):
        refuse("unknown-subject", "role")
    registrars = (event.subject, event.data.role) == (initiative.backbone, "registrar")
    if registrars and event.data.person_id == event.actor:
        refuse("not-permitted", "their own role")


def _approved(event: RoleAssigned, case: Case) -> bool:
    return event.approver != event.actor and _is_registrar(event.approver, event, case)


RULES = Rulebook(
    (
        Rule(1, type_of(Opened), opened),
        Rule(2, type_of(PolicySet), set_by_registrar),
        Rule(3, type_of(CodelistPublished), set_by_registrar),
        Rule(4, type_of(BackfillOpened), backfill_opened),
        Rule(5, type_of(BackfillClosed), backfill_closed),
        Rule(6, type_of(Joined), joined),
        Rule(7, type_of(AgreementSigned), agreement_signed),
        Rule(8, type_of(ProfileChanged), profile_changed),
        Rule(9, type_of(ServicePublished), service_published),
        Rule(10, type_of(ServiceChanged), service_told),
        Rule(11, type_of(CapacityReported), service_told),
        Rule(12, type_of(RoleAssigned), role_assigned),
        Rule(13, type_of(Suspended), absent),
        Rule(14, type_of(Left), absent),
        Rule(15, type_of(Reinstated), reinstated),
        Rule(16, type_of(SucceededBy), succeeded_by),
        Rule(17, type_of(ServiceRetired), service_told),
        Rule(18, type_of(RoleEnded), role_ended),
    )
)
