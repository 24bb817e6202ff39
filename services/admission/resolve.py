"""The caller's own words for things → what stands on the log: ids, record keys, codes in force, instants."""

import re
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from events import topics
from events.authority import AUTHORITY, Who
from events.catalogue import TOPIC_OF, short
from events.disclosure import THEMSELF
from events.fields import EARLIEST, LATEST, UUID_PATTERN, Codelist, DateOrInstant
from events.spoken import OWN
from services.admission import linked, places
from services.admission.caller import Caller, ClientLink, Link, Partner, System
from services.admission.context import Context, Held
from services.admission.digest import Naming
from services.admission.parse import Parsed
from services.admission.problem import TurnedAway
from services.admission.standing import Standing, first_instant, last_instant

REGISTERED = "org.manyhands.client.registered.v1"
#: Events that open a subject of their own, with the kind of thing that it is.
OPENING: Mapping[str, str] = MappingProxyType(
    {
        "org.manyhands.referral.requested.v1": "referral",
        "org.manyhands.referral.handoff_reported.v1": "referral",
        "org.manyhands.episode.enrolled.v1": "episode",
    }
)
#: Events that name their client; every other case event is found by its subject.
NAMING_CLIENT = frozenset(
    full for full, row in AUTHORITY.items() if row.who is Who.ALIAS_HOLDER and TOPIC_OF[full] is topics.CASES
)
#: What partners have names of their own for, beside clients.
CONSENT = "consent"
DAY_LENGTH = len("2026-01-31")
_UUID = re.compile(UUID_PATTERN)


def owner(caller: Caller) -> str:
    """Return the name under which a caller's own ids are its own; no partner's slug holds a colon."""
    match caller:
        case Partner():
            return caller.partner
        case Link():
            return f"link:{caller.random}"
        case ClientLink():
            return f"client-link:{caller.random}"
        case System():
            return f"system:{caller.name}"


def translated(caller: Caller, naming: Naming, kind: str, said: str) -> str:
    """Return the id on the log for an id as said: `own:<id>` is derived, anything else stands for itself.

    A partner is told of a consent by a name of its own, and may say that.
    """
    if kind == CONSENT and isinstance(caller, Partner) and not said.startswith(OWN):
        return naming.unmasked(caller.initiative, caller.partner, CONSENT, said)
    if not said.startswith(OWN):
        return said
    return naming.own(caller.initiative, owner(caller), kind, said.removeprefix(OWN))


def client_name(caller: Caller, parsed: Parsed) -> str | None:
    """Return the caller's name for the client, when this type of event names one."""
    if isinstance(caller, Partner) and parsed.type in NAMING_CLIENT:
        return parsed.said.client
    return None


def case_subject(caller: Caller, naming: Naming, parsed: Parsed) -> str | None:
    """Return the referral or episode whose place is to be found, or None when the event is about something else.

    The link to an offer knows that place.
    """
    if not isinstance(caller, Partner | ClientLink) or TOPIC_OF[parsed.type] is not topics.CASES:
        return None
    if parsed.type in NAMING_CLIENT and parsed.type not in OPENING:
        return None
    said = parsed.said.subject
    if said is None or not (said.startswith(OWN) or _UUID.fullmatch(said)):
        return None
    return translated(caller, naming, _kind(parsed), said)


def _kind(parsed: Parsed) -> str:
    """Return what the subject of a case event is, where it is no client."""
    return "episode" if short(parsed.type).startswith("episode.") else "referral"


def place(context: Context, parsed: Parsed) -> tuple[str, str]:
    """Return subject and record key.  Raises TurnedAway, `not-found` for unknown and foreign alike."""
    match context.caller:
        case System():
            return _system_place(context, parsed)
        case Link() as link:
            return linked.of_offer(link, parsed)
        case ClientLink() as link:
            return linked.of_client(link, parsed, context.found.held)
        case Partner():
            return _partner_place(context, context.caller, parsed)


def _partner_place(context: Context, caller: Partner, parsed: Parsed) -> tuple[str, str]:
    if TOPIC_OF[parsed.type] is topics.INITIATIVES:
        return _initiative_place(context, caller, parsed)
    if parsed.type in OPENING:
        return _opened(context, parsed), _client(context, parsed)
    if parsed.type in NAMING_CLIENT:
        if parsed.said.subject is not None:
            raise TurnedAway("reserved-field", "/subject")
        client = _client(context, parsed)
        return client, client
    if parsed.said.client is not None:
        raise TurnedAway("unknown-field", "", "the client is known from the subject")
    subject = _subject(context, parsed)
    return subject, _taking_part(caller, parsed, context.found.held.get(subject)).record


def _system_place(context: Context, parsed: Parsed) -> tuple[str, str]:
    said = parsed.said
    if TOPIC_OF[parsed.type] is topics.INITIATIVES:
        return said.subject or context.caller.initiative, context.caller.initiative
    if said.partitionkey is None:
        raise TurnedAway("missing-field", "/partitionkey")
    return said.subject or said.partitionkey, said.partitionkey


def _initiative_place(context: Context, caller: Partner, parsed: Parsed) -> tuple[str, str]:
    said, initiative = parsed.said, caller.initiative
    if said.client is not None:
        raise TurnedAway("unknown-field", "", "this event is about no client")
    if not short(parsed.type).startswith("partner."):
        if said.subject not in (None, initiative):
            raise TurnedAway("invalid-value", "/subject")
        return initiative, initiative
    subject = said.subject or (caller.partner if AUTHORITY[parsed.type].who is Who.SELF else None)
    if subject is None:
        raise TurnedAway("missing-field", "/subject")
    if subject.startswith(OWN) or subject == THEMSELF:
        raise TurnedAway("invalid-value", "/subject")
    if subject not in context.standing.members and parsed.type != "org.manyhands.partner.joined.v1":
        raise TurnedAway("unknown-partner", "/subject")
    return subject, initiative


def _subject(context: Context, parsed: Parsed) -> str:
    said = parsed.said.subject
    if said is None:
        raise TurnedAway("missing-field", "/subject")
    if not said.startswith(OWN) and not _UUID.fullmatch(said):
        raise TurnedAway("invalid-value", "/subject")
    return translated(context.caller, context.naming, _kind(parsed), said)


def _opened(context: Context, parsed: Parsed) -> str:
    """Return the referral or episode that the event opens, which goes by an id of the caller's own.

    Any other may be somebody else's, and whether it could be opened would tell.
    """
    said = parsed.said.subject
    if said is not None and not said.startswith(OWN):
        raise TurnedAway("invalid-value", "/subject", "what an event opens goes by an id of your own, own:<id>")
    return _subject(context, parsed)


def _client(context: Context, parsed: Parsed) -> str:
    name = parsed.said.client
    if name is None:
        raise TurnedAway("missing-field", "/client")
    known = context.found.clients.get(name)
    if known is not None:
        return known
    if parsed.type == REGISTERED and name.startswith(OWN):
        return name
    raise TurnedAway("not-found", "/client")


def _taking_part(caller: Partner, parsed: Parsed, held: Held | None) -> Held:
    if held is None or caller.partner not in (held.opener, *held.participants):
        raise TurnedAway("not-found", "/subject")
    may = AUTHORITY[parsed.type].all
    if (caller.partner == held.opener and not _OPENS.isdisjoint(may)) or (
        caller.partner in held.participants and not _TAKES_PART.isdisjoint(may)
    ):
        return held
    raise TurnedAway("not-authorised", "/subject")


#: What the partner that opened a subject is to it, and what others are that take part.
_OPENS = frozenset({Who.SENDER, Who.PROVIDER})
_TAKES_PART = frozenset({Who.RECIPIENT, Who.CLASS_MEMBER})


def resolve(context: Context, parsed: Parsed) -> None:
    """Put ids, instants and checked codes into the event's data.  Raises TurnedAway."""
    data = parsed.data
    marked = places.MARKED[parsed.type]
    for key, pointer, mark in marked.plain:
        if key in data:
            _put(context, mark, places.Spot(data, key, pointer))
    for key, codelist in marked.codes:
        if key in data and isinstance(context.caller, Partner):
            _check_codes(context.standing, codelist.name, data[key], "/data/" + key)
    for path, mark in marked.inside:
        for spot in places.spots(data, path):
            _put(context, mark, spot)
    if parsed.said.latereason is not None:
        _check_code(context.standing, "late-reason", parsed.said.latereason, "/latereason")


def _put(context: Context, mark: places.LookUp, spot: places.Spot) -> None:
    inside, key, pointer = spot
    if isinstance(mark, Codelist):
        # The codes that this system itself says are in the standard lists, whatever an initiative publishes.
        if isinstance(context.caller, Partner):
            _check_code(context.standing, mark.name, inside[key], pointer)
    elif isinstance(mark, DateOrInstant):
        inside[key] = _instant(spot, context.standing, end=mark.end_of_day)
    else:
        inside[key] = translated(context.caller, context.naming, mark.kind, inside[key])


def _check_code(standing: Standing, codelist: str, code: str, pointer: str) -> None:
    if code not in standing.codelists.get(codelist, ()):
        raise TurnedAway("unknown-code", pointer, f"not in the codelist {codelist}")


def _check_codes(standing: Standing, codelist: str, codes: list[str], pointer: str) -> None:
    if not standing.codelists.get(codelist, frozenset()).issuperset(codes):
        for index, code in enumerate(codes):
            _check_code(standing, codelist, code, f"{pointer}/{index}")


def _instant(spot: places.Spot, standing: Standing, *, end: bool) -> datetime:
    said: str = spot.value
    if len(said) != DAY_LENGTH:
        return _written(said, spot)
    zone = standing.zone
    instant = None if zone is None else last_instant(said, zone) if end else first_instant(said, zone)
    if instant is None:
        raise TurnedAway("bad-date", spot.pointer)
    if not EARLIEST <= instant < LATEST:
        raise TurnedAway("out-of-bounds", spot.pointer)
    return instant


def _written(said: str, spot: places.Spot) -> datetime:
    """Return a time as it will be written in the one form that every reader takes; the schema accepts a few more."""
    try:
        return datetime.fromisoformat(said.upper())
    except ValueError:
        raise TurnedAway("invalid-value", spot.pointer) from None
