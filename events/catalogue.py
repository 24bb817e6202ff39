"""Every published event type: its class and the topic it stands on."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, get_args

from events import client, consent, disclosure, episode, initiative, partner, referral, topics
from events.envelope import PREFIX, Envelope

CaseEvent = client.Event | consent.Event | referral.Event | episode.Event
InitiativeEvent = initiative.Event | partner.Event
DisclosureEvent = disclosure.Event
Event = CaseEvent | InitiativeEvent | DisclosureEvent

UNIONS: Mapping[topics.Topic, Any] = MappingProxyType(
    {
        topics.CASES: CaseEvent,
        topics.INITIATIVES: InitiativeEvent,
        topics.DISCLOSURES: DisclosureEvent,
    }
)


def type_of(event: type[Envelope]) -> str:
    """Return the full type name that this class of event has on the wire."""
    name: str = get_args(event.model_fields["type"].annotation)[0]
    return name


@cache
def short(full: str) -> str:
    """Return the name people use: `org.manyhands.referral.offer_sent.v1` is `referral.offer_sent`."""
    return full.removeprefix(PREFIX).rsplit(".", 1)[0]


def version(full: str) -> int:
    """Return the version that a full type name ends with."""
    return int(full.rsplit(".v", 1)[1])


TYPES: Mapping[str, type[Envelope]] = MappingProxyType(
    {type_of(cls): cls for union in UNIONS.values() for cls in get_args(union)}
)
TOPIC_OF: Mapping[str, topics.Topic] = MappingProxyType(
    {type_of(cls): topic for topic, union in UNIONS.items() for cls in get_args(union)}
)
#: Full names by themselves and by their short form; the short form means the newest version.
NAMES: Mapping[str, str] = MappingProxyType(
    {short(full): full for full in sorted(TYPES, key=version)} | {full: full for full in TYPES}
)
