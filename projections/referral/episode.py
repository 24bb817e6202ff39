"""What an event makes of an episode, and the row that it is read by."""

from datetime import datetime
from pathlib import Path
from typing import assert_never

from msgspec.structs import replace

from events.authority import partner_of
from events.episode import (
    Corrected,
    Enrolled,
    EpisodeInError,
    Exited,
    MilestoneReached,
    ServiceDelivered,
)
from events.episode import Event as EpisodeEvent
from projections.projection import Key, Kind, Row, Table
from projections.referral.state import Episode, decode_episode, encode
from projections.times import utc

EPISODE = Table(
    name="episode",
    columns={
        "initiative": "text",
        "record": "uuid",
        "id": "uuid",
        "state": "text",
        "partner": "text",
        "programme": "text",
        "household_head": "bool",
        "enrolled_at": "timestamptz",
        "exited_at": "timestamptz",
        "destination": "text",
        "outcome": "text",
        "services": "int4",
        "milestones": "int4",
        "in_error": "bool",
        "backfilled": "bool",
        "erased": "bool",
    },
    key=("initiative", "record", "id"),
    sql=Path(__file__).with_name("episode.sql"),
    erasable=(),
)


def row(key: Key, episode: Episode) -> Row:
    """Return the episode's row."""
    return (
        *key[1:],
        encode(episode),
        episode.partner,
        episode.programme,
        episode.household_head,
        episode.enrolled,
        episode.exited,
        episode.destination,
        episode.outcome,
        episode.services,
        episode.milestones,
        episode.in_error,
        episode.backfilled,
        False,
    )


EPISODES = Kind(EPISODE, decode_episode, row)


def evolved(event: EpisodeEvent, before: Episode | None, now: datetime) -> Episode:
    """Return the episode after the event; `now` is the event's instant."""
    if isinstance(event, Enrolled):
        return _enrolled(event, now)
    if before is None:
        raise LookupError("an applied event speaks of an episode that is not there")
    after = replace(before, last=now)
    match event:
        case ServiceDelivered():
            return replace(after, services=before.services + 1)
        case MilestoneReached():
            return replace(after, milestones=before.milestones + 1)
        case Exited():
            data = event.data
            ended = replace(after, exited=utc(event.time), exit=event.id)
            return replace(ended, destination=data.destination, outcome=data.outcome)
        case Corrected():
            return _corrected(event, after)
        case EpisodeInError():
            return _in_error(event, after)
        case _:
            assert_never(event)


def _enrolled(event: Enrolled, now: datetime) -> Episode:
    return Episode(
        partner=partner_of(event.source) or "",
        programme=event.data.programme,
        household_head=event.data.household_head,
        enrolled=utc(event.time),
        last=now,
        backfilled=event.data.admitted.backfill is not None,
    )


def _corrected(event: Corrected, episode: Episode) -> Episode:
    """Of all that may be corrected only how it ended is kept in the state; the rest stands in the timeline."""
    data, counted = event.data, replace(episode, corrections=episode.corrections + 1)
    if not _of_exit(event, episode):
        return counted
    destination = episode.destination if data.destination is None else data.destination
    outcome = episode.outcome if data.outcome is None else data.outcome
    return replace(counted, destination=destination, outcome=outcome)


def _in_error(event: EpisodeInError, episode: Episode) -> Episode:
    """An exit that never was leaves the episode open; without a cause all of it never was."""
    if event.causationid is None:
        return replace(episode, in_error=True)
    counted = replace(episode, corrections=episode.corrections + 1)
    if not _of_exit(event, episode):
        return counted
    return replace(counted, exited=None, exit=None, destination=None, outcome=None)


def _of_exit(event: Corrected | EpisodeInError, episode: Episode) -> bool:
    return episode.exit is not None and event.causationid == episode.exit
