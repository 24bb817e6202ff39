"""Stretches of service at one partner, and the rows they are read by."""

from collections.abc import Iterator
from typing import Any

from tests.oracle.case import Case, Refused, Said, need
from tests.oracle.shapes import instant

Body = dict[str, Any]


def apply(said: Said) -> None:
    """Judge an event of an episode and change it."""
    episode, cause = said.case.episodes.get(said.event["subject"]), said.event.get("causationid")
    if said.name == "enrolled":
        need(said.case.serves(said.partner), "not-permitted")
        need(episode is None, "already-exists")
        said.case.episodes[said.event["subject"]] = _enrolled(said)
        return
    if episode is None:
        raise Refused("unknown-subject")
    need(said.partner == episode["partner"], "not-permitted")
    said.in_order(episode)
    need(not episode["in_error"], "illegal-transition")
    if said.name in ("service_delivered", "milestone_reached", "exited"):
        need(episode["exit"] is None, "illegal-transition")
    if said.name == "corrected":
        need(cause, "cause-missing")
    _happened(said, episode, cause)
    episode["last"] = said.at


def _enrolled(said: Said) -> Body:
    return {
        "partner": said.partner,
        "programme": said.data["programme"],
        "household_head": said.data.get("household_head", False),
        "enrolled_at": instant(said.event["time"]),
        "exited_at": None,
        "destination": None,
        "outcome": None,
        "services": 0,
        "milestones": 0,
        "in_error": False,
        "backfilled": "backfill" in said.data["admitted"],
        #: The id of the event that ended it.
        "exit": None,
        "last": said.at,
    }


def _happened(said: Said, episode: Body, cause: str | None) -> None:
    data, told = said.data, episode["exit"] is not None and cause == episode["exit"]
    match said.name:
        case "service_delivered":
            episode["services"] += 1
        case "milestone_reached":
            episode["milestones"] += 1
        case "exited":
            episode.update({name: data.get(name) for name in ("destination", "outcome")})
            episode.update(exit=said.event["id"], exited_at=instant(said.event["time"]))
        case "corrected" if told:
            episode.update({name: data[name] for name in ("destination", "outcome") if data.get(name)})
        case "entered_in_error" if cause is None:
            episode["in_error"] = True
        case "entered_in_error" if told:
            episode.update(dict.fromkeys(("exit", "exited_at", "destination", "outcome")))


def rows(initiative: str, record: str, case: Case) -> Iterator[Body]:
    """Yield a row for each episode of the client."""
    for key, episode in case.episodes.items():
        said = {name: value for name, value in episode.items() if name not in ("exit", "last")}
        erased = case.client is not None and case.client["erased"]
        yield {"initiative": initiative, "record": record, "id": key, **said, "erased": erased}
